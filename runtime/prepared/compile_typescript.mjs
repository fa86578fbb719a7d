/** Compiles a file of TypeScript to a module of its own. See `typescript.mjs`. */
import { readFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { basename, dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { crc32 } from 'node:zlib'
import { build } from 'esbuild'
import { moduleOf } from './compile_cache.mjs'
import { removeOld, writeWhole } from './store.mjs'

/**
 * Compiles a file and keeps the result.
 *
 * @param {Cache} cache
 * @param {string} path absolute, without links
 * @returns {Promise<Compiled>}
 * @throws {Error} if it cannot be compiled or kept
 */
export async function compile(cache, path) {
  const source = readFileSync(path, 'utf8')
  const module = moduleOf(cache, path)
  /** @type {(Target | undefined)[]} */
  const targets = []
  const { outputFiles } = await build({
    absWorkingDir: cache.directory,
    entryPoints: [path],
    outfile: module,
    // Only with this it asks what an import becomes. Nothing else is in the module, and nothing is left out.
    bundle: true,
    treeShaking: false,
    ignoreAnnotations: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    sourcemap: 'inline',
    sourcesContent: false,
    tsconfigRaw: cache.configuration,
    logLevel: 'silent',
    write: false,
    plugins: [
      {
        name: 'imports',
        setup({ onLoad, onResolve }) {
          onLoad({ filter: /.*/ }, () => ({ contents: source, loader: path.endsWith('x') ? 'tsx' : 'ts' }))
          onResolve({ filter: /.*/ }, ({ path: specifier, kind, with: attributes }) => {
            if (kind === 'entry-point') return undefined
            const target = targetOf(cache, path, specifier, attributes)
            targets.push(target)
            return { path: target?.address ?? specifier, external: true }
          })
        },
      },
    ],
  })
  const [{ text: code }] = /** @type {[import('esbuild').OutputFile]} */ (outputFiles)
  const compiled = { source, rules: cache.rules }
  if (!isTidy) removeOld(dirname(cache.folder), [basename(cache.folder)])
  isTidy = true
  if (targets.includes(undefined) || OF_TSX.test(code)) return keep(module, compiled)
  const meta = { url: addressOf(path), dirname: dirname(path), filename: path }
  // On its first line, which has no code, for the source map.
  const text = `Object.assign(import.meta, ${JSON.stringify(meta)});${code.replace(/^#!/, '//')}`
  writeWhole(module, text)
  return keep(module, { ...compiled, imports: targets.flatMap((target) => target?.source ?? []), sum: crc32(text) })
}

// --- internal ---

/**
 * @typedef {import('./compile_cache.mjs').Cache} Cache
 * @typedef {import('./typescript.mjs').Compiled} Compiled
 *
 * @typedef {object} Target
 * @property {string} address of the module that is imported
 * @property {string} [source] path of its TypeScript
 */

let isTidy = false

const TYPESCRIPT = /\.(m?ts|tsx)$/
/** An import whose path is computed, what may compute one, and what `importAsMain()` does by hooks. */
const OF_TSX =
  /\bimport\((?!"(?:[^"\\]|\\.)*"[,)])|\bcreateRequire\b|\bimport\.meta\.(?:main|resolve)\b|\}\s*=\s*import\.meta\b/

/**
 * What an import becomes. Undefined if it is not sure that it is the same.
 *
 * @type {(cache: Cache, importer: string, specifier: string, attributes: object) => Target | undefined}
 */
function targetOf(cache, importer, specifier, attributes) {
  if (isBuiltin(specifier)) return { address: specifier }
  if (/^\.\.?\//.test(specifier)) {
    const path = resolve(dirname(importer), specifier)
    if (TYPESCRIPT.test(path)) return { address: addressOf(moduleOf(cache, path)), source: path }
    const isData = path.endsWith('.json') && Object.keys(attributes).length > 0
    return isData ? { address: addressOf(path) } : undefined
  }
  try {
    const path = createRequire(importer).resolve(specifier)
    if (/^#wfg(\/|$)/.test(specifier)) return { address: addressOf(path) }
    const isSame = path === createRequire(moduleOf(cache, importer)).resolve(specifier)
    return isSame && !TYPESCRIPT.test(path) ? { address: specifier } : undefined
  } catch {
    return undefined
  }
}

/** @type {(path: string) => string} */
function addressOf(path) {
  return pathToFileURL(path).href
}

/** @type {(module: string, compiled: Compiled) => Compiled} */
function keep(module, compiled) {
  writeWhole(`${module}.json`, JSON.stringify(compiled))
  return compiled
}
