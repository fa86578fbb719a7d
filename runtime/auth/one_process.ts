/** Work that one process does for all: the others wait for its result, each no longer than it has time. */

import type { Deadline } from '../core/deadline.ts'
import { systemCode } from '../core/system_code.ts'
import type { Host } from '../host/host.ts'
import type { Lock, LockHost } from '../host/process_lock.ts'
import { tryLock } from './token_lock.ts'

export interface SharedWork<T> {
  /** What another process has done; undefined where there is nothing of use. */
  look(): T | undefined
  /** Does it, and leaves the result where `look` finds it. */
  work(): Promise<T>
  debug(text: string): void
  /** What the caller has, of which a part is spent on waiting. Default: the deadline. */
  readonly patienceMs?: number
}

const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 100
/** Of the caller's time: whoever waited that long needs the rest to do it alone. */
const WAITING_SHARE = 2 / 3

/** The lock only saves work: whatever is wrong with it, the work is done without it. */
export async function inOneProcess<T>(
  host: LockHost & Pick<Host, 'monotonicMs' | 'sleep'>,
  path: string,
  deadline: Pick<Deadline, 'signal' | 'remainingMs'>,
  { look, work, debug, patienceMs = deadline.remainingMs() }: SharedWork<T>,
): Promise<T> {
  const giveUpAtMs = host.monotonicMs() + patienceMs * WAITING_SHARE
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    let lock: Lock | undefined
    try {
      lock = tryLock(host, path, deadline.remainingMs())
    } catch (error) {
      debug(`the lock between processes cannot be used (${systemCode(error)})`)
      return work()
    }
    if (lock) return whileLocked(lock, async () => look() ?? (await work()))
    if (host.monotonicMs() >= giveUpAtMs) {
      debug('another process has been requesting it for too long, so it is requested here as well')
      return work()
    }
    await host.sleep(pauseMs, deadline.signal)
    const found = look()
    if (found !== undefined) return found
  }
}

// --- internal ---

async function whileLocked<T>(lock: Lock, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    lock.release()
  }
}
