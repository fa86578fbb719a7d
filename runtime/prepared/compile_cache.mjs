/** The folder in which Node keeps compiled code for the next start. */
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { crc32 } from 'node:zlib'
import { cacheFolder, runsInCi } from '../host/cache_folder.mjs'
import { distrust, settingsFiles, trustedUsers } from '../host/trusted_files.mjs'

/**
 * Makes the folder, beside the tokens. It must be private: whoever can write to it decides what runs. There is none if
 * nothing may be kept, by default in a CI, or in `.wfg`, where scripts with few rights may write. Without it, a start only
 * takes longer.
 *
 * @param {Pick<NodeJS.Process, 'env' | 'platform' | 'cwd' | 'geteuid'>} process
 * @param {string} directory the folder that holds `.env`
 * @returns {string | undefined}
 */
export function compileCacheFolder({ env, platform, cwd, geteuid }, directory) {
  try {
    const settings = readSettings(directory)
    if (isOff(env, settings)) return undefined
    const inEnv = env['WFG_CACHE_DIR']?.trim()
    const inFile = settings.find((each) => each['WFG_CACHE_DIR']?.trim())?.['WFG_CACHE_DIR']
    const configured = inEnv ? resolve(cwd(), inEnv) : inFile && resolve(directory, inFile.trim())
    const parent = cacheFolder({ env, platform }, configured || undefined)
    if (parent === undefined) return undefined
    const folder = join(parent, 'compiled')
    if (!makePrivate(folder, trustedUsers(env, geteuid?.()))) return undefined
    return isWithin(join(realpathSync(directory), '.wfg'), realpathSync(folder)) ? undefined : folder
  } catch {
    return undefined
  }
}

/**
 * Makes the folder, and removes the rights of others, whatever the umask.
 *
 * @param {string} folder
 * @param {import('../host/trusted_files.mjs').Users} [users]
 * @returns {boolean} false if another user may have written to it
 */
export function makePrivate(folder, users) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = statSync(folder)
  if (distrust(found, users) !== undefined) return false
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700)
  return true
}

/**
 * False if `WFG_TOKEN_CACHE` is `off` anywhere in the settings, and by default in a CI. Then we write no files.
 *
 * @param {Pick<NodeJS.Process, 'env'>} process
 * @param {string} directory the folder that holds `.env`
 */
export function mayKeepFiles({ env }, directory) {
  try {
    return !isOff(env, readSettings(directory))
  } catch {
    return false
  }
}

/**
 * @typedef {object} Cache
 * @property {string} folder of the compiled files, of this directory alone
 * @property {string} directory the folder that holds `tasks.ts`, without links
 * @property {string} configuration text of `tsconfig.json`
 * @property {string} rules what a compiled file depends on besides its source
 */

/**
 * Where the compiled files of a team are kept. Undefined if only tsx can run the files.
 *
 * @param {Pick<NodeJS.Process, 'env' | 'geteuid' | 'version'>} process
 * @param {string} directory the folder that holds `tasks.ts`
 * @returns {Cache | undefined}
 */
export function typeScriptCache(process, directory) {
  try {
    if (process.env['NODE_DISABLE_COMPILE_CACHE'] || !mayKeepFiles(process, directory)) return undefined
    const description = readFileSync(join(directory, 'package.json'), 'utf8')
    if (JSON.parse(description).type !== 'module') return undefined
    const file = join(directory, 'tsconfig.json')
    const configuration = existsSync(file) ? readFileSync(file, 'utf8') : '{}'
    if (OF_TSX.test(configuration)) return undefined
    const kept = join(directory, 'node_modules', '.cache', 'wfg')
    const real = realpathSync(directory)
    // Several folders may share their packages.
    const folder = join(kept, 'typescript', `${basename(real)}-${crc32(real).toString(16)}`)
    const users = trustedUsers(process.env, process.geteuid?.())
    if (![kept, dirname(folder), folder].every((each) => makePrivate(each, users))) return undefined
    accessSync(folder, constants.W_OK)
    // Of the packages and of what compiles: they decide what an import becomes.
    const states = [join(directory, 'node_modules', '.package-lock.json'), COMPILER].map(
      (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs,
    )
    const rules = [process.version, real, configuration, description, ...states].join(' ')
    return { folder: realpathSync(folder), directory: real, configuration, rules }
  } catch {
    return undefined
  }
}

/**
 * Path of the compiled form of a file.
 *
 * @type {(cache: Cache, path: string) => string}
 */
export function moduleOf({ folder, directory }, path) {
  const name = relative(directory, path).replaceAll('\\', '/').replaceAll('~', '~~').replaceAll('/', '~-')
  return join(folder, `${name}.mjs`)
}

// --- internal ---

/** @type {(folder: string, path: string) => boolean} */
function isWithin(folder, path) {
  return `${path}${sep}`.startsWith(`${folder}${sep}`)
}

const COMPILER = fileURLToPath(new URL('compile_typescript.mjs', import.meta.url))

/** Settings of tsconfig.json that change how imports are resolved. */
const OF_TSX = /"(paths|baseUrl|extends)"/

/** @typedef {Record<string, string | undefined>} Settings */

/** @type {(directory: string) => Settings[]} */
function readSettings(directory) {
  const files = settingsFiles(directory).sort()
  return files.map((name) => parseEnv(textOf(readFileSync(join(directory, name)))))
}

/** @type {(bytes: Buffer) => string} the text without its byte order mark; 0xFF begins UTF-16 as PowerShell writes it */
function textOf(bytes) {
  return new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-8').decode(bytes)
}

/** @type {(env: Settings, settings: readonly Settings[]) => boolean} */
function isOff(env, settings) {
  const modes = [env, ...settings].map((each) => each['WFG_TOKEN_CACHE']?.trim()).filter(Boolean)
  return modes.includes('off') || (modes.length === 0 && runsInCi(env))
}
