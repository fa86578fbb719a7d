/** A new PGlite database in a moment. PGlite needs seconds of processor time for its first start in an empty folder. */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { knownPath } from '../../runtime/host/windows_name.ts'
import { REPOSITORY } from '../_cli.ts'
import { RUNTIME } from '../_runtime.ts'

/** Node runs PGlite as it is compiled at first. To make its code fast takes longer than all that a test does with it. */
export const PGLITE_FLAGS: readonly string[] = RUNTIME === 'node' ? ['--liftoff-only'] : []
for (const flag of PGLITE_FLAGS) setFlagsFromString(flag)

/** Makes `folder`, the data folder of a database without tables. */
export async function makeDatabase(folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 })
  cpSync(await template(), folder, { recursive: true })
}

/**
 * Makes the database of the queue of the project in `dir`, for a user whose state folder is `state`. Returns the queue's
 * folder.
 */
export async function makeQueue(dir: string, state: string): Promise<string> {
  const project = createHash('sha256').update(knownPath(dir)).digest('hex').slice(0, 16)
  const folder = join(state, 'queue', project)
  await makeDatabase(join(folder, 'data'))
  return folder
}

// --- internal ---

/** Made once for each version of PGlite; of several test files that make it at once, one is kept. */
async function template(): Promise<string> {
  const { version } = JSON.parse(
    readFileSync(join(REPOSITORY, 'node_modules', '@electric-sql', 'pglite', 'package.json'), 'utf8'),
  )
  const kept = join(REPOSITORY, 'node_modules', '.cache', 'wfg-test', `pglite-${version}`)
  if (existsSync(kept)) return kept
  mkdirSync(dirname(kept), { recursive: true })
  const made = mkdtempSync(`${kept}-`)
  const { PGlite } = await import('@electric-sql/pglite')
  await (await PGlite.create(made)).close()
  try {
    renameSync(made, kept)
  } catch (error) {
    if (!existsSync(kept)) throw error
    rmSync(made, { recursive: true })
  }
  return kept
}
