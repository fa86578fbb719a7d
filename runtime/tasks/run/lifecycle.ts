/** One run from its start to its end, whichever way it ends: done, failed, interrupted, out of time, or stuck. */
import { isWfgError } from '../../core/errors.ts'
import { Interruption } from '../../core/interruption.ts'
import type { Host, SignalName } from '../../host/host.ts'
import { exitCodeOf, renderFailure, tellFailure } from './failure.ts'

export interface Lifecycle {
  /** Aborts on Ctrl-C, on SIGTERM and when the time is over. */
  readonly signal: AbortSignal
  /** Aborts when the process is about to end at once, with all it has started. */
  readonly force: AbortSignal
  /** Named in messages; replaced for each task of the run. */
  subject: string
  /** How long a run that was asked to end may take before it is ended; may be replaced. Default 5000. */
  graceMs: number
  /** Ends the run for this reason: it is asked to, or with `atOnce` the process ends with all that it started. */
  end(reason: Interruption, options?: { atOnce: boolean }): void
  /** Called when the run ends without having come to its own end. */
  readonly abandon: Set<() => Promise<void>>
  /** Called when the run has ended and all has been printed, with why it failed if it did. Never rejects. */
  ended: ((error: unknown) => Promise<void>) | undefined
  /** Resolves when nothing is left to wait for: the end of a plain file, which may start work and not wait for it. */
  untilIdle(): Promise<void>
}

type LifecycleHost = Pick<
  Host,
  'after' | 'env' | 'exit' | 'onIdle' | 'onSignal' | 'onUncaught' | 'redactor' | 'setExitCode' | 'stderr'
>

/** What a script that ignores its signal gets before the process ends under it. */
export const GRACE_MS = 5000
/** A run that failed is over: what it left open (a timer, a server) holds the process no longer than this. */
const LINGER_MS = 1000
/** A reader that has stalled does not keep the process from ending. */
const LAST_WORDS_MS = 500
/** Follows the reason why a run that ignored its signal was ended. */
export function tooLate(graceMs: number): string {
  return `It did not stop within ${graceMs / 1000} s and was ended.\n`
}

/** The signals that end a run, and the exit codes they end it with. */
export const EXIT_CODES: readonly (readonly [SignalName, number])[] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]

/**
 * Runs `body`, prints why it failed if it did, and sets the exit code.
 *
 * @param timeoutMs time for the whole run, and for what it leaves open; undefined for no limit
 */
export async function conduct(
  host: LifecycleHost,
  subject: string,
  timeoutMs: number | undefined,
  body: (lifecycle: Lifecycle) => Promise<void>,
): Promise<void> {
  const controller = new AbortController()
  const force = new AbortController()
  const undo: (() => void)[] = []
  let over = false
  let stuck = false
  let idle: (() => void) | undefined
  let uncaught: unknown
  const lifecycle: Lifecycle = {
    signal: controller.signal,
    force: force.signal,
    subject,
    graceMs: GRACE_MS,
    end: (reason, { atOnce } = { atOnce: false }) =>
      atOnce ? endAtOnce(reason, `${reason.message}\n`) : interrupt(reason),
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
  const endAtOnce = (reason: Interruption, text: string): void => {
    force.abort()
    const exit = () => host.exit(reason.exitCode)
    void Promise.allSettled([...abandon(), host.stderr.write(text), ended(uncaught ?? reason)]).then(exit)
    host.after(LAST_WORDS_MS, exit)
  }
  const interrupt = (reason: Interruption): void => {
    controller.abort(reason)
    const { graceMs } = lifecycle
    const text = `${renderFailure(reason, lifecycle.subject)}${tooLate(graceMs)}`
    undo.push(host.after(graceMs, () => endAtOnce(reason, text), { holds: false }))
  }
  for (const [name, exitCode] of EXIT_CODES) {
    const reason = new Interruption('Interrupted.', exitCode)
    const handle = (): void => {
      if (controller.signal.aborted) endAtOnce(reason, `${reason.message}\n`)
      // A person waits as long as they like; who sends SIGTERM cannot ask a second time.
      else if (name === 'SIGTERM') interrupt(reason)
      else {
        void host.stderr.write('Stopping. Press Ctrl-C again to end at once.\n')
        controller.abort(reason)
      }
    }
    undo.push(host.onSignal(name, handle))
  }
  if (timeoutMs !== undefined) {
    const reason = timeOver(timeoutMs)
    // Not undone with the rest: the limit also holds for a timer or a server that the script left open.
    host.after(timeoutMs, () => (over ? endAtOnce(reason, `${reason.message}\n`) : interrupt(reason)), {
      holds: false,
    })
  }
  undo.push(
    host.onUncaught((error) => {
      uncaught ??= error
      void fail(error)
      if (!controller.signal.aborted) interrupt(new Interruption('', exitCodeOf(error)))
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
    // What a script did in spite of the signal does not change that the run was interrupted.
    controller.signal.throwIfAborted()
    await ended()
  } catch (error) {
    const cause = controller.signal.aborted ? controller.signal.reason : error
    // Whoever stopped the run has to know before it is run again.
    if (cause !== error && isUnknown(error)) await tellFailure(host, error, lifecycle.subject)
    await fail(cause)
    host.after(LINGER_MS, () => host.exit(exitCodeOf(cause)), { holds: false })
    await ended(uncaught ?? cause)
  } finally {
    over = true
    for (const each of undo) each()
  }
}

export function neverFinished(subject: string): string {
  return `error: ${subject} never finished: it waits for something that cannot happen any more.\n`
}

export function timeOver(timeoutMs: number): Interruption {
  return new Interruption(`The time of ${timeoutMs / 1000} s for this run (--timeout) is over.`, 124)
}

// --- internal ---

function isUnknown(error: unknown): boolean {
  return isWfgError(error) && error.code === 'WFG_OUTCOME_UNKNOWN'
}
