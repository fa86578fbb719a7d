/** Attempts of jobs. Each is recorded before it starts, so that it is started once and ended once. */
import { attemptId } from '../../tasks/history/run_id.ts'
import type { Sql } from '../database/sql.ts'
import { type Job, outcomeOf, type RunOutcome, type Store } from '../store.ts'
import type { Engine } from './engine.ts'
import { lockJob } from './jobs.ts'

export function createAttempts(sql: Sql, engine: Engine): Pick<Store, 'begin' | 'complete' | 'fail'> {
  return {
    begin: (job, worker) =>
      sql.transaction(async () => {
        const { id, attempt, task, data } = job
        if (!isCurrent(await lockJob(sql, id), job)) return false
        const added = await sql.query(
          `INSERT INTO wfg.run (id, job_id, attempt, worker_id, task, profile, args, hostname, os_user, on_failure,
              started_at, outcome)
            VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, now(), 'running') ON CONFLICT DO NOTHING RETURNING 1`,
          [
            ...[attemptId(id, attempt), id, attempt, worker.id, task],
            ...[data.profile ?? null, JSON.stringify(data.args), worker.hostname, data.queuedBy.user],
            data.onFailure ?? null,
          ],
        )
        if (added.length > 0) return true
        // The answer to an earlier call may have been lost.
        const own = await sql.query(
          "SELECT 1 FROM wfg.run WHERE job_id = $1 AND attempt = $2 AND worker_id = $3 AND outcome = 'running'",
          [id, attempt, worker.id],
        )
        return own.length > 0
      }),
    complete: (job, outcome) => settle(sql, engine, job, outcome, 'complete'),
    fail: (job, outcome) => settle(sql, engine, job, outcome, 'fail'),
  }
}

/** False if the attempt was taken from its worker, because it expired or the worker was silent. */
export function isCurrent(found: { state: string; attempt: number } | undefined, job: Pick<Job, 'attempt'>): boolean {
  return found?.state === 'active' && found.attempt === job.attempt
}

// --- internal ---

/** States from which a job can be tried again, by itself or by hand. */
const REPEATABLE = ['retry', 'failed']

function settle(
  sql: Sql,
  engine: Engine,
  job: Job,
  { exitCode, durationMs, error, operations, user }: RunOutcome,
  how: 'complete' | 'fail',
): Promise<boolean> {
  // A text in the database cannot have U+0000.
  const said = error?.replaceAll('\u0000', '')
  return sql.transaction(async () => {
    const found = await lockJob(sql, job.id)
    const isOwn = isCurrent(found, job)
    if (found && isOwn) {
      await engine[how](found.name, job.id, { exitCode, durationMs, ...(said === undefined ? {} : { error: said }) })
    }
    const untold = await sql.query(
      'SELECT 1 FROM wfg.run WHERE job_id = $1 AND attempt = $2 AND exit_code IS NULL FOR UPDATE',
      [job.id, job.attempt],
    )
    const isTaken = !isOwn && untold.length > 0
    // It is done after all, so nobody may repeat it.
    if (isTaken && how === 'complete' && found?.attempt === job.attempt && REPEATABLE.includes(found.state)) {
      await engine.deleteJob(found.name, job.id)
    }
    await sql.query(
      `UPDATE wfg.run SET ended_at = now(), outcome = $3, exit_code = $4, duration_ms = $5, error = $6,
          operations = $7::jsonb, acting_user = $8
        WHERE job_id = $1 AND attempt = $2`,
      [
        ...[job.id, job.attempt, outcomeOf(exitCode), exitCode, durationMs, said ?? null],
        ...[operations ? JSON.stringify(operations) : null, user ?? null],
      ],
    )
    return !isTaken
  })
}
