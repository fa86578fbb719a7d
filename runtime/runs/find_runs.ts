/** The runs that are kept: this user's on this computer, and those of the workers. */
import { sep } from 'node:path'
import { UsageError, WfgError } from '../core/errors.ts'
import { quotedPath } from '../core/visible.ts'
import { fileProblem } from '../host/private_file.ts'
import { knownPath } from '../host/windows_name.ts'
import { historyFolder, settingsFor } from '../tasks/history/history_folder.ts'
import { readHistory } from '../tasks/history/read_history.ts'
import type { LoadFleetRuns, RunRecord, RunSelection } from '../tasks/history/record.ts'
import { partsOf } from '../tasks/history/run_id.ts'
import { interrupted, isAlive } from '../tasks/history/running.ts'
import type { Registry } from '../tasks/registry/registry.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'

/** A run, and whether it is kept on this computer. */
export interface KnownRun extends RunRecord {
  readonly isLocal: boolean
}

/**
 * Returns the newest first.
 *
 * @param fleetLimit how many of the workers' runs are read
 * @param selection which of the workers' runs are read
 * @throws {WfgError} if the files cannot be read
 */
export async function loadRuns(
  { host, registry, flags }: Pick<CommandCall, 'host' | 'registry' | 'flags'>,
  loadFleetRuns: LoadFleetRuns | undefined,
  fleetLimit = 1000,
  selection?: RunSelection,
): Promise<KnownRun[]> {
  const { settings } = settingsFor(host, registry.directory, flags.profile)
  const folder = historyFolder(host, settings)
  const fleet = (await loadFleetRuns?.(fleetLimit, selection)) ?? []
  if (folder === undefined && fleet.length === 0 && !flags.quiet) {
    await host.stderr.write(
      'No runs are kept here: WFG_TOKEN_CACHE is off, this is a CI, or the system names no folder for them. Set WFG_CACHE_DIR to keep them.\n',
    )
  }
  const runs = new Map<string, KnownRun>()
  for (const record of fleet) runs.set(record.id, { ...record, isLocal: false })
  for (const kept of folder === undefined ? [] : read(folder, host.userId())) {
    const record = kept.outcome === 'running' && !isAlive(host, kept) ? interrupted(kept) : kept
    // For a run that a worker killed, only the worker knows how it ended.
    const isKnownBetter = record.exitCode === undefined && runs.get(record.id)?.exitCode !== undefined
    if (!isKnownBetter) runs.set(record.id, { ...record, isLocal: true })
  }
  return [...runs.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0))
}

/** @param everywhere true for runs of other folders too */
export function chosenRuns(
  runs: readonly KnownRun[],
  registry: Registry,
  { task, isFailed = false, since, by, on }: RunSelection,
  everywhere: boolean,
): KnownRun[] {
  const directory = knownPath(registry.directory)
  const isUser = (name: string | number | undefined) =>
    name !== undefined && String(name).toLowerCase() === by?.toLowerCase()
  return runs.filter((run) =>
    [
      everywhere || !run.isLocal || run.directory === directory,
      task === undefined || run.task === task || run.file === task,
      !isFailed || !['done', 'running'].includes(run.outcome),
      since === undefined || Date.parse(run.startedAt) >= since.getTime(),
      by === undefined || isUser(run.osUser) || isUser(run.actingUser),
      on === undefined || run.host?.toLowerCase() === on.toLowerCase(),
    ].every(Boolean),
  )
}

/** Returns the name of the task with that name or alias; else the name, which may be a file's. */
export function nameOf(registry: Registry, task: string | undefined): string | undefined {
  return task === undefined ? undefined : (registry.find(task)?.name ?? task.split(sep).join('/'))
}

/**
 * Finds the run whose id starts so. Of several attempts of a job it is the newest, unless `.1`, `.2`, … chooses one.
 *
 * @param runs the newest first
 * @throws {UsageError} `WFG_USAGE` if no id starts with that, or more than one
 */
export function findRun(runs: readonly KnownRun[], start: string): KnownRun {
  const { job, attempt } = partsOf(start.toLowerCase())
  const wanted = attempt === '.1' ? '' : attempt
  const found = runs
    .map((run) => ({ run, of: partsOf(run.id) }))
    .filter(({ of }) => of.job.startsWith(job) && (attempt === '' || of.attempt === wanted))
  const jobs = [...new Set(found.map(({ of }) => of.job))]
  const chosen = jobs.length === 1 ? found[0] : found.find(({ of }) => of.job === job)
  if (chosen) return chosen.run
  if (jobs.length === 0) {
    throw new UsageError(`Cannot find the run ${JSON.stringify(start)}: no ID starts with that. \`runs\` lists them.`)
  }
  throw new UsageError(
    `Cannot tell which run ${JSON.stringify(start)} is: ${jobs.length} IDs start with that, such as ${jobs.slice(0, 5).join(', ')}. Type more of it.`,
  )
}

// --- internal ---

function read(folder: string, userId: number | undefined): RunRecord[] {
  try {
    return readHistory(folder, userId)
  } catch (error) {
    throw new WfgError(
      `Cannot read the runs in ${quotedPath(folder)}: ${fileProblem(error)}; expected files of your own that nobody else may read.`,
    )
  }
}
