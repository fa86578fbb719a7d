/** How a plain file that was started directly is ended from outside: by Ctrl-C, SIGTERM, or `--timeout`. */

import { Interruption } from '../../core/interruption.ts'
import type { Host } from '../../host/host.ts'
import { EXIT_CODES, GRACE_MS, timeOver, tooLate } from './lifecycle.ts'

/**
 * The first request aborts and leaves the file the time to clean up; a second Ctrl-C ends it at once. Nothing here holds
 * the process: a file that has ended is not kept alive by its limit.
 *
 * @param lastWords what else is said of a file that was ended
 */
export function endWhenAsked(
  host: Pick<Host, 'after' | 'exit' | 'onExit' | 'onSignal' | 'setExitCode' | 'stderr'>,
  timeoutMs: number | undefined,
  controller: AbortController,
  lastWords: () => string,
): void {
  let isLate = false
  const stop = (reason: Interruption): void => {
    controller.abort(reason)
    host.setExitCode(reason.exitCode)
  }
  const stopWithin = (reason: Interruption): void => {
    stop(reason)
    const endAtOnce = () => {
      isLate = true
      host.exit(reason.exitCode)
    }
    host.after(GRACE_MS, endAtOnce, { holds: false })
  }
  for (const [name, exitCode] of EXIT_CODES) {
    host.onSignal(name, () => {
      if (controller.signal.aborted) return host.exit(exitCode)
      const reason = new Interruption('Interrupted.', exitCode)
      // A person waits as long as they like; who sends SIGTERM cannot ask a second time.
      if (name === 'SIGTERM') return stopWithin(reason)
      void host.stderr.write('Stopping. Press Ctrl-C again to end at once.\n')
      stop(reason)
    })
  }
  if (timeoutMs !== undefined) host.after(timeoutMs, () => stopWithin(timeOver(timeoutMs)), { holds: false })
  host.onExit(() => {
    const { reason } = controller.signal
    if (reason instanceof Interruption)
      void host.stderr.write(`${reason.message}\n${isLate ? tooLate(GRACE_MS) : ''}${lastWords()}`)
  })
}
