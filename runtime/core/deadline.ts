export interface Deadline {
  /** Aborts at the timeout, or when one of the caller's signals aborts. */
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** True if the timeout ended the call, and not the caller. */
  readonly expired: boolean
  remainingMs(): number
  /** Call this at the end. Until then the timer keeps the process alive. */
  clear(): void
}

/** The clock and the timers that a deadline needs. */
export interface Timers {
  /** A clock that never jumps, in milliseconds. */
  monotonicMs(): number
  /** Calls `callback` once after `ms`. Returns a function that cancels it. */
  after(ms: number, callback: () => void): () => void
}

/** Starts the deadline of a call. Its timer keeps the process alive, which could otherwise end without a word. */
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
 * Aborts `controller` when one of the signals aborts. `AbortSignal.any` would leak memory for each call, for as long as a
 * signal lives.
 *
 * @returns a function that undoes it
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

/** One listener for each signal. All calls of a run share its signal, and Node warns of a leak from ten listeners on. */
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
