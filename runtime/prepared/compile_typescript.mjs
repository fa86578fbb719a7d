/** Compiles a file of TypeScript to a module of its own. See `typescript.mjs`. */
import { Buffer } from 'node:buffer'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { crc32 } from 'node:zlib'
import { moduleOf } from './compile_cache.mjs'
import { removeOld, writeWhole } from './store.mjs'

// To import them takes twice as long.
const require = createRequire(import.meta.url)
const { parse } = /** @type {typeof import('acorn')} */ (require('acorn'))
const { transform } = /** @type {typeof import('esbuild')} */ (require('esbuild'))

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
  // With the options of tsx.
  const { code, map } = await transform(source, {
    loader: path.endsWith('x') ? 'tsx' : 'ts',
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    keepNames: true,
    sourcemap: 'external',
    sourcesContent: false,
    tsconfigRaw: cache.configuration,
    logLevel: 'silent',
  })
  tidy(cache)
  const imports = importsOf(code)
  const resolvePackage = await resolverOf(cache)
  const targets = imports?.map((each) => targetOf(cache, path, each, resolvePackage))
  const module = moduleOf(cache, path)
  const compiled = { source, rules: cache.rules }
  if (!imports || !targets || targets.includes(undefined)) return keep(module, compiled)
  const text = textOf(path, edited(code, imports, /** @type {Target[]} */ (targets)), map)
  writeWhole(module, text)
  return keep(module, { ...compiled, imports: targets.flatMap((each) => each?.source ?? []), sum: crc32(text) })
}

// --- internal ---

/**
 * @typedef {import('acorn').AnyNode} AnyNode
 * @typedef {import('./compile_cache.mjs').Cache} Cache
 * @typedef {import('./typescript.mjs').Compiled} Compiled
 *
 * @typedef {object} Import
 * @property {number} start where its specifier begins
 * @property {number} end
 * @property {string} specifier
 * @property {boolean} isLater true for `import('…')`
 * @property {boolean} hasType
 *
 * @typedef {object} Target
 * @property {string} address of the module that is imported
 * @property {string} [source] path of its TypeScript
 */

const TYPESCRIPT = /\.(m?ts|tsx)$/

let isTidy = false

/** @type {(cache: Cache) => void} */
function tidy({ folder }) {
  if (!isTidy) removeOld(dirname(folder), [basename(folder)])
  isTidy = true
}

/**
 * The imports of a module. Undefined if a path is computed, or `import.meta` may be used for more than what the module has:
 * for `resolve` or `main`.
 *
 * @type {(code: string) => Import[] | undefined}
 */
function importsOf(code) {
  /** @type {Import[]} */
  const imports = []
  /** @type {(node: AnyNode, parent?: AnyNode) => boolean} */
  const visit = (node, parent) => {
    if (node.type === 'MetaProperty' && node.meta.name === 'import' && !isPlain(parent)) return false
    if ('source' in node && node.source) {
      const { start, end, ...source } = node.source
      if (source.type !== 'Literal') return false
      const isLater = node.type === 'ImportExpression'
      const hasType = isLater ? !!node.options : !!node.attributes?.length
      imports.push({ start, end, specifier: String(source.value), isLater, hasType })
    }
    const children = Object.values(node).flat()
    return children.every((child) => typeof child?.type !== 'string' || visit(child, node))
  }
  const isKnown =
    !/\bcreateRequire\b/.test(code) &&
    visit(parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true }))
  return isKnown ? imports.sort((one, other) => one.start - other.start) : undefined
}

/** @type {(parent: AnyNode | undefined) => boolean} */
function isPlain(parent) {
  // `main(import.meta, tasks)`
  if (parent?.type === 'CallExpression') return true
  const name = parent?.type === 'MemberExpression' && !parent.computed && parent.property
  return name && name.type === 'Identifier' && ['url', 'dirname', 'filename'].includes(name.name)
}

/**
 * Resolves a package as Node does it for a compiled module.
 *
 * @type {(cache: Cache) => Promise<(specifier: string) => string>}
 */
async function resolverOf({ folder }) {
  const file = join(folder, 'resolve.mjs')
  writeWhole(file, 'export const { resolve } = import.meta\n')
  return (await import(addressOf(file))).resolve
}

/**
 * What an import becomes. Undefined if it is not sure that it is the same.
 *
 * @type {(cache: Cache, importer: string, found: Import, resolvePackage: (specifier: string) => string) => Target | undefined}
 */
function targetOf(cache, importer, { specifier, isLater, hasType }, resolvePackage) {
  if (isBuiltin(specifier)) return { address: specifier }
  const isOurs = /^(\.\.?|#wfg)(\/|$)/.test(specifier)
  // By then the file may have changed.
  if (isOurs && isLater) return undefined
  if (isOurs && specifier.startsWith('.')) {
    const path = resolve(dirname(importer), specifier)
    if (TYPESCRIPT.test(path)) return { address: addressOf(moduleOf(cache, path)), source: path }
    return path.endsWith('.json') && hasType ? { address: addressOf(path) } : undefined
  }
  try {
    const path = createRequire(importer).resolve(specifier)
    if (isOurs) return { address: addressOf(path) }
    // An import may get another file than `require` gets.
    const imported = fileURLToPath(resolvePackage(specifier))
    const isOfNode = /\.[cm]?js$/.test(imported) || (imported.endsWith('.json') && hasType)
    const isSame = path === createRequire(moduleOf(cache, importer)).resolve(specifier)
    return isSame && isOfNode && existsSync(imported) ? { address: specifier } : undefined
  } catch {
    return undefined
  }
}

/** @type {(code: string, imports: readonly Import[], targets: readonly Target[]) => string} */
function edited(code, imports, targets) {
  let end = 0
  const parts = imports.map((each, index) => {
    const part = code.slice(end, each.start) + JSON.stringify(targets[index]?.address)
    end = each.end
    return part
  })
  return parts.join('') + code.slice(end)
}

/**
 * The module, whose source map and `import.meta` name the source.
 *
 * @type {(path: string, code: string, map: string) => string}
 */
function textOf(path, code, map) {
  const meta = { url: addressOf(path), dirname: dirname(path), filename: path }
  const { mappings, ...rest } = JSON.parse(map)
  const mapped = JSON.stringify({ ...rest, sources: [meta.url], mappings: `;${mappings}` })
  return `Object.assign(import.meta, ${JSON.stringify(meta)})
${code.replace(/^#!/, '//')}//# sourceMappingURL=data:application/json;base64,${Buffer.from(mapped).toString('base64')}
`
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
