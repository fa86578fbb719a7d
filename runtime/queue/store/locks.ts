/** Locks of the workers, each a row that goes with the row of its worker: one that is taken for dead holds nothing. */
import { randomUUID } from 'node:crypto'
import type { Sql } from '../database/sql.ts'

export interface Locks {
  /** Gives what releases it, which never rejects; undefined while anybody has it, be it this process. */
  take(key: string, workerId: string): Promise<(() => Promise<void>) | undefined>
  /** Releases what this worker has and does not want: the answer to `take()` was lost, or the database was away. */
  tidy(workerId: string): Promise<void>
}

export function createLocks(sql: Sql): Locks {
  /** Those that this process wants to have. */
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
        await sql.query('DELETE FROM wfg.lock WHERE id = $1', [id]).catch(() => {}) // `tidy()` will
      }
    },
    async tidy(workerId) {
      await sql.query('DELETE FROM wfg.lock WHERE worker_id = $1 AND id <> ALL ($2::uuid[])', [workerId, [...wanted]])
    },
  }
}
