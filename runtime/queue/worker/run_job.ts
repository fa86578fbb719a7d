/** The side of a run in its own process: the runner of `run`, with a job for a command line and the worker for a terminal. */

import { UsageError } from '../../core/errors.ts'
import { Interruption } from '../../core/interruption.ts'
import type { Host } from '../../host/host.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { exitCodeOf, renderFailure } from '../../tasks/run/failure.ts'
import { runTarget, subjectOf } from '../../tasks/run/run.ts'
import type { Session } from '../../tasks/run/session.ts'
import { hashOf } from '../hash.ts'
import type { Job } from '../store/store.ts'
import { createLease, LEASE_SIGNAL, type Lease, RUN_LAST_MS, RUN_LEASE_MS, readLease } from './lease.ts'
import { runIdOf } from './run_id.ts'
import { reportLine } from './run_report.ts'

/** What the worker writes to the run's standard input, as one line. */
export interface Assignment {
  readonly job: Pick<Job, 'attempt' | 'data'>
  /** Begins the line of the report. */
  readonly mark: string
  /** When the run must end without a further word of the worker, in milliseconds since 1970. Default: never. */
  readonly leaseUntilMs?: number | undefined
}

/** What the worker writes to have the run end before its time. */
export const STOP = 'stop'

/**
 * Runs the job that comes by standard input, and reports how it went. Ends at once when that input does: its worker is
 * dead, and another one may get the job. A leased run also ends when its worker is silent for too long.
 */
export async function runJob(call: CommandCall): Promise<void> {
  const { host, registry, lifecycle } = call
  // A script may end the process, and what it wrote last must have been read by then.
  host.writeAtOnce()
  let session: Session | undefined
  let isReported = false
  const end = (reason: Interruption, atOnce: boolean): void => {
    if (!isReported) lifecycle.end(reason, { atOnce })
    // It is over: a timer or a server that was left open holds the worker's place no longer.
    else host.after(LINGER_MS, () => host.exit(host.exitCode()), { holds: false })
  }
  const lease = createLease(host)
  const { job, mark } = await assignment(host, lease, end)
  const { data, attempt } = job
  const report = (exitCode: number, error?: unknown): void => {
    if (isReported) return
    isReported = true
    const text = error === undefined ? '' : host.redactor.text(renderFailure(error, lifecycle.subject))
    const user = session?.connected()?.user
    const line = reportLine(mark, {
      exitCode,
      ...(text === '' ? {} : { error: text.replace(/^error: /, '').trimEnd() }),
      ...(session ? { operations: Object.fromEntries(session.operations) } : {}),
      ...(user === undefined ? {} : { user }),
    })
    void host.stderr.writeAsIs(line)
  }
  host.onExit(report)
  lifecycle.ended = async (error) => report(error === undefined ? host.exitCode() : exitCodeOf(error), error)
  lifecycle.subject = subjectOf(data.task)
  const task = registry.find(data.task)
  if (!task || hashOf(registry, task) !== data.hash) {
    throw new UsageError(
      `Cannot run the job of ${JSON.stringify(data.task)}: its files were changed while it was being started. Queue it again.`,
    )
  }
  session = await call.loadSession()
  // Its worker has it in the database already.
  session.shareRecord = undefined
  // A run that was frozen must not send anything before it sees that its time is over.
  session.beforeSending = () => {
    if (lease.leftMs() <= 0) throw SILENT
  }
  const args = Object.keys(data.args).length > 0 ? data.args : undefined
  await runTarget(call, { task }, { name: task.name, argv: [], args, id: runIdOf(data.runId, attempt) })
}

// --- internal ---

const LINGER_MS = 2000
const LOOK_MS = 250

const SILENT = new Interruption('Interrupted: the worker was silent for too long, so another one takes over.', 143)

function assignment(
  host: Pick<Host, 'after' | 'nowMs' | 'onSignal' | 'runtime' | 'takeInput'>,
  lease: Lease,
  end: (reason: Interruption, atOnce: boolean) => void,
): Promise<Assignment> {
  return new Promise((resolve) => {
    const onLine = (line: string): void => {
      const leaseUntilMs = readLease(line)
      if (line === STOP) end(new Interruption('Interrupted: the worker was told to stop.', 143), false)
      else if (leaseUntilMs !== undefined) lease.renew(leaseUntilMs)
      else {
        const given = JSON.parse(line) as Assignment
        if (given.leaseUntilMs !== undefined) {
          lease.renew(given.leaseUntilMs)
          watch(host, lease, (atOnce) => end(SILENT, atOnce))
          if (host.runtime === 'deno') host.onSignal(LEASE_SIGNAL, () => lease.renew(host.nowMs() + RUN_LEASE_MS))
        }
        resolve(given)
      }
    }
    host.takeInput(onLine, () => end(new Interruption('Interrupted: the worker is gone.', 143), true))
  })
}

/** Looks often instead of once at the end: a timer may stand still while the computer sleeps. */
function watch({ after }: Pick<Host, 'after'>, { leftMs }: Lease, onOver: (atOnce: boolean) => void): void {
  let isAsked = false
  const look = (): void => {
    const isLate = leftMs() <= -RUN_LAST_MS
    if (isLate || (leftMs() <= 0 && !isAsked)) {
      isAsked = true
      onOver(isLate)
    }
    if (!isLate) after(LOOK_MS, look, { holds: false })
  }
  look()
}
