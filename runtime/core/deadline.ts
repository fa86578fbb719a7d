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

/** The clock and the timers that a deadline needs. */
export interface Timers {
  /** A clock that never jumps, in milliseconds. */
  monotonicMs(): number
  /** Calls `callback` once after `ms`; returns what cancels it. */
  after(ms: number, callback: () => void): () => void
}

/** One deadline for everything a call does; its timer holds the process, which would end silently otherwise. */
export function startDeadline(
  host: Timers,
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
  const undo = signals.map((signal) => signal && onAbort(signal, () => controller.abort(signal.reason)))
  return () => {
    for (const remove of undo) remove?.()
  }
}

// --- internal ---

interface Followers {
  readonly actions: Set<() => void>
  readonly abort: () => void
}

/** One listener a signal: a run's signal is shared by all its calls, and Node takes more than ten listeners for a leak. */
const followers = new WeakMap<AbortSignal, Followers>()

function onAbort(signal: AbortSignal, action: () => void): () => void {
  if (signal.aborted) {
    action()
    return () => {}
  }
  const { actions, abort } = followers.get(signal) ?? follow(signal)
  actions.add(action)
  return () => {
    if (!actions.delete(action) || actions.size > 0) return
    signal.removeEventListener('abort', abort)
    followers.delete(signal)
  }
}

function follow(signal: AbortSignal): Followers {
  const actions = new Set<() => void>()
  const abort = () => {
    for (const act of actions) act()
  }
  signal.addEventListener('abort', abort, { once: true })
  const made = { actions, abort }
  followers.set(signal, made)
  return made
}
