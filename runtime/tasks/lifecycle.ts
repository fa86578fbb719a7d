/** One run from its start to its end, whichever way it ends: done, failed, interrupted, out of time, or stuck. */
import type { Host, SignalName } from '../host.ts'
import { exitCodeOf, Interruption, renderFailure } from './failure.ts'

export interface Lifecycle {
  /** Aborts on Ctrl-C, on SIGTERM and when the time is over. */
  readonly signal: AbortSignal
  /** Aborts when the process is about to end at once, with all it has started. */
  readonly force: AbortSignal
  /** Named in messages; replaced for each task of the run. */
  subject: string
  /** Called when the run ends without having come to its own end. */
  readonly abandon: Set<() => Promise<void>>
}

type LifecycleHost = Pick<
  Host,
  'after' | 'exit' | 'onIdle' | 'onSignal' | 'onUncaught' | 'redactor' | 'setExitCode' | 'stderr'
>

/** What a script that ignores its signal gets before the process ends under it. */
export const GRACE_MS = 5000
const EXIT_CODES: readonly (readonly [SignalName, number])[] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]

/**
 * Runs `body`, prints why it failed if it did, and sets the exit code.
 *
 * @param timeoutMs time for the whole run; undefined for no limit
 */
export async function conduct(
  host: LifecycleHost,
  subject: string,
  timeoutMs: number | undefined,
  body: (lifecycle: Lifecycle) => Promise<void>,
): Promise<void> {
  const controller = new AbortController()
  const force = new AbortController()
  const lifecycle: Lifecycle = { signal: controller.signal, force: force.signal, subject, abandon: new Set() }
  const exit = (code: number): void => {
    force.abort()
    host.exit(code)
  }
  const undo: (() => void)[] = []
  const fail = async (error: unknown): Promise<void> => {
    host.setExitCode(exitCodeOf(error))
    await host.stderr.write(host.redactor.text(renderFailure(error, lifecycle.subject)))
  }
  const interrupt = (reason: Interruption): void => {
    controller.abort(reason)
    undo.push(host.after(GRACE_MS, () => exit(reason.exitCode)))
  }
  for (const [name, exitCode] of EXIT_CODES) {
    const handle = (): void => {
      if (controller.signal.aborted) {
        exit(exitCode)
        return
      }
      const reason = new Interruption('Interrupted.', exitCode)
      // A person waits as long as they like; who sends SIGTERM cannot ask a second time.
      if (name === 'SIGTERM') {
        interrupt(reason)
        return
      }
      void host.stderr.write('Stopping. Press Ctrl-C again to end at once.\n')
      controller.abort(reason)
    }
    undo.push(host.onSignal(name, handle))
  }
  if (timeoutMs !== undefined) {
    undo.push(host.after(timeoutMs, () => interrupt(timeOver(timeoutMs))))
  }
  undo.push(
    host.onUncaught((error) => {
      void fail(error)
      interrupt(new Interruption('The run was ended because of that error.', exitCodeOf(error)))
    }),
  )
  let stuck = false
  undo.push(
    host.onIdle(() => {
      if (stuck) return
      stuck = true
      host.setExitCode(1)
      const text = `error: ${lifecycle.subject} never finished: it waits for something that cannot happen any more.\n`
      void host.stderr.write(text)
      for (const abandon of lifecycle.abandon) void abandon()
    }),
  )
  try {
    await body(lifecycle)
    // What a script did in spite of the signal does not change that the run was interrupted.
    if (controller.signal.aborted) throw controller.signal.reason
  } catch (error) {
    await fail(controller.signal.aborted ? controller.signal.reason : error)
  } finally {
    for (const each of undo) each()
  }
}

export function timeOver(timeoutMs: number): Interruption {
  return new Interruption(`The time of ${timeoutMs / 1000} s for this run (--timeout) is over.`, 124)
}
