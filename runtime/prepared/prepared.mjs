/**
 * Chooses the form of the runtime: the prepared one if it exists or can be made, else the sources. Only the time to start
 * differs. `NODE_DISABLE_COMPILE_CACHE=1` switches off this and Node's own cache.
 */
import { distrust, trustedUsers } from '../host/trusted_files.mjs'

// Not imported, because each import goes through the hooks of tsx.
const builtin = process.getBuiltinModule
const { existsSync, readFileSync, realpathSync, rmSync, statSync } = builtin('node:fs')
const { createRequire, SourceMap } = builtin('node:module')
const { basename, dirname, join, sep } = builtin('node:path')
const { fileURLToPath, pathToFileURL } = builtin('node:url')
const { Script } = builtin('node:vm')
const { crc32 } = builtin('node:zlib')

/**
 * A module of the runtime.
 *
 * @param {string} path relative to `runtime/`
 * @returns {Promise<any>}
 */
export async function load(path) {
  chosen ??= choose()
  const core = await chosen
  if (core === undefined && isPacked && !existsSync(join(ROOT, 'dist'))) stopUnbuilt()
  return core?.[path] ? core[path]() : importModule(sourceUrl(path))
}

/**
 * From now on, the prepared runtime imports scripts in this way.
 *
 * @param {(address: string) => Promise<any>} importer
 */
export function importScriptsBy(importer) {
  importScript = importer
}

/** False if the sources run. */
export async function isPrepared() {
  chosen ??= choose()
  return (await chosen) !== undefined
}

/**
 * URL of the source of a module.
 *
 * @param {string} path relative to `runtime/`
 */
export function sourceUrl(path) {
  return new URL(isPacked ? path.replace(/\.ts$/, '.js') : path, SOURCES).href
}

/** @type {(path: string, found?: Found) => string} */
export function stateOf(path, found = lookAt(path)) {
  const { size, mtime, ctime } = found
  return `${size} ${Number(mtime)} ${Number(ctime)}`
}

/**
 * The status of one of our files.
 *
 * @type {(path: string) => Found}
 * @throws {ForeignFile} if another user may have written it
 */
export function lookAtOurs(path) {
  const found = lookAt(path)
  const distrusted = distrust(found, users)
  if (distrusted === undefined) return found
  throw new ForeignFile(`Cannot use the prepared runtime: "${path}" ${distrusted.reason}. Delete "${KEPT}".`)
}

/** @type {(address: string) => Promise<any>} a URL, or a package's name */
export function importModule(address) {
  return createRequire(import.meta.url)('./import.cjs').importModule(address)
}

/** The folder of the prepared runtime; undefined if the sources run. */
export function preparedFolder() {
  return inUse
}

/** Defined on Deno. Missing rights are checked first: a faster start is not worth asking a person. */
const deno =
  /** @type {{ Deno?: any }} */ (globalThis).Deno?.permissions === undefined
    ? undefined
    : /** @type {any} */ (globalThis).Deno
const users =
  has({ name: 'sys', kind: 'uid' }) && has({ name: 'env', variable: 'WFG_TRUST_OWNER' })
    ? trustedUsers(process.env, process.geteuid?.())
    : undefined
const RUNTIME = dirname(dirname(fileURLToPath(import.meta.url)))
const ROOT = dirname(RUNTIME)

/** Name of the file that describes the prepared runtime of this clone for this version of Node or Deno. */
export const INDEX = `${deno ? `deno-${deno.version.deno}` : process.version}${ROOT.replaceAll(/[^\w.-]/g, '_').slice(-150)}.json`

/** Length of the checksum at the end of compiled code. */
export const SUM_BYTES = 4

// --- internal ---

/** @typedef {Pick<import('node:fs').Stats, 'size' | 'mtime' | 'ctime' | 'uid' | 'gid' | 'mode'>} Found */

class ForeignFile extends Error {}

/** @type {(path: string) => Found} */
function lookAt(path) {
  // Deno's own call takes a fifth of the time.
  return deno ? deno.statSync(path) : statSync(path)
}

const STORE = new URL('store.mjs', import.meta.url).href

let importScript = importModule

