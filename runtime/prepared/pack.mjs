/** Puts the prepared runtime into `dist/`, for the package. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const runtime = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = join(dirname(runtime), 'dist', 'prepared')
const { files } = await build(runtime, '../../runtime/prepared/prepared.mjs')
mkdirSync(folder, { recursive: true })
for (const [name, content] of files) writeFileSync(join(folder, name), content)
