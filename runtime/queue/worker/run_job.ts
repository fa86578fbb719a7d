/** The side of a run in its own process: the runner of `run`, with a job for a command line and the worker for a terminal. */

import { UsageError } from '../../core/errors.ts'
import { Interruption } from '../../core/interruption.ts'
import type { Host } from '../../host/host.ts'
import { startRecording } from '../../tasks/history/recording.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { exitCodeOf, renderFailure } from '../../tasks/run/failure.ts'
import { runTask, subjectOf } from '../../tasks/run/needs.ts'
import type { Session } from '../../tasks/run/session.ts'
import { runIdOf } from '../store.ts'
import { hashOf } from '../task_files.ts'
import { createLease, type Lease, RUN_LAST_MS } from './lease.ts'
import { type Assignment, reportLine, type WorkerMessage } from './run_messages.ts'

/**
 * Runs the job that its worker sends, and reports how it went. Ends at once when the channel closes: its worker is
 * dead, and another one may get the job. A leased run also ends when its worker is silent for too long.
 */
export async function runJob({ host, registry, flags, lifecycle, loadSession }: CommandCall): Promise<void> {
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
  lifecycle.ended = async (error) => {
    await session?.recording?.end(error)
    report(error === undefined ? host.exitCode() : exitCodeOf(error), error)
  }
  lifecycle.subject = subjectOf(data.task)
  const task = registry.find(data.task)
  if (!task || hashOf(registry, task) !== data.hash) {
    throw new UsageError(
      `Cannot run the job of ${JSON.stringify(data.task)}: its files were changed while it was being started. Queue it again.`,
    )
  }
  session = await loadSession()
  // Its worker has it in the database already.
  session.shareRecord = undefined
  // A run that was frozen must not send anything before it sees that its time is over.
  session.beforeSending = () => {
    if (lease.leftMs() <= 0) throw SILENT
  }
  session.recording = startRecording(session, { task: task.name, flags, id: runIdOf(data.runId, attempt) })
  const hasArguments = Object.keys(data.args).length > 0
  try {
    await runTask(session, registry, task, [], flags, lifecycle, hasArguments ? { args: data.args } : {})
  } finally {
    await session.close()
  }
}

// --- internal ---

const LINGER_MS = 2000
const LOOK_MS = 250

const SILENT = new Interruption('Interrupted: the worker was silent for too long, so another one takes over.', 143)

function assignment(
  host: Pick<Host, 'after' | 'onParentMessage'>,
  lease: Lease,
  end: (reason: Interruption, atOnce: boolean) => void,
): Promise<Assignment> {
  return new Promise((resolve) => {
    const onMessage = (message: Assignment | WorkerMessage): void => {
      if (message === 'stop') end(new Interruption('Interrupted: the worker was told to stop.', 143), false)
      else {
        if (message.leaseUntilMs !== undefined) lease.renew(message.leaseUntilMs)
        if (!('job' in message)) return
        if (message.leaseUntilMs !== undefined) watch(host, lease, (atOnce) => end(SILENT, atOnce))
        resolve(message)
      }
    }
    const onEnd = (): void => end(new Interruption('Interrupted: the worker is gone.', 143), true)
    host.onParentMessage((message) => onMessage(message as Assignment | WorkerMessage), onEnd)
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
