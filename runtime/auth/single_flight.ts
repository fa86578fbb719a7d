/** Work that one process does for several: the others wait for its result, each for a part of the time it has. */
import type { Deadline } from '../core/deadline.ts'
import { systemCode } from '../core/system_code.ts'
import type { Host } from '../host/host.ts'
import { type Lock, type LockHost, takeBriefLock } from '../host/process_lock.ts'

interface SharedWork<T> {
  /** The result that another process has left; undefined if there is none to use. */
  look(): T | undefined
  /** Does the work and leaves the result where `look` finds it. */
  work(): Promise<T>
  debug(text: string): void
  /** Time that the caller has; part of it is spent waiting. Default: the deadline's. */
  readonly patienceMs?: number | undefined
}

const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 100
/** Share of the caller's time spent waiting. The rest is left to do the work itself. */
const WAITING_SHARE = 2 / 3

/** Does the work under a lock, or without it if the lock cannot be used: the lock only saves work. */
export async function singleFlight<T>(
  host: LockHost & Pick<Host, 'monotonicMs' | 'sleep'>,
  path: string,
  deadline: Pick<Deadline, 'signal' | 'remainingMs'>,
  { look, work, debug, patienceMs = deadline.remainingMs() }: SharedWork<T>,
): Promise<T> {
  const giveUpAtMs = host.monotonicMs() + patienceMs * WAITING_SHARE
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    let lock: Lock | undefined
    try {
      lock = takeBriefLock(host, path, deadline.remainingMs())
    } catch (error) {
      debug(`the lock between processes cannot be used (${systemCode(error)})`)
      return work()
    }
    if (lock) {
      try {
        return look() ?? (await work())
      } finally {
        lock.release()
      }
    }
    if (host.monotonicMs() >= giveUpAtMs) {
      debug('another process is taking too long to request one, so this process requests one too')
      return work()
    }
    await host.sleep(pauseMs, deadline.signal)
    const found = look()
    if (found !== undefined) return found
  }
}
