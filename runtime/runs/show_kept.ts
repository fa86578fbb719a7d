/** Prints what a run printed, and goes on while it runs. */
import { UsageError } from '../core/errors.ts'
import type { Host } from '../host/host.ts'
import { shortId } from '../tasks/history/run_id.ts'
import type { KeptReader, KeptSizes, StreamName } from '../tasks/kept/kept.ts'
import type { KnownRun } from './find_runs.ts'

export interface KeptPlaces {
  /** The files of this user; undefined if none may be written. */
  readonly files: KeptReader | undefined
  /** Does the work with the database that the workers share. Undefined if there is none. */
  withFleet<Result>(work: (kept: KeptReader) => Promise<Result>): Promise<Result | undefined>
}

/** Undefined if nothing is kept. */
export async function keptSizesOf({ id }: KnownRun, { files, withFleet }: KeptPlaces): Promise<KeptSizes | undefined> {
  const isSome = (sizes: KeptSizes | undefined) => sizes !== undefined && sizes.output + sizes.log > 0
  const own = await files?.sizes(id)
  if (isSome(own)) return own
  const shared = await withFleet((kept) => kept.sizes(id))
  return isSome(shared) ? shared : undefined
}

export interface ShowKept {
  readonly name: StreamName
  /** Goes on until the run has ended. */
  readonly follow: boolean
  readonly quiet: boolean
  readonly signal: AbortSignal
  isRunning(): Promise<boolean>
}

/** @throws {UsageError} `WFG_USAGE` if nothing of the run is kept */
export async function showKept(
  host: Pick<Host, 'sleep' | 'stderr' | 'stdout'>,
  run: KnownRun,
  places: KeptPlaces,
  asked: ShowKept,
): Promise<void> {
  const { files, withFleet } = places
  const own = await files?.sizes(run.id)
  const isHere = files && (own!.output + own!.log > 0 || (run.isLocal && run.outcome === 'running'))
  const isShown = isHere
    ? await print(host, run, files, asked)
    : await withFleet((kept) => print(host, run, kept, asked))
  if (isShown || asked.quiet || host.stdout.closed) return
  const name = `${run.task ?? run.file ?? 'run'} ${shortId(run.id)}`
  if (!(await keptSizesOf(run, places)) && run.outcome !== 'running') throw notKept(run, name, asked.name)
  const where = asked.name === 'output' ? 'standard output; a result with --out is in its file' : 'standard error'
  await host.stderr.write(`${name} ${run.outcome === 'running' ? 'has printed' : 'printed'} nothing to ${where}.\n`)
}

// --- internal ---

const POLL_MS = 500
/** Looks whether the run goes on when nothing has come for so many polls. */
const LOOK_POLLS = 2
/** The worker hands over the rest of a run that has ended within this time. */
const LAST_POLLS = 4

const MISSING = {
  output: 'The output is longer: only its first MiB is kept.\n',
  log: 'Some of the log is missing: only its last MiB is kept.\n',
}

/** Returns true if something was printed. */
async function print(
  { sleep, stderr, stdout }: Parameters<typeof showKept>[0],
  run: KnownRun,
  kept: KeptReader,
  { name, follow, quiet, signal, isRunning }: ShowKept,
): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let next = 0
  let isTold = quiet
  let silent = 0
  let isOver = run.outcome !== 'running'
  for (;;) {
    const parts = await kept.read(run.id, name, next)
    for (const { at, data } of parts) {
      if (at > next && !isTold) {
        isTold = true
        await stderr.write(MISSING[name])
      }
      await stdout.write(decoder.decode(data, { stream: true }))
      if (stdout.closed) return true
      next = at + data.length
    }
    silent = parts.length > 0 ? 0 : silent + 1
    if (!follow || run.outcome !== 'running' || (isOver && silent >= LAST_POLLS)) return next > 0
    if (!isOver && silent >= LOOK_POLLS) {
      isOver = !(await isRunning())
      silent = 0
    }
    await sleep(POLL_MS, signal)
  }
}

function notKept({ id }: KnownRun, name: string, stream: StreamName): UsageError {
  const isJob = id.length > 30
  return new UsageError(
    `Cannot show the ${stream} of ${name}: ${
      isJob
        ? 'it printed nothing, or it was removed: 50 MiB are kept on a computer, and 14 days in the database. Run it again with `runs again`.'
        : 'what a run by hand prints is kept only with --keep. Run it again with that.'
    }`,
  )
}
