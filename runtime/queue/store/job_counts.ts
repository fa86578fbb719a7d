import type { Sql } from '../database/sql.ts'
import type { JobCounts } from '../store.ts'
import { QUEUES } from './engine.ts'
import { ENGINE_SCHEMA } from './tables.ts'

export async function countJobs(sql: Sql): Promise<JobCounts> {
  const rows = await sql.query<{ state: keyof JobCounts['jobs']; count: number; seconds: number }>(
    `SELECT CASE WHEN state = 'active' THEN 'running' WHEN state > 'active' THEN 'dead'
          WHEN start_after > now() THEN 'failed' ELSE 'waiting' END AS state,
        count(*)::int AS count, extract(epoch FROM now() - min(start_after))::float8 AS seconds
      FROM ${ENGINE_SCHEMA}.job WHERE name LIKE '${QUEUES}' AND state <> 'completed' GROUP BY 1`,
  )
  const count = (state: keyof JobCounts['jobs']) => rows.find((row) => row.state === state)?.count ?? 0
  return {
    jobs: { waiting: count('waiting'), running: count('running'), failed: count('failed'), dead: count('dead') },
    oldestSeconds: rows.find(({ state }) => state === 'waiting')?.seconds ?? 0,
  }
}
