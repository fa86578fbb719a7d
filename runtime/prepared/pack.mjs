/**
 * Makes `dist/` for the package: the compiled runtime and its types, the files that it reads as text, and the prepared
 * runtime. The README's pictures stay out. npm runs it for `npm pack`, and when the package is installed from a git address.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const runtime = dirname(dirname(fileURLToPath(import.meta.url)))
const root = dirname(runtime)
const dist = join(root, 'dist')
const packages = join(root, 'node_modules')

const missing = ['typescript', 'gql.tada', 'esbuild'].filter((name) => !existsSync(join(packages, name)))
if (missing.length > 0) {
  stop(`the packages it is built with are not installed (${missing.join(', ')}). Run \`npm ci --include=dev\` first.`)
}
rmSync(dist, { recursive: true, force: true })
const tsc = [join(packages, 'typescript', 'bin', 'tsc'), '-p', runtime]
if (spawnSync(process.execPath, tsc, { stdio: 'inherit' }).status !== 0) stop('the runtime does not compile.')
cpSync(runtime, dist, {
  recursive: true,
  filter: (path) => !/\.(ts|mjs|cjs|json|png|svg)$|[\\/](README\.md|prepared)$/.test(path),
})
copyTypes()

const folder = join(dist, 'prepared')
const { build } = await import('./build.mjs')
const { files } = await build(runtime, '../../runtime/prepared/prepared.mjs')
mkdirSync(folder, { recursive: true })
for (const [name, content] of files) writeFileSync(join(folder, name), content)

// --- internal ---

/** Copies the types of gql.tada, 80 KB. The package would bring 27 MB, and only the compiler uses it. */
function copyTypes() {
  const [from, to] = [join(packages, 'gql.tada'), join(dist, 'gql.tada')]
  mkdirSync(join(to, 'chunks'), { recursive: true })
  cpSync(join(from, 'LICENSE.md'), join(to, 'LICENSE.md'))
  for (const path of ['gql-tada.d.ts', 'chunks/index-chunk.d.ts']) {
    const text = readFileSync(join(from, 'dist', path), 'utf8')
    // That package copies the types of graphql.
    writeFileSync(join(to, path), text.replace("from '@0no-co/graphql.web'", "from 'graphql'"))
  }
  const user = join(dist, 'graphql', 'document', 'typed_document.d.ts')
  const text = readFileSync(user, 'utf8')
  writeFileSync(user, text.replace("from 'gql.tada'", "from '../../gql.tada/gql-tada.js'"))
}

/** @type {(reason: string) => never} */
function stop(reason) {
  process.stderr.write(`Cannot make the archive: ${reason}\n`)
  process.exit(1)
}
