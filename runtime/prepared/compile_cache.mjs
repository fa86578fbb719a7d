/** Where Node may keep the code it has compiled, so that the next start need not. */
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { parseEnv } from 'node:util'
import { cacheFolder, runsInCi } from '../host/cache_folder.mjs'
import { distrust, settingsFiles, trustedUsers } from '../host/trusted_files.mjs'

/**
 * The folder, made and nobody else's: whoever may write to it decides what runs. It is beside the tokens, and there is
 * none where nothing is kept, in a CI by default, or where scripts may write that Deno runs with few rights (`.wfg`):
 * without it a start only takes longer.
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
 * Makes the folder, and takes it from everybody else whatever the umask.
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
 * False where `WFG_TOKEN_CACHE` is `off`, in whichever of the settings, or by default in a CI: then nothing of ours is
 * written.
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
 * Where the files of a team are kept as JavaScript, and the text of its `tsconfig.json`, by which they are made; undefined
 * where only tsx takes them as they were meant.
 *
 * @param {Pick<NodeJS.Process, 'env' | 'geteuid'>} process
 * @param {string} directory the folder that holds `tasks.ts`
 * @returns {{ folder: string, configuration: string, users: import('../host/trusted_files.mjs').Users } | undefined}
 */
export function typeScriptCache(process, directory) {
  try {
    if (process.env['NODE_DISABLE_COMPILE_CACHE'] || !mayKeepFiles(process, directory)) return undefined
    if (JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).type !== 'module') return undefined
    const file = join(directory, 'tsconfig.json')
    const configuration = existsSync(file) ? readFileSync(file, 'utf8') : '{}'
    if (OF_TSX.test(configuration)) return undefined
    const kept = join(directory, 'node_modules', '.cache', 'wfg')
    const folder = join(kept, 'typescript')
    const users = trustedUsers(process.env, process.geteuid?.())
    if (!makePrivate(kept, users) || !makePrivate(folder, users)) return undefined
    accessSync(folder, constants.W_OK)
    return { folder, configuration, users }
  } catch {
    return undefined
  }
}

// --- internal ---

/** @type {(folder: string, path: string) => boolean} */
function isWithin(folder, path) {
  return `${path}${sep}`.startsWith(`${folder}${sep}`)
}

/** Settings of a tsconfig.json that say where else to look. */
const OF_TSX = /"(paths|baseUrl|extends)"/

/** @typedef {Record<string, string | undefined>} Settings */

/** @type {(directory: string) => Settings[]} */
function readSettings(directory) {
  const files = settingsFiles(directory).sort()
  return files.map((name) => parseEnv(readFileSync(join(directory, name), 'utf8')))
}

/** @type {(env: Settings, settings: readonly Settings[]) => boolean} */
function isOff(env, settings) {
  const modes = [env, ...settings].map((each) => each['WFG_TOKEN_CACHE']?.trim()).filter(Boolean)
  return modes.includes('off') || (modes.length === 0 && runsInCi(env))
}