/** True in a published package, which has the prepared runtime and no sources. */
const isPacked = !existsSync(join(RUNTIME, 'mod.ts'))
const SOURCES = pathToFileURL(join(isPacked ? join(ROOT, 'dist') : RUNTIME, sep))
const PACKAGES = basename(dirname(ROOT)) === 'node_modules' ? dirname(ROOT) : join(ROOT, 'node_modules')
const KEPT = join(PACKAGES, '.cache', 'wfg')

/** @type {Promise<Record<string, () => Promise<any>> | undefined> | undefined} */
let chosen

/** @type {string | undefined} */
let inUse

/** @type {Readonly<Record<string, string>>} states of the files of the prepared runtime when they were written */
let written = {}

/** Ends the process: the package came from a git address, and its scripts were not run. */
function stopUnbuilt() {
  process.stderr.write(
    `error: Cannot start "${ROOT}": it was installed without being built. In a clone, run \`npm ci\` and then \`npm pack\`, and install the archive that this makes.\n`,
  )
  process.exit(2)
}

async function choose() {
  if (process.versions['bun']) return undefined
  let folder = isPacked ? join(ROOT, 'dist', 'prepared') : folderOfParent()
  try {
    folder ??=
      isOff() || !has({ name: 'read', path: ROOT }) || !runsTasks() ? undefined : (freshFolder() ?? (await prepare()))
    return folder === undefined ? undefined : await evaluate(join(folder, 'core.cjs'))
  } catch (error) {
    if (error instanceof ForeignFile) process.stderr.write(`warning: ${error.message}\n`)
    else if (!isPacked && folder !== undefined && mayWrite()) discard(folder)
    return undefined
  }
}

/**
 * Removes a prepared runtime that does not work. The next start makes a new one.
 *
 * @param {string} folder
 */
function discard(folder) {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // It belongs to another user.
  }
}

/**
 * For the process of an isolated script, which may write none: the prepared runtime of its parent. Undefined if that runs
 * the sources.
 */
function folderOfParent() {
  return process.argv[1] === join(RUNTIME, 'isolated', 'child.mjs') ? process.argv[2] : undefined
}

async function prepare() {
  if (!mayWrite() || !has({ name: 'run' })) return undefined
  return (await importModule(STORE)).prepare(RUNTIME, KEPT)
}

/** @type {(permission: { name: string, path?: string, variable?: string, kind?: string }) => boolean} */
function has(permission) {
  return deno === undefined || deno.permissions.querySync(permission).state === 'granted'
}

function mayWrite() {
  return has({ name: 'env' }) && has({ name: 'read' }) && has({ name: 'write', path: KEPT })
}

function isOff() {
  const variable = 'NODE_DISABLE_COMPILE_CACHE'
  return has({ name: 'env', variable }) && !!process.env[variable]
}

/**
 * True if the program is the launcher, `tasks.ts` or a script of this clone. Other programs, such as tests, import modules
 * of the runtime by path. They would get two copies of a module.
 */
function runsTasks() {
  const path = process.argv[1]
  if (!path || !has({ name: 'read', path })) return false
  const program = realpathSync(path)
  if (program === join(RUNTIME, 'cli', 'wfg.mjs')) return true
  const folder = basename(program) === 'tasks.ts' ? dirname(program) : /^(.*)[\\/]scripts[\\/]/.exec(program)?.[1]
  return folder !== undefined && realpathSync(join(folder, 'runtime')) === RUNTIME
}

/**
 * The prepared runtime, if it was made from the present sources. It compares the state of each file and not its content,
 * which takes two milliseconds for all.
 */
function freshFolder() {
  try {
    lookAtOurs(KEPT)
    lookAtOurs(join(KEPT, INDEX))
    const { runtime, folder, files, parts } = JSON.parse(readFileSync(join(KEPT, INDEX), 'utf8'))
    lookAtOurs(join(KEPT, folder))
    // Clones that share their packages may have the same name for the file.
    if (runtime !== RUNTIME || stateOf(join(KEPT, folder, 'core.cjs')) !== parts['core.cjs']) return undefined
    const isFresh = Object.entries(files).every(([path, state]) => mayLookAt(path) && stateOf(path) === state)
    if (!isFresh) return undefined
    written = parts
    return join(KEPT, folder)
  } catch (error) {
    if (error instanceof ForeignFile) throw error
    return undefined
  }
}

