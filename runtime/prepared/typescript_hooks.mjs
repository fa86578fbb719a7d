/**
 * Hooks that let Node 20 import TypeScript. Each file is compiled once, and the result is kept. Paths are resolved as Node
 * does it, and else as tsx does.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { distrust } from '../host/trusted_files.mjs'

/** @type {string} */
let folder
/** @type {string} */
let configuration
/** @type {import('../host/trusted_files.mjs').Users} */
let users

/** @param {NonNullable<ReturnType<typeof import('./compile_cache.mjs').typeScriptCache>>} data */
export function initialize(data) {
  folder = data.folder
  configuration = data.configuration
  users = data.users
}

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, nextResolve) {
  if (!isPath(specifier)) return nextResolve(specifier, context)
  const end = specifier.search(/[?#]|$/)
  const [path, suffix] = [specifier.slice(0, end), specifier.slice(end)]
  /** @type {(candidates: readonly string[]) => Promise<import('node:module').ResolveFnOutput | undefined>} */
  const first = async (candidates) => {
    for (const candidate of candidates) {
      try {
        return await nextResolve(candidate + suffix, context)
      } catch {
        // Try the next. The error for the original path tells more.
      }
    }
    return undefined
  }
  const source = FROM_SOURCE.test(context.parentURL ?? '') ? await first(sourcesOf(path)) : undefined
  if (source) return source
  try {
    return await nextResolve(specifier, context)
  } catch (error) {
    const found = await first([path, `${path}/index`].flatMap((start) => EXTENSIONS.map((each) => start + each)))
    if (found) return found
    throw error
  }
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  const extension = /^file:.*\.(m?ts|[jt]sx|json)(\?|$)/.exec(url)?.[1]
  if (extension === undefined) return nextLoad(url, context)
  if (extension === 'json' && Object.keys(context.importAttributes).length > 0) return nextLoad(url, context)
  const path = fileURLToPath(url)
  const loader = /** @type {import('esbuild').Loader} */ (extension.replace('mts', 'ts'))
  return { format: 'module', shortCircuit: true, source: await compiled(path, readFileSync(path, 'utf8'), loader) }
}

// --- internal ---

const HASH_LENGTH = 32

/** In the order of tsx. */
const EXTENSIONS = ['.ts', '.tsx', '.jsx', '.js', '.json']
/** In such a file, an import may name the JavaScript file that the source becomes. An outdated one may exist. */
const FROM_SOURCE = /^(?!.*\/node_modules\/).*\.(m?ts|tsx)(\?|$)/

/** @type {(path: string) => string[]} */
function sourcesOf(path) {
  const [, start, extension] = /^(.*)\.(m?js|jsx)$/s.exec(path) ?? []
  if (extension === undefined) return []
  if (extension === 'mjs') return [`${start}.mts`]
  return extension === 'js' ? [`${start}.ts`, `${start}.tsx`] : [`${start}.tsx`, `${start}.ts`]
}

/** @type {(specifier: string) => boolean} */
function isPath(specifier) {
  return /^(\.\.?(\/|$)|\/|file:)/.test(specifier)
}

/** @type {(path: string, text: string, loader: import('esbuild').Loader) => Promise<string>} */
async function compiled(path, text, loader) {
  // The source map names the file by its last part alone, so that a copy in another folder needs no compiling.
  const sourcefile = basename(path)
  const parts = JSON.stringify([process.version, configuration, sourcefile, text])
  const file = join(folder, `${hashOf(parts)}.mjs`)
  const kept = read(file)
  if (kept !== undefined) return kept
  const { transform } = await import('esbuild')
  const options = /** @type {const} */ ({
    loader,
    format: 'esm',
    tsconfigRaw: configuration,
    sourcemap: 'inline',
    target: 'node20',
    sourcesContent: false,
  })
  // An error names the whole path.
  const { code } = await transform(text, { ...options, sourcefile }).catch(() =>
    transform(text, { ...options, sourcefile: path }),
  )
  keep(file, `${code}${hashOf(code)}`)
  return code
}

/** @type {(text: string) => string} */
function hashOf(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH)
}

/** @type {(file: string) => string | undefined} undefined if there is none, it is cut short, or another user may have written it */
function read(file) {
  try {
    if (distrust(statSync(file), users)) return undefined
    const text = readFileSync(file, 'utf8')
    const code = text.slice(0, -HASH_LENGTH)
    return text.slice(-HASH_LENGTH) === hashOf(code) ? code : undefined
  } catch {
    return undefined
  }
}

/** @type {(file: string, text: string) => void} */
function keep(file, text) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.${process.pid}`, text, { mode: 0o600 })
    renameSync(`${file}.${process.pid}`, file)
  } catch {
    // The next start only takes longer.
  }
}
