/** The history that the workers of a fleet share, in the database of WFG_DATABASE_URL. */
import { findDatabaseUrl } from '../../database_url.ts'
import { isWfgError } from '../../errors.ts'
import type { Host } from '../../host.ts'
import { MASK as REDACTED } from '../../redact.ts'
import type { RunRecord } from '../../tasks/history/record.ts'
import { MASK } from '../../tasks/history/write_record.ts'
import type { CommandCall } from '../main.ts'
import type { RunRow, RunRowChoice, Store } from './store/store.ts'

/** The newest runs; none without a database, or with a word where it cannot be reached: those of this computer are there. */
export async function fleetRuns(
  { host, registry, flags }: Pick<CommandCall, 'host' | 'registry' | 'flags'>,
  limit: number,
  choice: RunRowChoice = {},
): Promise<readonly RunRecord[]> {
  const url = findDatabaseUrl(host, registry.directory, flags.profile)
  if (url === undefined) return []
  try {
    const rows = await withRuns(host, url, (runs) => runs.runs(limit, { ...choice, isOver: true }))
    return rows.flatMap((row) => recordOf(row, registry.directory) ?? [])
  } catch (error) {
    if (!isWfgError(error)) throw error
    await host.stderr.write(host.redactor.text(`warning: the runs of the workers are left out: ${error.message}\n`))
    return []
  }
}

/** Adds a run that was started by hand. A dry run did nothing that others would look for. */
export async function addFleetRun(host: FleetHost, url: string, record: RunRecord): Promise<void> {
  if (!record.dryRun) await withRuns(host, url, (runs) => runs.addRun(rowOf(record)))
}

// --- internal ---

type FleetHost = Pick<Host, 'redactor' | 'runtime'>

/** Without the engine, which has no part in it. */
async function withRuns<Result>(
  host: FleetHost,
  url: string,
  work: (runs: Pick<Store, 'addRun' | 'runs'>) => Promise<Result>,
): Promise<Result> {
  const { openPostgres } = await import('./store/postgres.ts')
  const { prepareTables } = await import('./store/tables.ts')
  const { createRuns } = await import('./store/runs.ts')
  const sql = await openPostgres(host, url)
  try {
    await prepareTables(sql)
    return await work(createRuns(sql))
  } finally {
    await sql.close()
  }
}

/** Undefined for one that is not over. */
function recordOf(row: RunRow, directory: string): RunRecord | undefined {
  const { id, task, profile, args, hostname, osUser, user, startedAt, operations = {}, error, commit } = row
  if (row.outcome === 'running') return undefined
  const exitCode = row.exitCode ?? 143
  return {
    ...{ v: 1, id, task, profile, args, directory, operations, exitCode, commit, osUser },
    withheld: isMasked(args) ? 'secret' : undefined,
    ...{ host: hostname, actingUser: user, startedAt: startedAt.toISOString() },
    durationMs: row.durationMs ?? Math.max(0, (row.endedAt?.getTime() ?? 0) - startedAt.getTime()),
    outcome: exitCode === 5 ? 'incomplete' : row.outcome,
    error: error === undefined ? undefined : { message: error.trim().split('\n', 1)[0]! },
  }
}

/** What was masked is not said in the table, and must not be taken for the value. */
function isMasked(args: RunRow['args']): boolean {
  const text = JSON.stringify(args ?? {})
  return [MASK, REDACTED].some((mask) => text.includes(mask))
}

function rowOf(record: RunRecord): RunRow {
  const { id, task, file, profile, args, host = '', osUser, actingUser, outcome, exitCode, durationMs } = record
  const startedAt = new Date(record.startedAt)
  const optional = {
    ...{ profile, args, user: actingUser, commit: record.commit, error: record.error?.message },
    osUser: osUser === undefined ? undefined : String(osUser),
  }
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  return {
    ...{ id, task: task ?? file ?? '', hostname: host, startedAt, exitCode, durationMs },
    endedAt: new Date(startedAt.getTime() + durationMs),
    outcome: outcome === 'incomplete' ? 'failed' : outcome,
    operations: record.operations,
    ...given,
  }
}
