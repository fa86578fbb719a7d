/**
 * Imports TypeScript on Node 20. Each file is compiled once to a module that is kept, and whose imports name the modules of
 * the other files, so that Node needs no hooks: their thread takes a third of a start. Files that import in another way
 * than Deno does, by a path that is computed, or a file of the team by `import('…')`, which may have changed by then, are
 * left to tsx. Then a file that `tasks.ts` and the script import is evaluated twice.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { crc32 } from 'node:zlib'
import { moduleOf } from './compile_cache.mjs'
import { importModule, lookAtOurs } from './prepared.mjs'

/**
 * @typedef {import('./compile_cache.mjs').Cache} Cache
 *
 * @typedef {object} Compiled
 * @property {string} source text of the file
 * @property {string} rules see `Cache`
 * @property {readonly string[]} [imports] paths of TypeScript; undefined if the file is left to tsx
 * @property {number} [sum] checksum of the module. It may be of another version, by a process that compiled it at the same time
 */

/**
 * Returns what imports a module by its address.
 *
 * @param {Cache} cache see `typeScriptCache()`
 * @returns {(address: string) => Promise<any>}
 */
export function typeScriptImporter(cache) {
  let runsTsx = false
  return async (address) => {
    if (runsTsx || !address.startsWith('file:')) return importModule(address)
    const path = realpathSync(fileURLToPath(address))
    const isCompiled = /\.(m?ts|tsx)$/.test(address) && (await isReady(cache, path).catch(() => false))
    if (isCompiled) return importModule(pathToFileURL(moduleOf(cache, path)).href)
    // Also for JavaScript, which may import TypeScript.
    runsTsx = true
    await importModule('tsx')
    return importModule(address)
  }
}

// --- internal ---

/**
 * True if a file and what it imports are compiled.
 *
 * @type {(cache: Cache, entry: string) => Promise<boolean>}
 */
async function isReady(cache, entry) {
  const paths = new Set([entry])
  // The loop also visits what is added to the set meanwhile.
  for (const path of paths) {
    // The imports of a file that is reached by a link start at the file itself.
    if (!isOfPackage(cache.directory, path) || realpathSync(path) !== path) return false
    const { imports } = read(cache, path) ?? (await (await import('./compile_typescript.mjs')).compile(cache, path))
    if (imports === undefined) return false
    for (const each of imports) paths.add(each)
  }
  return true
}

/**
 * True if the file finds the packages that are beside `tasks.ts`, and no others.
 *
 * @type {(directory: string, path: string) => boolean}
 */
function isOfPackage(directory, path) {
  const folder = dirname(path)
  if (folder === directory) return true
  const isRoot = ['package.json', 'node_modules'].some((name) => existsSync(join(folder, name)))
  return !isRoot && folder !== path && isOfPackage(directory, folder)
}

/**
 * What is kept of a file, unless the file or the module has changed. Another user may not have written it.
 *
 * @type {(cache: Cache, path: string) => Compiled | undefined}
 */
function read(cache, path) {
  const module = moduleOf(cache, path)
  try {
    lookAtOurs(`${module}.json`)
    const kept = /** @type {Compiled} */ (JSON.parse(readFileSync(`${module}.json`, 'utf8')))
    if (kept.rules !== cache.rules || kept.source !== readFileSync(path, 'utf8')) return undefined
    if (kept.imports === undefined) return kept
    lookAtOurs(module)
    return kept.sum === crc32(readFileSync(module)) ? kept : undefined
  } catch {
    return undefined
  }
}
