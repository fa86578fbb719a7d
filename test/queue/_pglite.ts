/** A new queue on PGlite in a moment. PGlite needs seconds of processor time for its first start in an empty folder. */
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { systemHost } from '../../runtime/host/host.ts'
import { knownPath } from '../../runtime/host/windows_name.ts'
import { openPglite } from '../../runtime/queue/database/pglite.ts'
import { createDatabaseStore } from '../../runtime/queue/store/database_store.ts'
import { REPOSITORY } from '../_cli.ts'
import { RUNTIME } from '../_runtime.ts'

/** Node runs PGlite as it is compiled at first. To make its code fast takes longer than all that a test does with it. */
export const PGLITE_FLAGS: readonly string[] = RUNTIME === 'node' ? ['--liftoff-only'] : []
for (const flag of PGLITE_FLAGS) setFlagsFromString(flag)

/** Makes `folder`, the data folder of a queue in which nothing is. */
export async function makeDatabase(folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 })
  copyFolder(await template(), folder)
  truncateSync(logOf(folder), LOG_BYTES)
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

/** Of each file of the write-ahead log. */
const LOG_BYTES = 16 * 1024 * 1024

/** The database clears all of its memory when it opens, and by default it has 128 MB. */
const SETTINGS = `
shared_buffers = 4MB
wal_recycle = off
`

/** What makes the folder small: a third of the files, and a log without its past. */
const SHRINK = [
  'UPDATE pg_database SET datistemplate = false',
  'DROP DATABASE template0',
  'DROP DATABASE template1',
  'SELECT pg_switch_wal()',
  'CHECKPOINT',
]

/** Where pages have room: a fifth of the files, which the database can do without. */
const MAP = /_(fsm|vm)$/

/** What the template is made of: another one is made when they change. */
const PARTS: readonly string[] = [
  'node_modules/@electric-sql/pglite/package.json',
  join(process.env['TEST_PG_BOSS'] ?? 'node_modules/pg-boss', 'package.json'),
  ...['tables', 'indexes'].map((name) => `runtime/queue/store/${name}.ts`),
  'test/queue/_pglite.ts',
]

/** Made once; of several test files that make it at once, one is kept. Its log has no zeros at its end. */
async function template(): Promise<string> {
  const hash = createHash('sha256')
  for (const part of PARTS) hash.update(readFileSync(resolve(REPOSITORY, part)))
  const kept = join(REPOSITORY, 'node_modules', '.cache', 'wfg-test', `queue-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(kept)) return kept
  mkdirSync(dirname(kept), { recursive: true })
  const made = mkdtempSync(`${kept}-`)
  const host = systemHost()
  await (await createDatabaseStore(host, await openPglite(host, made), { role: 'worker' })).close()
  appendFileSync(join(made, 'postgresql.conf'), SETTINGS)
  const sql = await openPglite(host, made)
  for (const statement of SHRINK) await sql.query(statement)
  await sql.close()
  for (const path of readdirSync(made, { recursive: true, encoding: 'utf8' })) {
    if (MAP.test(path)) rmSync(join(made, path))
  }
  const log = logOf(made)
  truncateSync(log, readFileSync(log).findLastIndex((byte) => byte !== 0) + 1)
  try {
    renameSync(made, kept)
  } catch (error) {
    if (!existsSync(kept)) throw error
    rmSync(made, { recursive: true })
  }
  return kept
}

/** The only file of the log. */
function logOf(folder: string): string {
  const logs = join(folder, 'pg_wal')
  return join(logs, readdirSync(logs).find((name) => name.startsWith('0'))!)
}

/** In a quarter of the time of `cpSync()`. */
function copyFolder(source: string, target: string): void {
  mkdirSync(target, { mode: 0o700 })
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)]
    if (entry.isDirectory()) copyFolder(from, to)
    else copyFileSync(from, to)
  }
}
