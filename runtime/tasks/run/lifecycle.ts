/** The start and the end of a run, whichever way it ends: done, failed, interrupted, timed out, or stuck. */
import { isWfgError } from '../../core/errors.ts'
import { Interruption } from '../../core/interruption.ts'
import type { Host } from '../../host/host.ts'
import { exitCodeOf, renderFailure, tellFailure } from './failure.ts'

export interface Lifecycle {
  /** Aborts when the run is interrupted, and at the timeout. */
  readonly signal: AbortSignal
  /** Aborts when the process is about to end, with all that it started. */
  readonly force: AbortSignal
  /** Starts messages. It is replaced for each task of the run. */
  subject: string
  /** Time, in ms, for a run that was asked to stop. Then the process is ended. Default 5000; less when the console is closed. */
  graceMs: number
  /** Asks the run to stop for this reason. With `atOnce`, ends the process with all that it started. */
  end(reason: Interruption, options?: { atOnce: boolean }): void
  /** Ends the run after this time from now, and what it leaves open then. */
  limit(timeoutMs: number): void
  /** Called when the process is ended before the run has ended. */
  readonly abandon: Set<() => Promise<void>>
  /** Called when the run has ended and all is printed, with the error of a failed run. Never rejects. */
  ended: ((error: unknown) => Promise<void>) | undefined
  /** Resolves when nothing is left to wait for: a plain file may start work and not wait for it. */
  untilIdle(): Promise<void>
}

type LifecycleHost = Pick<
  Host,
  'after' | 'env' | 'exit' | 'onIdle' | 'onSignal' | 'onUncaught' | 'redactor' | 'setExitCode' | 'stderr'
>

/** Time, in ms, that a script has to stop before its process is ended. */
export const GRACE_MS = 5000
/** Time, in ms, that a failed run's timers and servers may keep the process alive. */
const LINGER_MS = 1000
/** Time, in ms, for the last output. A reader that does not read must not keep the process alive. */
const LAST_OUTPUT_MS = 500

/**
 * Runs `body`, prints why it failed if it did, and sets the exit code.
 *
 * @param timeoutMs time for the whole run, and for what it leaves open. Default: no limit
 */
export async function conduct(
  host: LifecycleHost,
  subject: string,
  timeoutMs: number | undefined,
  body: (lifecycle: Lifecycle) => Promise<void>,
): Promise<void> {
  const controller = new AbortController()
  const force = new AbortController()
  let over = false
  let stuck = false
  let idle: (() => void) | undefined
  let uncaught: unknown
  const lifecycle: Lifecycle = {
    signal: controller.signal,
    force: force.signal,
    subject,
    graceMs: GRACE_MS,
    end: (reason, { atOnce } = { atOnce: false }) => (atOnce ? endAtOnce(reason) : stop(reason)),
    // Not undone at the end: the limit also holds for a timer or a server that the script left open.
    limit: (timeoutMs) =>
      void host.after(timeoutMs, () => (over ? endAtOnce : stop)(timeOver(timeoutMs)), { holds: false }),
    abandon: new Set(),
    ended: undefined,
    untilIdle: () =>
      new Promise((resolve) => {
        idle = resolve
      }),
  }
  const fail = async (error: unknown): Promise<void> => {
    host.setExitCode(exitCodeOf(error))
    await tellFailure(host, error, lifecycle.subject)
  }
  const ended = async (error?: unknown) => lifecycle.ended?.(error)
  const abandon = () => [...lifecycle.abandon].map((each) => each())
  const endAtOnce = (reason: Interruption, isLate = false): void => {
    force.abort()
    const text = `${renderFailure(reason, lifecycle.subject)}${isLate ? tooLate(lifecycle.graceMs) : ''}`
    const exit = () => host.exit(reason.exitCode)
    void Promise.allSettled([...abandon(), host.stderr.write(text), ended(uncaught ?? reason)]).then(exit)
    host.after(LAST_OUTPUT_MS, exit)
  }
  const { stop, undo } = stopOnSignals(host, controller, lifecycle, endAtOnce)
  if (timeoutMs !== undefined) lifecycle.limit(timeoutMs)
  undo.push(
    host.onUncaught((error) => {
      uncaught ??= error
      void fail(error)
      if (!controller.signal.aborted) stop(new Interruption('', exitCodeOf(error)))
    }),
    host.onIdle(() => {
      if (idle) idle()
      else if (!stuck) {
        stuck = true
        host.setExitCode(1)
        const text = neverFinished(lifecycle.subject)
        void Promise.allSettled([host.stderr.write(text), ...abandon(), ended(new Error(text.replace('error: ', '')))])
      }
      idle = undefined
    }),
  )
  try {
    await body(lifecycle)
    // A script may end well in spite of the signal; the run was interrupted all the same.
    controller.signal.throwIfAborted()
    await ended()
  } catch (error) {
    const cause = controller.signal.aborted ? controller.signal.reason : error
    // Needed to decide whether the run may be repeated.
    if (cause !== error && isUnknown(error)) await tellFailure(host, error, lifecycle.subject)
    await fail(cause)
    host.after(LINGER_MS, () => host.exit(exitCodeOf(cause)), { holds: false })
    await ended(uncaught ?? cause)
  } finally {
    over = true
    for (const each of undo) each()
  }
}

