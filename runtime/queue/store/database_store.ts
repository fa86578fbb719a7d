/** The store on a database. */
import type { Host } from '../../host/host.ts'
import type { Sql } from '../database/sql.ts'
import { TAKEOVER_MS } from '../worker/lease.ts'
import { createAttempts } from './attempts.ts'
import { createCronTimes } from './cron_times.ts'
import { startEngine } from './engine.ts'
import { createJobs } from './jobs.ts'
import { createRuns } from './runs.ts'
import type { Store } from './store.ts'
import { prepareTables } from './tables.ts'
import { createWorkers } from './workers.ts'

export interface DatabaseStoreOptions {
  readonly role: 'worker' | 'command'
  /** See `createWorkers()`. Default: `TAKEOVER_MS` on PostgreSQL, 0 on PGlite, whose folder has one worker. */
  readonly watchMs?: number
}

/** Closing it closes the database; when it cannot be made, the database is closed as well. */
export async function createDatabaseStore(
  host: Pick<Host, 'monotonicMs' | 'runtime'>,
  sql: Sql,
  { role, watchMs = sql.kind === 'pglite' ? 0 : TAKEOVER_MS }: DatabaseStoreOptions,
): Promise<Store> {
  try {
    await prepareTables(sql)
    const engine = await startEngine(host, sql, role === 'worker')
    const { unregister, ...workers } = createWorkers(host, sql, engine, watchMs)
    return {
      ...createJobs(sql, engine),
      ...createAttempts(sql, engine),
      ...createRuns(sql),
      ...createCronTimes(sql),
      ...workers,
      async close() {
        // Without the database there is nobody to take leave of.
        await unregister().catch(() => {})
        await engine.stop().catch(() => {})
        await sql.close()
      },
    }
  } catch (error) {
    await sql.close().catch(() => {})
    throw error
  }
}