/** @type {(path: string) => boolean} */
function isForeign(path) {
  try {
    lookAtOurs(path)
    return false
  } catch (error) {
    return error instanceof ForeignFile
  }
}

/**
 * False if a crash or a full disk has cut a file short. Otherwise each start would fail.
 *
 * @type {(folder: string) => boolean}
 */
function isAsWritten(folder) {
  try {
    return Object.entries(written).every(([name, state]) => {
      const path = join(folder, name)
      return stateOf(path, lookAtOurs(path)) === state
    })
  } catch (error) {
    if (error instanceof ForeignFile) throw error
    return false
  }
}

/** @type {(path: string) => boolean} */
function mayLookAt(path) {
  return path.startsWith(ROOT) || has({ name: 'read', path })
}

/**
 * Runs `core.cjs`. Not by `import` or `require`, because a loader such as tsx would process it as TypeScript.
 *
 * @param {string} file
 */
async function evaluate(file) {
  const state = stateOf(file, lookAtOurs(file))
  const compiled = join(KEPT, `${INDEX}-${state.replaceAll(' ', '-')}.compiled`)
  const mayKeep = !isOff() && !isForeign(KEPT)
  const cachedData = mayKeep ? readCompiled(compiled) : undefined
  const prefix = "(function (require, module, Import, prepared) {'use strict';"
  const source = `${prefix}${readFileSync(file, 'latin1')}\n})`
  const script = new Script(source, { filename: file, cachedData, columnOffset: -prefix.length })
  const module = { exports: /** @type {any} */ ({}) }
  let folder = dirname(file)
  const makeAnew = async () => {
    folder = (await prepare().catch(() => undefined)) ?? folder
  }
  /** @type {Promise<unknown> | undefined} */
  let whole
  const importPart = async (/** @type {string} */ specifier) => {
    if (!specifier.startsWith('./')) return importScript(specifier)
    // Checks all parts before the first import: a failed import is not repeated, and parts import each other.
    whole ??= (async () => isAsWritten(folder) || makeAnew())()
    await whole
    // While the process runs, packages may be installed and caches emptied.
    if (!isPacked && !existsSync(join(folder, specifier))) await makeAnew()
    return importModule(pathToFileURL(join(folder, specifier)).href)
  }
  script.runInThisContext()(createRequire(file), module, importPart, { sourceUrl, sourceStack, preparedFolder })
  inUse = folder
  if ((cachedData === undefined || script.cachedDataRejected) && mayKeep && mayWrite()) {
    const { keepCompiled } = await importModule(STORE)
    keepCompiled(script, compiled, dirname(PACKAGES))
  }
  return module.exports.modules
}

/**
 * The compiled code, if it is intact. The engine does not check it, and damaged code would crash the process.
 *
 * @param {string} file
 */
function readCompiled(file) {
  try {
    if (isForeign(file)) return undefined
    const kept = readFileSync(file)
    const data = kept.subarray(0, -SUM_BYTES)
    return kept.readUInt32LE(data.length) === crc32(data) ? data : undefined
  } catch {
    return undefined
  }
}

/**
 * The stack with the lines of the source files.
 *
 * @param {string} stack
 */
function sourceStack(stack) {
  return stack.replace(PLACE, (place, file, line, column) => {
    try {
      const path = file.startsWith('file:') ? fileURLToPath(file) : file
      const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')))
      const { originalSource, originalLine, originalColumn } = /** @type {any} */ (map.findEntry(line - 1, column - 1))
      return `${join(RUNTIME, originalSource)}:${originalLine + 1}:${originalColumn + 1}`
    } catch {
      return place
    }
  })
}

/** A place in a prepared file. */
const PLACE =
  /((?:(?:file:\/\/)?\/|[A-Z]:[\\/])[^\n]*?[\\/](?:\.cache[\\/]wfg[\\/]\w+|dist[\\/]prepared)[\\/][\w.-]+\.[cm]js):(\d+):(\d+)/g
