/** The store on a database. */
import type { Host } from '../../host/host.ts'
import type { Sql } from '../database/sql.ts'
import type { Store } from '../store.ts'
import { TAKEOVER_MS } from '../worker/lease.ts'
import { createAttempts } from './attempts.ts'
import { startEngine } from './engine.ts'
import { createFailures } from './failures.ts'
import { prepareIndexes } from './indexes.ts'
import { countJobs } from './job_counts.ts'
import { createJobs } from './jobs.ts'
import { createKept } from './kept.ts'
import { prepareTables } from './tables.ts'
import { createWorkers } from './workers.ts'

export interface DatabaseStoreOptions {
  readonly role: 'worker' | 'command'
  /** See `createWorkers()`. Default: `TAKEOVER_MS` on PostgreSQL, 0 on PGlite, whose folder has one worker. */
  readonly watchMs?: number
}

/** Closing the store closes the database. If the store cannot be made, the database is closed too. */
export async function createDatabaseStore(
  host: Pick<Host, 'monotonicMs' | 'runtime'>,
  sql: Sql,
  { role, watchMs = sql.kind === 'pglite' ? 0 : TAKEOVER_MS }: DatabaseStoreOptions,
): Promise<Store> {
  try {
    await prepareTables(sql)
    const engine = await startEngine(host, sql, role === 'worker')
    if (role === 'worker') await prepareIndexes(sql)
    const { unregister, ...workers } = createWorkers(host, sql, engine, watchMs)
    return {
      ...createJobs(sql, engine),
      ...createAttempts(sql, engine),
      ...createFailures(sql),
      ...createKept(sql),
      ...workers,
      counts: () => countJobs(sql),
      async lastCronTime(task) {
        const rows = await sql.query<{ time: Date }>('SELECT handled_until AS time FROM wfg.schedule WHERE task = $1', [
          task,
        ])
        return rows[0]?.time
      },
      async setCronTime(task, time) {
        await sql.query(
          `INSERT INTO wfg.schedule (task, handled_until) VALUES ($1, $2)
            ON CONFLICT (task) DO UPDATE SET handled_until = excluded.handled_until`,
          [task, time],
        )
      },
      async close() {
        // The database may be away.
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
