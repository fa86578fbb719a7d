/** Completes `dist/` for the package: the files that the runtime reads as text, and the prepared runtime. The README's pictures stay out. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const runtime = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(dirname(runtime), 'dist')
cpSync(runtime, dist, {
  recursive: true,
  filter: (path) => !/\.(ts|mjs|cjs|json|png|svg)$|[\\/](README\.md|prepared)$/.test(path),
})

const folder = join(dist, 'prepared')
const { files } = await build(runtime, '../../runtime/prepared/prepared.mjs')
mkdirSync(folder, { recursive: true })
for (const [name, content] of files) writeFileSync(join(folder, name), content)
