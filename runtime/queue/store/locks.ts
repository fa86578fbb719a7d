/** Locks of the workers. Each is a row that is deleted with the row of its worker, so that a dead worker holds no lock. */
import { randomUUID } from 'node:crypto'
import type { Sql } from '../database/sql.ts'
import { NOTIFY } from './tables.ts'

export interface Locks {
  /** Returns a function that releases the lock and never rejects; undefined while anyone has it, this process included. */
  take(key: string, workerId: string): Promise<(() => Promise<void>) | undefined>
  /** Releases locks that this worker has and does not want, because an answer was lost or the database was away. */
  tidy(workerId: string): Promise<void>
}

export function createLocks(sql: Sql): Locks {
  /** Ids of the locks that this process wants. */
  const wanted = new Set<string>()
  return {
    async take(key, workerId) {
      const id = randomUUID()
      wanted.add(id)
      let isTaken = false
      try {
        const rows = await sql.query(
          `INSERT INTO wfg.lock (key, id, worker_id) SELECT $1, $2, worker.id FROM wfg.worker WHERE worker.id = $3
            ON CONFLICT DO NOTHING RETURNING 1`,
          [key, id, workerId],
        )
        isTaken = rows.length > 0
      } finally {
        if (!isTaken) wanted.delete(id)
      }
      if (!isTaken) return undefined
      return async () => {
        wanted.delete(id)
        // A job of another worker may wait for a key.
        const release = `WITH gone AS (DELETE FROM wfg.lock WHERE id = $1 RETURNING key) ${NOTIFY} FROM gone WHERE key LIKE 'key:%'`
        await sql.query(release, [id]).catch(() => {}) // `tidy()` releases it later
      }
    },
    async tidy(workerId) {
      await sql.query('DELETE FROM wfg.lock WHERE worker_id = $1 AND id <> ALL ($2::uuid[])', [workerId, [...wanted]])
    },
  }
}
