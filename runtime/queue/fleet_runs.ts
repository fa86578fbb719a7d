/** The history that the workers of a fleet share, in the database of WFG_DATABASE_URL. */

import { isWfgError } from '../core/errors.ts'
import { MASK as REDACTED } from '../core/redact.ts'
import type { Host } from '../host/host.ts'
import { findDatabaseUrl } from '../settings/find_database_url.ts'
import type { RunRecord, RunSelection } from '../tasks/history/record.ts'
import { interrupted, isAlive } from '../tasks/history/running.ts'
import { computerName, MASK } from '../tasks/history/write_record.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import type { RunRow, Store } from './store/store.ts'

/** The newest runs; none without a database, or with a word where it cannot be reached: those of this computer are there. */
export async function fleetRuns(
  { host, registry, flags }: Pick<CommandCall, 'host' | 'registry' | 'flags'>,
  limit: number,
  choice: RunSelection = {},
): Promise<readonly RunRecord[]> {
  const url = findDatabaseUrl(host, registry.directory, flags.profile)
  if (url === undefined) return []
  try {
    return await withRuns(host, url, async (runs) => {
      const found = (await runs.runs(limit, choice)).map((row) => ({ row, record: recordOf(row, registry.directory) }))
      // Who is on the computer of a run that was killed says so to all.
      const killed = found.filter(({ row, record }) => isKilled(host, row, record))
      for (const { record } of killed) await runs.addRun(rowOf(interrupted(record)))
      return found.map((each) => (killed.includes(each) ? interrupted(each.record) : each.record))
    })
  } catch (error) {
    if (!isWfgError(error)) throw error
    await host.stderr.write(host.redactor.text(`warning: the runs of the workers are left out: ${error.message}\n`))
    return []
  }
}

/** Adds a run by hand, or how it ended. A dry run did nothing that others would look for. */
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
  const { openPostgres } = await import('./database/postgres.ts')
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

/** True for a run by hand on this computer that left no end. */
function isKilled(host: Host, { jobId, outcome, hostname }: RunRow, record: RunRecord): boolean {
  return outcome === 'running' && jobId === undefined && hostname === computerName(host) && !isAlive(host, record)
}

function recordOf(row: RunRow, directory: string): RunRecord {
  const { id, task, profile, args, hostname, osUser, user, startedAt, endedAt, operations = {}, error, commit } = row
  const common = {
    ...{ v: 1 as const, id, task, profile, args, directory, operations, commit, osUser },
    withheld: isMasked(args) ? ('secret' as const) : undefined,
    ...{ host: hostname, actingUser: user, startedAt: startedAt.toISOString(), process: row.process },
    error: error === undefined ? undefined : { message: error.trim().split('\n', 1)[0]! },
  }
  if (row.outcome === 'running') return { ...common, outcome: row.outcome }
  const exitCode = row.exitCode ?? (row.jobId === undefined ? undefined : 143)
  const lastedMs = endedAt && Math.max(0, endedAt.getTime() - startedAt.getTime())
  return {
    ...common,
    exitCode,
    durationMs: row.durationMs ?? lastedMs,
    outcome: exitCode === 5 ? 'incomplete' : row.outcome,
  }
}

/** What was masked is not said in the table, and must not be taken for the value. */
function isMasked(args: RunRow['args']): boolean {
  const text = JSON.stringify(args ?? {})
  return [MASK, REDACTED].some((mask) => text.includes(mask))
}

function rowOf(record: RunRecord): RunRow {
  const { id, task, file, host = '', osUser, outcome, durationMs, operations } = record
  const startedAt = new Date(record.startedAt)
  const optional = {
    ...{ profile: record.profile, args: record.args, user: record.actingUser, commit: record.commit },
    ...{ error: record.error?.message, exitCode: record.exitCode, durationMs, process: record.process },
    endedAt: durationMs === undefined ? undefined : new Date(startedAt.getTime() + durationMs),
    osUser: osUser === undefined ? undefined : String(osUser),
  }
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  return {
    ...{ id, task: task ?? file ?? '', hostname: host, startedAt, operations, ...given },
    outcome: outcome === 'incomplete' ? 'failed' : outcome,
  }
}
