/** Work that is tried again while the database is away. */
import { backoffMs } from '../../core/backoff.ts'
import type { Host } from '../../host/host.ts'
import { type Alarm, createAlarm } from './alarm.ts'
import type { WorkerLog } from './worker_log.ts'

export interface Retries {
  /**
   * Does the work again and again until the signal aborts: `everyMs` after it succeeded, or when the alarm rings; with
   * backoff after a failure.
   */
  repeat(work: () => Promise<void>, everyMs: number, signal: AbortSignal, alarm?: Alarm): Promise<void>
  /** Does the work until it succeeds once. False if the signal aborts first. */
  retry(work: () => Promise<void>, signal: AbortSignal): Promise<boolean>
}

/** Logs an outage once when it starts and once when it ends. */
export function createRetries(host: Pick<Host, 'after' | 'random'>, log: Pick<WorkerLog, 'info' | 'problem'>): Retries {
  const outages = new Set<Outage>()
  const isTold = (message: string): boolean => [...outages].some((each) => each.message === message)
  const attempt = async (outage: Outage, work: () => Promise<void>): Promise<boolean> => {
    try {
      await work()
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (!isTold(message)) log.problem(`error: ${message}`)
      outage.message = message
      outages.add(outage)
      return false
    }
    if (outages.delete(outage) && outages.size === 0) log.info('Everything works again.')
    return true
  }
  return {
    async repeat(work, everyMs, signal, alarm = createAlarm(host)) {
      const outage: Outage = {}
      for (let failures = 0; !signal.aborted; ) {
        failures = (await attempt(outage, work)) ? 0 : failures + 1
        await alarm.wait(failures === 0 ? everyMs : waitMs(failures, host.random), signal)
      }
      outages.delete(outage)
    },
    async retry(work, signal) {
      const outage: Outage = {}
      const alarm = createAlarm(host)
      for (let failures = 1; ; failures++) {
        if (await attempt(outage, work)) return true
        if (signal.aborted) break
        await alarm.wait(waitMs(failures, host.random), signal)
      }
      outages.delete(outage)
      return false
    },
  }
}

// --- internal ---

interface Outage {
  message?: string
}

const MIN_MS = 500
/** Short enough that after an outage a worker is heard before the others take it for dead. */
const MAX_MS = 5000

function waitMs(failures: number, random: () => number): number {
  return Math.min(MAX_MS, MIN_MS + backoffMs(failures, random))
}
