import { setMaxListeners } from 'node:events'
import type { Host } from './host.ts'

export interface Deadline {
  /** Aborts when the time is over or the caller's own signal aborts. */
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** True when it was the time that ended the call, not the caller. */
  readonly expired: boolean
  remainingMs(): number
  /** Must be called at the end: until then the timer keeps the process alive. */
  clear(): void
}

/** One deadline for everything a call does; its timer holds the process, which would end silently otherwise. */
export function startDeadline(
  host: Pick<Host, 'after' | 'monotonicMs'>,
  timeoutMs: number,
  signals: readonly (AbortSignal | undefined)[] = [],
): Deadline {
  const controller = new AbortController()
  const startMs = host.monotonicMs()
  let expired = false
  const cancel = host.after(timeoutMs, () => {
    if (controller.signal.aborted) return
    expired = true
    controller.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'))
  })
  const unlink = link(controller, signals)
  return {
    signal: controller.signal,
    timeoutMs,
    get expired() {
      return expired
    },
    remainingMs: () => Math.max(0, startMs + timeoutMs - host.monotonicMs()),
    clear() {
      cancel()
      unlink()
    },
  }
}

/**
 * Aborts `controller` when one of the signals does; `AbortSignal.any` would keep something for every call until the
 * longest-lived of them goes.
 *
 * @returns what undoes it
 */
export function link(controller: AbortController, signals: readonly (AbortSignal | undefined)[]): () => void {
  const undo = signals.map((signal) => {
    if (!signal) return () => {}
    const abort = () => controller.abort(signal.reason)
    if (signal.aborted) abort()
    // More than ten calls at once may share a signal; Node would take that for a leak, and say so.
    setMaxListeners(0, signal)
    signal.addEventListener('abort', abort, { once: true })
    return () => signal.removeEventListener('abort', abort)
  })
  return () => {
    for (const remove of undo) remove()
  }
}
