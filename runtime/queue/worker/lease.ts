/**
 * Time limits that keep a task from running twice. Each clock starts at the same moment or earlier: when the worker asks
 * the database to note that it lives. In order:
 *
 * 1. `LEASE_MS`: a worker without an answer asks its leased runs to end.
 * 2. `RUN_LEASE_MS`: a run whose worker is silent, because it is frozen, ends by itself.
 * 3. `RUN_LEASE_MS + RUN_LAST_MS`: such a run is ended by force.
 * 4. `TAKEOVER_MS`: another worker may begin the job.
 *
 * 1 to 3 count from before the question, and 4 from after the answer, by the clock of whoever waits. No clock is compared
 * with that of another computer.
 */
import type { Host } from '../../host/host.ts'
import type { Task } from '../../tasks/registry/registry.ts'

export const LEASE_MS = 11_000
export const RUN_LEASE_MS = LEASE_MS + 1500
/** How long a run may take to end in order. */
export const RUN_LAST_MS = 1500
/** Longer than any run lives without its worker, with time to spare for a busy computer. */
export const TAKEOVER_MS = 20_000

/** True if a run must not outlive the contact with its worker: another worker may begin the same job, or one of its key. */
export function isLeased({ retry, concurrencyKey }: Pick<Task, 'retry' | 'concurrencyKey'>): boolean {
  return retry !== undefined || concurrencyKey !== undefined
}

type Clocks = Pick<Host, 'monotonicMs' | 'nowMs'>

/**
 * Returns a function that gives the milliseconds since this call, by the clock that shows more: one may stand still while
 * the computer sleeps, and the other may be put back.
 */
export function startStopwatch({ monotonicMs, nowMs }: Clocks): () => number {
  const [startedMs, startedAtMs] = [monotonicMs(), nowMs()]
  return () => Math.max(monotonicMs() - startedMs, nowMs() - startedAtMs)
}

export interface Lease {
  /** Does nothing once the lease is over: after a freeze, old messages of the worker may still arrive. */
  renew(untilMs: number): void
  /** Infinity without a lease. */
  leftMs(): number
}

export function createLease(clocks: Clocks): Lease {
  let leftMs = () => Number.POSITIVE_INFINITY
  return {
    renew(untilMs) {
      if (leftMs() <= 0) return
      const givenMs = Math.min(untilMs - clocks.nowMs(), RUN_LEASE_MS)
      const elapsedMs = startStopwatch(clocks)
      leftMs = () => givenMs - elapsedMs()
    },
    leftMs: () => leftMs(),
  }
}
