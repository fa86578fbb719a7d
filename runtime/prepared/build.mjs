/**
 * Builds the prepared runtime: one file with what most runs need, `core.cjs`, and a few with the rest. As from the sources,
 * each module is evaluated once, when it is first needed.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { stateOf } from './prepared.mjs'

/** The entry points, and modules that runs often load. Together with their imports they are `core.cjs`. */
const CORE = [
  ...[
    'mod.ts',
    'compose.ts',
    'tasks/mod.ts',
    'tasks/run/instance.ts',
    'cli/main.ts',
    'cli/commands/list.ts',
    'cli/commands/run.ts',
    'cli/commands/queue/worker.ts',
    'queue/run/run_job.ts',
  ],
  ...[
    'auth/clock_skew.ts',
    'auth/single_flight.ts',
    'auth/token_request.ts',
    'transport/node.ts',
    'transport/fetch.ts',
  ],
  ...[
    'graphql/paging/paginate.ts',
    'graphql/bulk/run_bulk.ts',
    'graphql/client/checked_data.ts',
    'graphql/client/dry_run.ts',
  ],
  ...[
    'tasks/arguments/arguments_file.ts',
    'tasks/output/json_rows.ts',
    'tasks/output/out_file.ts',
    'tasks/output/table.ts',
  ],
]
const APART = ['testing/mod.ts']
/** Packages of the sandbox, with hundreds of small modules. As one file each, they load faster. */
export const SANDBOX_PACKAGES = ['oidc-provider', 'jose', 'graphql', 'graphql-yoga']
const SANDBOX_GRAPHQL = 'sandbox/graphql/graphql_library.ts'
/** Packages of which the used part is bundled. A script sees only one of their objects, the `loc` of a document. */
const TAKEN_IN = /^(valibot|mrmime|tslib)$|^graphql-tag\/|^graphql\/.*\.mjs$/

/**
 * @typedef {object} Prepared
 * @property {ReadonlyMap<string, string>} files by name; `core.cjs` exports `load`: a module of the runtime by its path
 * @property {Readonly<Record<string, string>>} inputs the state of each file that was read, by its absolute path
 */

/**
 * @param {string} runtime absolute path of the folder with the sources
 * @param {string} loader address of `prepared.mjs`
 * @param {readonly string[]} [whole] packages that become a file each
 * @returns {Promise<Prepared>}
 */
export async function build(runtime, loader, whole = []) {
  const { build: bundle } = await import('esbuild')
  const common = /** @type {const} */ ({
    absWorkingDir: runtime,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    sourcemap: 'external',
    sourcesContent: false,
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'silent',
    metafile: true,
    write: false,
  })
  const makers = readdirSync(join(runtime, 'prepared')).map((name) => `prepared/${name}`)
  const { inputs } = (
    await bundle({ ...common, outdir: '.', entryPoints: [...CORE, ...APART], packages: 'external', splitting: true })
  ).metafile
  // Taken before the sources are read for the build, so that a change in between is noticed later.
  const states = statesOf(runtime, [...Object.keys(inputs), ...makers])
  const core = closure(inputs, CORE)
  const lazy = [...APART, ...Object.keys(inputs).flatMap((path) => dynamicImports(inputs, path))].filter(
    (path, index, all) => !core.has(path) && all.indexOf(path) === index,
  )
  const modules = await bundle({ ...common, outdir: '.', bundle: false, sourcemap: false, entryPoints: [...core] })
  const names = new Map(Object.values(modules.metafile.outputs).map((each) => [each.entryPoint, each.exports]))

  /** @type {(path: string) => string} */
  const nameOf = (path) => relative(runtime, path).split(sep).join('/')
  /** @type {import('esbuild').Plugin} */
  const sources = {
    name: 'sources',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const name = nameOf(path)
        const text =
          REPLACED[name] ??
          (whole.includes('graphql-yoga') ? IN_ONE_FILE[name] : undefined) ??
          readFileSync(path, 'utf8')
        return { contents: text.replace(/import\.meta\.url(?=\))/g, `prepared.sourceUrl('${name}')`), loader: 'ts' }
      })
    },
  }
  /** @type {(into: 'core' | 'lazy') => import('esbuild').Plugin} */
  const split = (into) => ({
    name: 'split',
    setup({ onLoad, onResolve, resolve }) {
      onResolve({ filter: /^[^.]/ }, ({ path, kind, importer, resolveDir }) => {
        // Of all of graphql, graphql-tag needs the parser.
        if (path === 'graphql' && /[\\/]graphql-tag[\\/]/.test(importer)) {
          return resolve('graphql/language/parser.mjs', { kind, importer, resolveDir })
        }
        // Other packages have their own graphql, which does not know the objects of another copy.
        const isOwn = path !== 'graphql' || nameOf(importer) === SANDBOX_GRAPHQL
        if (whole.includes(path) && isOwn) return { path: `./${path}.mjs`, external: true }
        if (kind === 'entry-point' || (kind !== 'dynamic-import' && TAKEN_IN.test(path))) return undefined
        return { path, external: true }
      })
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer }) => {
        if (/[\\/]node_modules[\\/]/.test(importer)) return undefined
        const name = nameOf(join(resolveDir, path))
        if (core.has(name)) return into === 'core' ? undefined : { path: name, namespace: 'core' }
        return into === 'lazy' ? undefined : { path: `./${fileOf(name)}`, external: true }
      })
      onLoad({ filter: /.*/, namespace: 'core' }, ({ path }) => ({
        contents: `export const { ${(names.get(path) ?? []).join(', ')} } = await prepared.load(${JSON.stringify(path)})`,
      }))
    },
  })
  const loaders = [...core, ...APART].map(
    (path) => `${JSON.stringify(path)}: () => import(${JSON.stringify(`./${path}`)}),`,
  )
  const results = [
    await bundle({
      ...common,
      stdin: { contents: `export const modules = { ${loaders.join('\n')} }`, resolveDir: runtime },
      outfile: 'core.cjs',
      format: 'cjs',
      plugins: [split('core'), sources],
    }),
    await bundle({
      ...common,
      outdir: '.',
      banner: { js: `import * as prepared from ${JSON.stringify(loader)}` },
      entryPoints: lazy.map((path) => ({ in: path, out: fileOf(path).replace(/\.mjs$/, '') })),
      splitting: true,
      plugins: [split('lazy'), sources],
    }),
    await bundle({
      ...common,
      outdir: '.',
      sourcemap: false,
      // oidc-provider finds its settings by the names of its classes.
      keepNames: true,
      // CommonJS modules in them require modules of Node.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      entryPoints: [...whole],
      mainFields: ['module', 'main'],
      splitting: true,
    }),
  ]
  const files = results.flatMap(({ outputFiles }) => outputFiles)
  return {
    // Node does not support import() in cached code. The replacement has the same length, for the source map.
    files: new Map(
      files.map(({ path, text }) => [
        nameOf(path),
        path.endsWith('.cjs') ? text.replace(/\bimport\(/g, 'Import(') : text,
      ]),
    ),
    inputs: {
      ...statesOf(runtime, results.flatMap(({ metafile }) => Object.keys(metafile.inputs)).map(stateFileOf)),
      ...states,
    },
  }
}

