/** The side of a run in its own process: the runner of `run`, with a job for a command line and the worker for a terminal. */
import { UsageError } from '../../errors.ts'
import { Interruption, renderFailure } from '../../tasks/failure.ts'
import { runTask, subjectOf } from '../../tasks/needs.ts'
import type { CommandCall } from '../main.ts'
import { hashOf } from './hash.ts'
import { type RunReport, reportLine } from './run_report.ts'
import type { Job } from './store/store.ts'

/** What the worker writes to the run's standard input, as one line. */
export interface Assignment {
  readonly job: Pick<Job, 'id' | 'attempt' | 'data'>
  /** Begins the line of the report. */
  readonly mark: string
}

/** What the worker writes to have the run end before its time. */
export const STOP = 'stop'

/**
 * Runs the job that comes by standard input, and reports how it went. Ends at once when that input does, because then the
 * worker is no more, and somebody else may be told to do the work.
 */
export async function runJob({ host, registry, flags, lifecycle, loadSession }: CommandCall): Promise<void> {
  // A script may end the process, and what it wrote last must have been read by then.
  host.writeAtOnce()
  let over = false
  const { job, mark } = await new Promise<Assignment>((resolve) => {
    let assigned = false
    const take = (line: string): void => {
      if (line === STOP) lifecycle.end(new Interruption('Interrupted: the worker was told to stop.', 143))
      else if (!assigned) resolve(JSON.parse(line) as Assignment)
      assigned = true
    }
    host.takeInput(take, () => {
      if (!over) lifecycle.end(new Interruption('Interrupted: the worker is gone.', 143), { atOnce: true })
    })
  })
  let reported = false
  let failure: string | undefined
  const note = (error: unknown): void => {
    failure ??= renderFailure(error, lifecycle.subject)
  }
  const report = (exitCode: number): void => {
    if (reported) return
    reported = true
    const error =
      failure === undefined
        ? {}
        : {
            error: host.redactor
              .text(failure)
              .replace(/^error: /, '')
              .trimEnd(),
          }
    const line: RunReport = { exitCode, ...error }
    void host.stderr.write(reportLine(mark, line))
  }
  host.onExit(report)
  host.onUncaught(note)
  lifecycle.signal.addEventListener('abort', () => {
    const reason: unknown = lifecycle.signal.reason
    // One without a message follows an error that has been noted already.
    if (!(reason instanceof Interruption && reason.message === '')) note(reason)
  })
  try {
    const { data } = job
    lifecycle.subject = subjectOf(data.task)
    const task = registry.find(data.task)
    if (!task || hashOf(registry, task) !== data.hash) {
      throw new UsageError(
        `Cannot run the job of ${JSON.stringify(data.task)}: its files have changed since it was queued, while it was being started. Queue it again.`,
      )
    }
    const session = await loadSession()
    const hasArguments = Object.keys(data.args).length > 0
    try {
      await runTask(session, registry, task, [], flags, lifecycle, hasArguments ? { args: data.args } : {})
    } finally {
      await session.close()
    }
    lifecycle.signal.throwIfAborted()
  } catch (error) {
    note(error)
    throw error
  } finally {
    over = true
    if (failure === undefined) report(host.exitCode())
  }
}
