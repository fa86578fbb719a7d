/** Bounds the history: what is full becomes the older half, and the older half before it goes. */
import { lstatSync, renameSync } from 'node:fs'
import { type LockHost, takeBriefLock } from '../../host/process_lock.ts'
import { MAX_BYTES } from './history_folder.ts'

const HOLD_MS = 10_000

/** The older half of a history. */
export function olderFile(file: string): string {
  return file.replace(/\.ndjson$/, '.old.ndjson')
}

/**
 * Two processes that see the same full file must not both rename, or the second would put a new file in the place of the
 * half that the first has just made. Whoever does not get the lock leaves it to who has it; the next run asks again.
 */
export function rotate(host: LockHost, file: string): void {
  const lock = takeBriefLock(host, `${file}.lock`, HOLD_MS)
  if (!lock) return
  try {
    // Asked again: who had the lock before may have done it.
    if ((lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) >= MAX_BYTES) renameSync(file, olderFile(file))
  } finally {
    lock.release()
  }
}
