/** The history of the fleet: the attempts of jobs, and runs that were started by hand. */
import type { Sql } from '../database/sql.ts'
import type { RunRow, Store } from './store.ts'

export function createRuns(sql: Sql): Pick<Store, 'runs' | 'run' | 'addRun'> {
  return {
    async runs(limit, { task, idStart, isFailed = false } = {}) {
      const rows = await sql.query<Stored>(
        `SELECT * FROM wfg.run
          WHERE ($2::text IS NULL OR task = $2) AND ($3::text IS NULL OR starts_with(id, $3))
            AND (outcome NOT IN ('running', 'done') OR NOT $4::boolean)
          ORDER BY started_at DESC, id LIMIT $1`,
        [limit, task ?? null, idStart ?? null, isFailed],
      )
      return rows.map(toRun)
    },
    async run(id) {
      const rows = await sql.query<Stored>('SELECT * FROM wfg.run WHERE id = $1 OR starts_with(id, $1) LIMIT 3', [id])
      const exact = rows.find((row) => row.id === id) ?? (await exactly(sql, id))
      if (exact) return toRun(exact)
      return rows.length === 1 ? toRun(rows[0]!) : undefined
    },
    async addRun(run) {
      await sql.query(
        `INSERT INTO wfg.run (id, task, profile, args, hostname, os_user, acting_user, started_at, ended_at, outcome, exit_code,
            duration_ms, operations, error, git_commit, process)
          VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, $15, $16::jsonb)
          ON CONFLICT (id) DO UPDATE SET acting_user = excluded.acting_user, ended_at = excluded.ended_at,
            outcome = excluded.outcome, exit_code = excluded.exit_code, duration_ms = excluded.duration_ms,
            operations = excluded.operations, error = excluded.error
          WHERE run.job_id IS NULL AND run.exit_code IS NULL AND run.hostname = excluded.hostname`,
        [
          ...[
            run.id,
            run.task,
            run.profile ?? null,
            toJson(run.args),
            run.hostname,
            run.osUser ?? null,
            run.user ?? null,
          ],
          ...[run.startedAt, run.endedAt ?? null, run.outcome, run.exitCode ?? null, run.durationMs ?? null],
          ...[toJson(run.operations), run.error?.replaceAll('\u0000', '') ?? null, run.commit ?? null],
          toJson(run.process),
        ],
      )
    },
  }
}

/** So that the history does not grow for ever. What still runs stays; a run by hand that left no end does so for a day. */
export async function dropOldRuns(sql: Sql): Promise<void> {
  await sql.query(
    `UPDATE wfg.run SET outcome = 'interrupted'
      WHERE outcome = 'running' AND job_id IS NULL AND started_at < now() - interval '1 day'`,
  )
  await sql.query(
    `DELETE FROM wfg.run WHERE started_at < now() - interval '${KEPT_DAYS} days' AND outcome <> 'running'`,
  )
}

// --- internal ---

/** Longer than any job is kept that one of them belongs to. */
const KEPT_DAYS = 90

type Stored = {
  id: string
  job_id: string | null
  attempt: number | null
  task: string
  profile: string | null
  args: Readonly<Record<string, unknown>> | null
  hostname: string
  os_user: string | null
  acting_user: string | null
  started_at: Date
  ended_at: Date | null
  outcome: RunRow['outcome']
  exit_code: number | null
  duration_ms: number | null
  operations: Readonly<Record<string, number>> | null
  error: string | null
  git_commit: string | null
  process: RunRow['process'] | null
}

async function exactly(sql: Sql, id: string): Promise<Stored | undefined> {
  return (await sql.query<Stored>('SELECT * FROM wfg.run WHERE id = $1', [id]))[0]
}

function toJson(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

function toRun(row: Stored): RunRow {
  const { id, task, hostname, outcome } = row
  const optional = {
    jobId: row.job_id,
    attempt: row.attempt,
    profile: row.profile,
    args: row.args,
    osUser: row.os_user,
    user: row.acting_user,
    endedAt: row.ended_at,
    exitCode: row.exit_code,
    durationMs: row.duration_ms,
    operations: row.operations,
    error: row.error,
    commit: row.git_commit,
    process: row.process,
  }
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null))
  return { id, task, hostname, outcome, startedAt: row.started_at, ...given }
}