// --- internal ---

/** @typedef {import('esbuild').Metafile['inputs']} Inputs */

/** @type {(inputs: Inputs, roots: readonly string[]) => Set<string>} */
function closure(inputs, roots) {
  const found = new Set(roots)
  // The loop also visits what is added to the set meanwhile.
  for (const path of found) {
    for (const { path: to, kind, external } of inputs[path]?.imports ?? []) {
      if (!external && kind === 'import-statement') found.add(to)
    }
  }
  return found
}

/** @type {(inputs: Inputs, path: string) => string[]} */
function dynamicImports(inputs, path) {
  const { imports = [] } = inputs[path] ?? {}
  return imports.filter(({ kind, external }) => !external && kind === 'dynamic-import').map(({ path: to }) => to)
}

/** @type {(runtime: string, inputs: readonly string[]) => Record<string, string>} */
function statesOf(runtime, inputs) {
  const paths = inputs.filter((path) => !/^(core:|<)/.test(path)).map((path) => join(runtime, path))
  return Object.fromEntries(paths.map((path) => [path, stateOf(path)]))
}

/**
 * A package has one state, that of its `package.json`.
 *
 * @type {(path: string) => string}
 */
function stateFileOf(path) {
  return path.replace(/^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/].*/, '$1/package.json')
}

/** @type {(path: string) => string} */
function fileOf(path) {
  return path.replace(/\.ts$/, '.mjs').replaceAll('/', '.')
}

/** Texts that replace those of files. */
const REPLACED = /** @type {Readonly<Record<string, string>>} */ ({
  'core/source_stack.ts': 'export const { sourceStack, preparedFolder } = prepared',
  // A package loaded by `require` would not be bundled.
  'graphql/document/language.ts': `
export { GraphQLError } from 'graphql/error/GraphQLError.mjs'
export { Kind } from 'graphql/language/kinds.mjs'
export { parse } from 'graphql/language/parser.mjs'
export { print } from 'graphql/language/printer.mjs'
export { BREAK, visit } from 'graphql/language/visitor.mjs'
import * as tag from 'graphql-tag/lib/index.js'
export function graphqlTag() {
  return tag
}`,
})

/** Replaces a file by one that imports packages which are a file each. */
const IN_ONE_FILE = /** @type {Readonly<Record<string, string>>} */ ({
  [SANDBOX_GRAPHQL]: `
export { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
export { createSchema, createYoga } from 'graphql-yoga'`,
})
