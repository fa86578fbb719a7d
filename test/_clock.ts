/** A clock that stands still until a test advances it. */
import { setImmediate } from 'node:timers/promises'
import type { Host } from '../runtime/host/host.ts'

export interface Clock extends Pick<Host, 'nowMs' | 'monotonicMs' | 'sleep' | 'after' | 'turn'> {
  /** Moves both clocks on, running what falls due on the way at its own time, and lets promises settle in between. */
  advance(ms: number): Promise<void>
  /** Moves only the wall clock, as a person or a time server does; nothing falls due. */
  jump(ms: number): void
  /** Timers and sleeps that are not due yet. */
  readonly pending: number
}

/** @param startMs what the wall clock shows, milliseconds since 1970; default 2026-01-01 */
export function manualClock(startMs = Date.UTC(2026, 0, 1)): Clock {
  let elapsedMs = 0
  let jumpedMs = 0
  let due: { atMs: number; run: () => void }[] = []

  function after(ms: number, callback: () => void): () => void {
    const entry = { atMs: elapsedMs + Math.max(0, ms), run: callback }
    due.push(entry)
    return () => {
      due = due.filter((other) => other !== entry)
    }
  }

  return {
    nowMs: () => startMs + elapsedMs + jumpedMs,
    monotonicMs: () => elapsedMs,
    after,
    turn: () => setImmediate(),
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const abort = () => {
          cancel()
          reject(signal?.reason)
        }
        const cancel = after(ms, () => {
          signal?.removeEventListener('abort', abort)
          resolve()
        })
        signal?.addEventListener('abort', abort, { once: true })
      })
    },
    async advance(ms) {
      const endMs = elapsedMs + ms
      for (;;) {
        await setImmediate()
        const next = due.filter((entry) => entry.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
        if (!next) break
        due = due.filter((entry) => entry !== next)
        elapsedMs = Math.max(elapsedMs, next.atMs)
        next.run()
      }
      elapsedMs = endMs
    },
    jump(ms) {
      jumpedMs += ms
    },
    get pending() {
      return due.length
    },
  }
}
