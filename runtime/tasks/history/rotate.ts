/** Limits the size of the history: a full file becomes the older half and replaces the one before it. */
import { lstatSync, renameSync } from 'node:fs'
import { type LockHost, takeBriefLock } from '../../host/process_lock.ts'
import { MAX_BYTES } from './history_folder.ts'

const HOLD_MS = 10_000

/** The path of the older half. */
export function olderFile(file: string): string {
  return file.replace(/\.ndjson$/, '.old.ndjson')
}

/**
 * Renames a full file. If two processes renamed it, the second would replace the full file by a nearly empty one. A process
 * that does not get the lock does nothing, and the next run tries again.
 */
export function rotate(host: LockHost, file: string): void {
  const lock = takeBriefLock(host, `${file}.lock`, HOLD_MS)
  if (!lock) return
  try {
    // Another process may have renamed it before we got the lock.
    if ((lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) >= MAX_BYTES) renameSync(file, olderFile(file))
  } finally {
    lock.release()
  }
}
