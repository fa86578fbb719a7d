/** The runs that are kept: of this user on this computer, and of the workers where there are some. */

import { UsageError, WfgError } from '../core/errors.ts'
import { fileProblem } from '../host/private_file.ts'
import { historyFolder, settingsFor } from '../tasks/history/history_folder.ts'
import { readHistory } from '../tasks/history/read_history.ts'
import type { LoadFleetRuns, RunRecord, RunSelection } from '../tasks/history/record.ts'
import { interrupted, isAlive } from '../tasks/history/running.ts'
import { realPath } from '../tasks/history/write_record.ts'
import type { Registry } from '../tasks/registry/registry.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'

/** A run, and whether it was kept on this computer. */
export interface KnownRun extends RunRecord {
  readonly isLocal: boolean
}

/** Of the workers' runs, where no other number is asked for. */
const FLEET_LIMIT = 1000

/**
 * Newest first.
 *
 * @param choice of the workers' runs: what it leaves out takes no place of the others
 * @throws {WfgError} when they are kept where they may not be read
 */
export async function loadRuns(
  { host, registry, flags }: Pick<CommandCall, 'host' | 'registry' | 'flags'>,
  loadFleetRuns: LoadFleetRuns | undefined,
  fleetLimit = FLEET_LIMIT,
  choice?: RunSelection,
): Promise<KnownRun[]> {
  const { settings } = settingsFor(host, registry.directory, flags.profile)
  const folder = historyFolder(host, settings)
  const fleet = (await loadFleetRuns?.(fleetLimit, choice)) ?? []
  if (folder === undefined && fleet.length === 0 && !flags.quiet) {
    await host.stderr.write(
      'No run is kept here: WFG_TOKEN_CACHE is off, this is a CI, or the system names no folder for it; WFG_CACHE_DIR does.\n',
    )
  }
  const runs = new Map<string, KnownRun>()
  for (const record of fleet) runs.set(record.id, { ...record, isLocal: false })
  for (const kept of folder === undefined ? [] : read(folder, host.userId())) {
    const record = kept.outcome === 'running' && !isAlive(host, kept) ? interrupted(kept) : kept
    // A worker knows of a run that it killed how it ended.
    const isKnownBetter = record.exitCode === undefined && runs.get(record.id)?.exitCode !== undefined
    if (!isKnownBetter) runs.set(record.id, { ...record, isLocal: true })
  }
  return [...runs.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0))
}

export interface RunChoice {
  /** Name or alias of a task, or a file. */
  readonly task: string | undefined
  readonly failed: boolean
  /** Also those of other folders. */
  readonly everywhere: boolean
}

export function chosenRuns(
  runs: readonly KnownRun[],
  registry: Registry,
  { task, failed, everywhere }: RunChoice,
): KnownRun[] {
  const directory = realPath(registry.directory)
  const name = nameOf(registry, task)
  return runs.filter((run) => {
    const isHere = everywhere || !run.isLocal || run.directory === directory
    const isNamed = name === undefined || run.task === name || run.file === name
    return isHere && isNamed && !(failed && ['done', 'running'].includes(run.outcome))
  })
}

/** The task that a name or an alias means; else the name, which may be a file. */
export function nameOf(registry: Registry, task: string | undefined): string | undefined {
  return task === undefined ? undefined : (registry.find(task)?.name ?? task)
}

/** @throws {UsageError} `WFG_USAGE` when no run, or more than one, begins with that */
export function findRun(runs: readonly KnownRun[], start: string): KnownRun {
  const found = runs.filter(({ id }) => id.startsWith(start.toLowerCase()))
  const [first, ...others] = found.filter(({ id }) => id === start.toLowerCase()).concat(found)
  if (first === undefined) {
    throw new UsageError(
      `Cannot find the run ${JSON.stringify(start)}: the ID of none that is kept begins so. \`runs\` lists them.`,
    )
  }
  if (first.id === start.toLowerCase() || others.length === 0) return first
  const some = found.slice(0, 5).map(({ id }) => id)
  throw new UsageError(
    `Cannot tell which run ${JSON.stringify(start)} is: the IDs of ${found.length} begin so, such as ${some.join(', ')}. Type more of it.`,
  )
}

// --- internal ---

function read(folder: string, userId: number | undefined): RunRecord[] {
  try {
    return readHistory(folder, userId)
  } catch (error) {
    throw new WfgError(
      `Cannot read the runs in ${JSON.stringify(folder)}: ${fileProblem(error)}; expected files of your own that nobody else may read.`,
    )
  }
}
