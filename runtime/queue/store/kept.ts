/** What runs print, in the database, so that every computer can show it. */
import { type KeptPart, type KeptSizes, MAX_BYTES, type StreamName } from '../../tasks/kept/kept.ts'
import type { Sql } from '../database/sql.ts'
import type { Store } from '../store.ts'

export function createKept(sql: Sql): Pick<Store, 'keep'> {
  return {
    async keep(id, name, { at, data }) {
      // The files of the one user of this database are enough.
      if (sql.kind === 'pglite') return
      await addKept(sql, id, name, [{ at, data }])
      const first = at + data.length - MAX_BYTES
      if (name === 'log' && first > 0) {
        await sql.query("DELETE FROM wfg.kept WHERE run_id = $1 AND stream = 'log' AND at < $2", [id, first])
      }
    },
  }
}

export async function addKept(sql: Sql, id: string, name: StreamName, parts: readonly KeptPart[]): Promise<void> {
  for (const { at, data } of parts) {
    await sql.query('INSERT INTO wfg.kept (run_id, stream, at, data) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [
      id,
      name,
      at,
      Buffer.from(data),
    ])
  }
}

/** Returns the parts from `from` on. */
export function readKept(sql: Sql, id: string, name: StreamName, from: number): Promise<KeptPart[]> {
  return sql.query<KeptPart & Record<string, unknown>>(
    'SELECT at, data FROM wfg.kept WHERE run_id = $1 AND stream = $2 AND at >= $3 ORDER BY at',
    [id, name, from],
  )
}

export async function keptSizes(sql: Sql, id: string): Promise<KeptSizes> {
  const rows = await sql.query<{ stream: StreamName; size: number }>(
    'SELECT stream, sum(length(data))::int AS size FROM wfg.kept WHERE run_id = $1 GROUP BY stream',
    [id],
  )
  return { output: 0, log: 0, ...Object.fromEntries(rows.map(({ stream, size }) => [stream, size])) }
}

export async function dropOldKept(sql: Sql): Promise<void> {
  await sql.query(`DELETE FROM wfg.kept WHERE kept_at < now() - interval '${KEPT_DAYS} days'`)
}

// --- internal ---

const KEPT_DAYS = 14
