import { UsageError } from '../../core/errors.ts'
import { chosenRuns, findRun, loadRuns, nameOf } from '../../runs/find_runs.ts'
import { type KeptPlaces, keptSizesOf, showKept } from '../../runs/show_kept.ts'
import { rowOf, shortRowOf, showRun, wholeOf } from '../../runs/show_runs.ts'
import { readSince } from '../../runs/since.ts'
import type { LoadFleetRuns, RunRecord } from '../../tasks/history/record.ts'
import { partsOf } from '../../tasks/history/run_id.ts'
import { keptFolder, keptReader } from '../../tasks/kept/kept_files.ts'
import { isForPeople, writeRows } from '../../tasks/output/write_rows.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'

/** Lists the runs, shows one, or runs one again. */
export async function run(call: CommandCall): Promise<void> {
  const { args, flags, host, lifecycle, registry } = call
  const loadFleetRuns: LoadFleetRuns = async (limit, selection) =>
    (await import('../../queue/fleet_runs.ts')).fleetRuns(call, limit, selection)
  const { values, positionals } = commandArguments('runs', args, {
    limit: { type: 'string' },
    task: { type: 'string' },
    failed: { type: 'boolean' },
    since: { type: 'string' },
    by: { type: 'string' },
    on: { type: 'string' },
    all: { type: 'boolean' },
    json: { type: 'boolean' },
    output: { type: 'boolean' },
    log: { type: 'boolean' },
    follow: { type: 'boolean' },
  })
  const [action, id, ...more] = positionals
  const isListing = action === undefined
  const isKnown = isListing || ACTIONS.includes(action)
  const { output, log, follow = false } = values as Flags
  const isUnfit = (name: string) => action === 'again' || SHOWN.includes(name) !== (action === 'show')
  const isAmbiguous = (output && log) || (follow && !output && !log)
  if (!isKnown || more.length > 0 || (!isListing && id === undefined)) throw unusable()
  if (isAmbiguous || Object.keys(values).some(isUnfit)) throw unusable()
  lifecycle.subject = 'The command runs'
  if (isListing) {
    const { limit: most, task, failed, since, by, on, all, json } = values as Flags
    const limit = readLimit(most)
    const selection = {
      ...{ task: nameOf(registry, task), isFailed: failed === true, by, on },
      since: since === undefined ? undefined : readSince(since, host.nowMs()),
    }
    const kept = await loadRuns(call, loadFleetRuns, limit, selection)
    const runs = chosenRuns(kept, registry, selection, all === true).slice(0, limit)
    if (json) return host.stdout.write(`${JSON.stringify(runs.map(wholeOf), null, 2)}\n`)
    const row = isForPeople(host, flags) ? (run: RunRecord) => shortRowOf(run, host.nowMs()) : rowOf
    return writeRows(host, runs.map(row), flags, lifecycle.signal)
  }
  const load = (start: string) =>
    loadRuns(call, loadFleetRuns, undefined, { idStart: partsOf(start.toLowerCase()).job })
  const found = findRun(await load(id!), id!)
  if (action === 'again') return (await import('../../runs/run_again.ts')).runAgain(call, found)
  const folder = keptFolder(host, registry.directory, flags.profile)
  const places: KeptPlaces = {
    files: folder === undefined ? undefined : keptReader(host, folder),
    withFleet: async (work) => (await import('../../queue/fleet_kept.ts')).withFleetKept(call, work),
  }
  const { signal } = lifecycle
  if (!output && !log) return showRun(host, found, await keptSizesOf(found, places), flags, signal)
  if (flags.format !== undefined || flags.out !== undefined) throw unusable()
  const isRunning = async () => (await load(found.id)).some((run) => run.id === found.id && run.outcome === 'running')
  const name = output ? 'output' : 'log'
  return showKept(host, found, places, { name, follow, quiet: flags.quiet ?? false, signal, isRunning })
}

// --- internal ---

interface Flags {
  readonly limit?: string
  readonly task?: string
  readonly failed?: boolean
  readonly since?: string
  readonly by?: string
  readonly on?: string
  readonly all?: boolean
  readonly json?: boolean
  readonly output?: boolean
  readonly log?: boolean
  readonly follow?: boolean
}

/** The flags of `show`. */
const SHOWN = ['output', 'log', 'follow']

const ACTIONS = ['show', 'again']
const DEFAULT_LIMIT = 20
const MAX_LIMIT = 10_000

function readLimit(text: string | undefined): number {
  const limit = text === undefined ? DEFAULT_LIMIT : /^\d+$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= MAX_LIMIT) return limit
  throw new UsageError(`Cannot run the command runs: --limit needs a whole number from 1 to ${MAX_LIMIT}.`)
}

function unusable(): UsageError {
  return new UsageError(
    'Cannot run the command runs: expected `runs` with its flags, `runs show ID [--output|--log [--follow]]`, or `runs again ID`; the first column of `runs` has the IDs.',
  )
}