/**
 * Ends a plain file that was started directly when it is asked to, or when its time is over. It has time to clean up; a
 * second Ctrl-C ends it at once. The limit does not keep the process alive.
 *
 * @param lastText written at the end of a file that was asked to end
 */
export function endWhenAsked(
  host: Pick<Host, 'after' | 'exit' | 'onExit' | 'onSignal' | 'setExitCode' | 'stderr'>,
  timeoutMs: number | undefined,
  controller: AbortController,
  lastText: () => string,
): void {
  const { signal } = controller
  const limit = { graceMs: GRACE_MS }
  let late = ''
  signal.addEventListener('abort', () => host.setExitCode(exitCodeOf(signal.reason)))
  const { stop } = stopOnSignals(host, controller, limit, ({ exitCode }, isLate) => {
    if (isLate) late = tooLate(limit.graceMs)
    host.exit(exitCode)
  })
  if (timeoutMs !== undefined) host.after(timeoutMs, () => stop(timeOver(timeoutMs)), { holds: false })
  host.onExit(() => {
    if (signal.aborted) void host.stderr.write(`${renderFailure(signal.reason, '')}${late}${lastText()}`)
  })
}

export function neverFinished(subject: string): string {
  return `error: ${subject} never finished: it waits for something that cannot happen any more.\n`
}

// --- internal ---

/** The signals that end a run, and the exit codes they end it with. */
const EXIT_CODES = [
  ['SIGINT', 130],
  ['SIGBREAK', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const
/** Windows ends a process five seconds after its console was closed. */
const CLOSED_MS = 4000

/**
 * Aborts the run on a signal. A second one ends it at once, and so does the time of grace after SIGTERM, the closing of the
 * console or `stop()`; after Ctrl-C a person decides how long to wait.
 */
function stopOnSignals(
  host: Pick<Host, 'after' | 'onSignal' | 'stderr'>,
  controller: AbortController,
  limit: Pick<Lifecycle, 'graceMs'>,
  endAtOnce: (reason: Interruption, isLate: boolean) => void,
): { stop(reason: Interruption): void; undo: (() => void)[] } {
  const stop = (reason: Interruption): void => {
    controller.abort(reason)
    undo.push(host.after(limit.graceMs, () => endAtOnce(reason, true), { holds: false }))
  }
  const undo = EXIT_CODES.map(([name, exitCode]) => {
    const reason = new Interruption('Interrupted.', exitCode)
    return host.onSignal(name, () => {
      if (name === 'SIGHUP') limit.graceMs = Math.min(limit.graceMs, CLOSED_MS)
      if (controller.signal.aborted) endAtOnce(reason, false)
      else if (exitCode === 143) stop(reason)
      else {
        void host.stderr.write('Stopping. Press Ctrl-C again to end at once.\n')
        controller.abort(reason)
      }
    })
  })
  return { stop, undo }
}

function timeOver(timeoutMs: number): Interruption {
  return new Interruption(`The time of ${timeoutMs / 1000} s for this run (--timeout) is over.`, 124)
}

function tooLate(graceMs: number): string {
  return `It did not stop within ${graceMs / 1000} s and was ended.\n`
}

function isUnknown(error: unknown): boolean {
  return isWfgError(error) && error.code === 'WFG_OUTCOME_UNKNOWN'
}
