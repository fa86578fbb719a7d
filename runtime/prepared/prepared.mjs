/**
 * Which form of the runtime a process takes: the prepared one where it is there or can be made, else the sources. The
 * results are the same; only the start differs. `NODE_DISABLE_COMPILE_CACHE=1` leaves out this and Node's own cache.
 */
import { existsSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { createRequire, SourceMap } from 'node:module'
import { basename, dirname, join, sep } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Script } from 'node:vm'

/**
 * A module of the runtime.
 *
 * @param {string} path relative to `runtime/`
 * @returns {Promise<any>}
 */
export async function load(path) {
  chosen ??= choose()
  const core = await chosen
  return core?.[path] ? core[path]() : import(sourceUrl(path))
}

/** False where the sources are what runs. */
export async function isPrepared() {
  chosen ??= choose()
  return (await chosen) !== undefined
}

/**
 * Address of what a module was made of.
 *
 * @param {string} path relative to `runtime/`
 */
export function sourceUrl(path) {
  return new URL(isPacked ? path.replace(/\.ts$/, '.js') : path, SOURCES).href
}

/** @type {(path: string) => string} */
export function stateOf(path) {
  // Deno's own call takes a fifth of the time.
  const { size, mtime, ctime } = deno ? deno.statSync(path) : statSync(path)
  return `${size} ${Number(mtime)} ${Number(ctime)}`
}

/** Deno asks, or refuses, where a process wants what it was not given; what is here is not worth a question. */
const deno =
  /** @type {{ Deno?: any }} */ (globalThis).Deno?.permissions === undefined
    ? undefined
    : /** @type {any} */ (globalThis).Deno
const RUNTIME = dirname(dirname(fileURLToPath(import.meta.url)))
const ROOT = dirname(RUNTIME)

/** Name of the file that says which prepared runtime is this Node's and this clone's, and what it was made of. */
export const INDEX = `${deno ? `deno-${deno.version.deno}` : process.version}${ROOT.replaceAll(/[^\w.-]/g, '_').slice(-150)}.json`

// --- internal ---

/** A package has the prepared runtime in it, and no sources. */
const isPacked = !existsSync(join(RUNTIME, 'mod.ts'))
const SOURCES = pathToFileURL(join(isPacked ? join(ROOT, 'dist') : RUNTIME, sep))
const PACKAGES = basename(dirname(ROOT)) === 'node_modules' ? dirname(ROOT) : join(ROOT, 'node_modules')
const KEPT = join(PACKAGES, '.cache', 'wfg')

/** @type {Promise<Record<string, () => Promise<any>> | undefined> | undefined} */
let chosen

async function choose() {
  if (process.versions['bun']) return undefined
  let folder = isPacked ? join(ROOT, 'dist', 'prepared') : undefined
  try {
    folder ??=
      isOff() || !has({ name: 'read', path: ROOT }) || !runsTasks() ? undefined : (freshFolder() ?? (await prepare()))
    return folder === undefined ? undefined : await evaluate(join(folder, 'core.cjs'))
  } catch {
    // What cannot be used is made anew by the next start.
    if (!isPacked && folder !== undefined && mayWrite()) rmSync(folder, { recursive: true, force: true })
    return undefined
  }
}

async function prepare() {
  if (!mayWrite() || !has({ name: 'run' })) return undefined
  return (await import('./store.mjs')).prepare(RUNTIME, KEPT)
}

/** @type {(permission: { name: string, path?: string, variable?: string }) => boolean} */
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
 * The launcher, `tasks.ts`, or a script, beside a `runtime/` that is this one. Other programs, tests above all, import
 * modules of the runtime by their paths, and two forms would not know of each other.
 */
function runsTasks() {
  const program = realpathSync(process.argv[1] ?? '')
  if (program === join(RUNTIME, 'cli', 'wfg.mjs')) return true
  const folder = basename(program) === 'tasks.ts' ? dirname(program) : /^(.*?)[\\/]scripts[\\/]/.exec(program)?.[1]
  return folder !== undefined && realpathSync(join(folder, 'runtime')) === RUNTIME
}

/**
 * The prepared runtime, if it was made of just these files. A file's state stands for its content: to look at all of them
 * takes two milliseconds.
 */
function freshFolder() {
  try {
    const { folder, files } = JSON.parse(readFileSync(join(KEPT, INDEX), 'utf8'))
    if (!existsSync(join(KEPT, folder, 'core.cjs'))) return undefined
    return Object.entries(files).every(([path, state]) => stateOf(path) === state) ? join(KEPT, folder) : undefined
  } catch {
    return undefined
  }
}

/**
 * Not by `import` or `require`: a loader such as tsx would read it as one more file that may be TypeScript.
 *
 * @param {string} file
 */
async function evaluate(file) {
  const compiled = join(KEPT, `${INDEX}-${stateOf(file).replaceAll(' ', '-')}.compiled`)
  const mayRead = !isOff() && existsSync(compiled)
  const cachedData = mayRead ? readFileSync(compiled) : undefined
  const prefix = '(function (require, module, Import, prepared) {'
  const source = `${prefix}${readFileSync(file, 'latin1')}\n})`
  const script = new Script(source, { filename: file, cachedData, columnOffset: -prefix.length })
  const module = { exports: /** @type {any} */ ({}) }
  const importModule = (/** @type {string} */ specifier) =>
    import(specifier.startsWith('./') ? pathToFileURL(join(dirname(file), specifier)).href : specifier)
  script.runInThisContext()(createRequire(file), module, importModule, { sourceUrl, sourceStack })
  if ((cachedData === undefined || script.cachedDataRejected) && !isOff() && mayWrite()) {
    const { keepCompiled } = await import('./store.mjs')
    keepCompiled(script, compiled, ROOT)
  }
  return module.exports.modules
}

/**
 * The stack with the lines of the sources.
 *
 * @param {string} stack
 */
function sourceStack(stack) {
  return stack.replace(PLACE, (place, file, line, column) => {
    try {
      const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
      const { originalSource, originalLine, originalColumn } = /** @type {any} */ (map.findEntry(line - 1, column - 1))
      return `${join(RUNTIME, originalSource)}:${originalLine + 1}:${originalColumn + 1}`
    } catch {
      return place
    }
  })
}

/** In a prepared file. */
const PLACE =
  /(?:file:\/\/)?((?:\/|[A-Z]:[\\/])[^()\n]*?[\\/](?:\.cache[\\/]wfg[\\/]\w+|dist[\\/]prepared)[\\/][\w.-]+\.[cm]js):(\d+):(\d+)/g
