/** Failures that somebody has to be told of. The record of a run names the task for that until the task is queued. */
import type { Sql } from '../database/sql.ts'
import { type Failure, type Store, withoutStack } from '../store.ts'
import { QUEUES } from './engine.ts'
import { ENGINE_SCHEMA } from './tables.ts'

/**
 * Looks at the records, because the engine itself fails a job that expires. Such a run counts once it has ended, or its
 * worker was found dead: it may still be done.
 */
export function createFailures(sql: Sql): Pick<Store, 'told' | 'untold'> {
  const told: Store['told'] = async ({ id, attempt }) => {
    await sql.query('UPDATE wfg.run SET on_failure = NULL WHERE job_id = $1 AND attempt = $2', [id, attempt])
  }
  return {
    told,
    async untold(tasks) {
      const rows = await sql.query<Row>(
        `SELECT run.job_id AS id, run.attempt, run.task, run.on_failure, run.exit_code, run.error, run.hostname, job.data
          FROM wfg.run AS run LEFT JOIN ${ENGINE_SCHEMA}.job AS job ON job.id = run.job_id AND job.name LIKE '${QUEUES}'
            AND job.state = 'failed' AND job.retry_count = run.attempt
          WHERE run.on_failure = ANY ($1::text[]) AND run.outcome NOT IN ('running', 'done')
          ORDER BY run.started_at LIMIT ${MAX_ROWS}`,
        [tasks],
      )
      // It is tried again, or was dropped.
      for (const row of rows) if (!row.data) await told(row)
      return rows.flatMap(({ data, on_failure: onFailure, exit_code: exitCode, error, ...rest }) =>
        data ? { ...rest, data, onFailure, exitCode: exitCode ?? 143, error: withoutStack(error ?? '') } : [],
      )
    },
  }
}

// --- internal ---

const MAX_ROWS = 100

type Row = Pick<Failure, 'id' | 'attempt' | 'task' | 'hostname'> & {
  on_failure: string
  exit_code: number | null
  error: string | null
  /** Null if the job is not dead. */
  data: Failure['data'] | null
}
