/** The history that all workers and computers share, in the database of WFG_DATABASE_URL. */
import { isWfgError } from '../core/errors.ts'
import { MASK as REDACTED } from '../core/redact.ts'
import type { Host } from '../host/host.ts'
import { findDatabaseUrl } from '../settings/find_database_url.ts'
import type { Outcome, RunRecord, RunSelection } from '../tasks/history/record.ts'
import { interrupted, isAlive } from '../tasks/history/running.ts'
import { computerName, MASK } from '../tasks/history/write_record.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import type { Sql } from './database/sql.ts'
import { withoutStack } from './store.ts'

/** Returns the newest runs. Returns none if no database is set, or, with a warning, if it cannot be reached. */
export async function fleetRuns(
  { host, registry, flags }: Pick<CommandCall, 'host' | 'registry' | 'flags'>,
  limit: number,
  selection: RunSelection = {},
): Promise<readonly RunRecord[]> {
  const url = findDatabaseUrl(host, registry.directory, flags.profile)
  if (url === undefined) return []
  try {
    return await withTables(host, url, (sql) => readRuns(host, sql, registry.directory, limit, selection))
  } catch (error) {
    if (!isWfgError(error)) throw error
    await host.stderr.write(host.redactor.text(`warning: the runs of the workers are left out: ${error.message}\n`))
    return []
  }
}

/** Adds the start or the end of a run by hand. A dry run is left out, because it changed nothing. */
export async function addFleetRun(host: DatabaseHost, url: string, record: RunRecord): Promise<void> {
  if (!record.dryRun) await withTables(host, url, (sql) => addRun(sql, record))
}

/** Also marks the runs by hand that were killed on this computer, so that all computers see it. */
export async function readRuns(
  host: Parameters<typeof isAlive>[0],
  sql: Sql,
  directory: string,
  limit: number,
  { task, idStart, isFailed = false, since, by, on }: RunSelection,
): Promise<RunRecord[]> {
  const rows = await sql.query<Row>(
    `SELECT * FROM wfg.run
      WHERE ($2::text IS NULL OR task = $2) AND ($3::text IS NULL OR starts_with(id, $3))
        AND (outcome NOT IN ('running', 'done') OR NOT $4::boolean)
        AND ($5::timestamptz IS NULL OR started_at >= $5)
        AND ($6::text IS NULL OR lower($6) IN (lower(os_user), lower(acting_user)))
        AND ($7::text IS NULL OR lower(hostname) = lower($7))
      ORDER BY started_at DESC, id LIMIT $1`,
    [limit, task ?? null, idStart ?? null, isFailed, since ?? null, by ?? null, on ?? null],
  )
  const records: RunRecord[] = []
  for (const row of rows) {
    const record = recordOf(row, directory)
    const isOwn = row.job_id === null && row.hostname === computerName(host)
    const isKilled = isOwn && row.outcome === 'running' && !isAlive(host, record)
    if (isKilled) await addRun(sql, interrupted(record))
    records.push(isKilled ? interrupted(record) : record)
  }
  return records
}

/** Never changes the run of a job. */
export async function addRun(sql: Sql, record: RunRecord): Promise<void> {
  const { durationMs, startedAt, osUser, outcome } = record
  const endedAt = durationMs === undefined ? null : new Date(Date.parse(startedAt) + durationMs)
  await sql.query(
    `INSERT INTO wfg.run (id, task, profile, args, hostname, os_user, acting_user, started_at, ended_at, outcome, exit_code,
        duration_ms, operations, error, git_commit, process)
      VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, $15, $16::jsonb)
      ON CONFLICT (id) DO UPDATE SET acting_user = excluded.acting_user, ended_at = excluded.ended_at,
        outcome = excluded.outcome, exit_code = excluded.exit_code, duration_ms = excluded.duration_ms,
        operations = excluded.operations, error = excluded.error
      WHERE run.job_id IS NULL AND run.exit_code IS NULL AND run.hostname = excluded.hostname`,
    [
      ...[record.id, record.task ?? record.file ?? '', record.profile, toJson(record.args), record.host ?? ''],
      ...[osUser === undefined ? null : String(osUser), record.actingUser, new Date(startedAt), endedAt],
      ...[outcome === 'incomplete' ? 'failed' : outcome, record.exitCode, durationMs, toJson(record.operations)],
      ...[record.error?.message.replaceAll('\u0000', ''), record.commit, toJson(record.process)],
    ].map((value) => value ?? null),
  )
}

/** Without pg-boss, which the history does not need. */
export async function withTables<Result>(
  host: DatabaseHost,
  url: string,
  work: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  const { openPostgres } = await import('./database/postgres.ts')
  const { prepareTables } = await import('./store/tables.ts')
  const sql = await openPostgres(host, url)
  try {
    await prepareTables(sql)
    return await work(sql)
  } finally {
    await sql.close()
  }
}

// --- internal ---

type DatabaseHost = Pick<Host, 'redactor' | 'runtime'>

type Row = {
  id: string
  job_id: string | null
  task: string
  profile: string | null
  args: Readonly<Record<string, unknown>> | null
  hostname: string
  os_user: string | null
  acting_user: string | null
  started_at: Date
  ended_at: Date | null
  outcome: Exclude<Outcome, 'incomplete'>
  exit_code: number | null
  duration_ms: number | null
  operations: Readonly<Record<string, number>> | null
  error: string | null
  git_commit: string | null
  process: NonNullable<RunRecord['process']> | null
}

function recordOf(row: Row, directory: string): RunRecord {
  const common = {
    ...{ v: 1 as const, id: row.id, task: row.task, profile: row.profile ?? undefined, args: row.args ?? undefined },
    ...{ directory, host: row.hostname, osUser: row.os_user ?? undefined, actingUser: row.acting_user ?? undefined },
    ...{ operations: row.operations ?? {}, commit: row.git_commit ?? undefined, process: row.process ?? undefined },
    startedAt: row.started_at.toISOString(),
    withheld: isMasked(row.args) ? ('secret' as const) : undefined,
    error: row.error === null ? undefined : { message: withoutStack(row.error) },
  }
  if (row.outcome === 'running') return { ...common, outcome: row.outcome }
  const exitCode = row.exit_code ?? (row.job_id === null ? undefined : 143)
  const lastedMs = row.ended_at ? Math.max(0, row.ended_at.getTime() - row.started_at.getTime()) : undefined
  return {
    ...common,
    exitCode,
    durationMs: row.duration_ms ?? lastedMs,
    outcome: exitCode === 5 ? 'incomplete' : row.outcome,
  }
}

/** The table does not say what was masked, and a mask must not be taken for the value. */
function isMasked(args: Row['args']): boolean {
  const text = JSON.stringify(args ?? {})
  return [MASK, REDACTED].some((mask) => text.includes(mask))
}

function toJson(value: object | undefined): string | undefined {
  return value && JSON.stringify(value)
}
