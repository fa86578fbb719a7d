/**
 * Which form of the runtime a process takes: the prepared one where it is there or can be made, else the sources. The
 * results are the same; only the start differs. `NODE_DISABLE_COMPILE_CACHE=1` leaves out this and Node's own cache.
 */
import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
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
  return core ? core.load[path]() : import(pathToFileURL(join(RUNTIME, path)).href)
}

/**
 * The folder of the prepared runtime, if it was made of just these files. A file's state stands for its content: looking
 * at all of them takes a millisecond, reading them ten.
 *
 * @param {string} parent
 * @returns {string | undefined}
 */
export function freshFolder(parent) {
  try {
    const { folder, files } = JSON.parse(readFileSync(join(parent, INDEX), 'utf8'))
    const isFresh = Object.entries(files).every(([path, state]) => stateOf(path) === state)
    return isFresh ? join(parent, folder) : undefined
  } catch {
    return undefined
  }
}

/** @param {string} path */
export function stateOf(path) {
  const { size, mtimeMs, ctimeMs } = statSync(path)
  return `${size} ${mtimeMs} ${ctimeMs}`
}

const RUNTIME = dirname(dirname(fileURLToPath(import.meta.url)))
const ROOT = dirname(RUNTIME)

/** Name of the file that says which prepared runtime is this Node's and this clone's, and what it was made of. */
export const INDEX = `${process.version}${ROOT.replaceAll(/[^\w.-]/g, '_').slice(-150)}.json`

// --- internal ---

/** @type {Promise<any> | undefined} */
let chosen

async function choose() {
  if (process.env['NODE_DISABLE_COMPILE_CACHE'] || !runsTasks()) return undefined
  const parent = join(ROOT, 'node_modules', '.cache', 'wfg')
  try {
    const folder = freshFolder(parent) ?? (await (await import('./store.mjs')).prepare(RUNTIME, parent))
    return folder === undefined ? undefined : evaluate(join(folder, 'core.cjs'))
  } catch {
    return undefined
  }
}

/**
 * Not by `import` or `require`: a loader such as tsx would read it as one more file that may be TypeScript.
 *
 * @param {string} file
 */
function evaluate(file) {
  const compiled = `${file}.${process.version}`
  const cachedData = existsSync(compiled) ? readFileSync(compiled) : undefined
  const source = `(function (require, module, importModule) {${readFileSync(file, 'utf8')}\n})`
  const script = new Script(source, { filename: file, cachedData })
  const module = { exports: {} }
  const base = pathToFileURL(file)
  script.runInThisContext()(
    createRequire(file),
    module,
    (/** @type {string} */ specifier) => import(specifier.startsWith('./') ? new URL(specifier, base).href : specifier),
  )
  if (cachedData === undefined || script.cachedDataRejected) {
    // At the end, because it then holds the functions that a run needs.
    process.once('exit', () => writeFileSync(compiled, script.createCachedData()))
  }
  return module.exports
}

/** Other programs, tests above all, import modules of the runtime by their paths: two forms would not know of each other. */
function runsTasks() {
  try {
    const program = realpathSync(process.argv[1] ?? '')
    return (
      [join(ROOT, 'tasks.ts'), join(RUNTIME, 'cli', 'wfg.mjs')].includes(program) ||
      program.startsWith(join(ROOT, 'scripts', sep))
    )
  } catch {
    return false
  }
}
