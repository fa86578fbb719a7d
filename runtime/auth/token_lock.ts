/** A lock for short work that saves others the same work: it ends by itself at its deadline, also on another computer. */
import { type Held, type Lock, type LockHost, takeLock } from '../host/process_lock.ts'

/** Longest time to hold a lock. A deadline that is further away comes from a clock that is ahead of ours. */
const MAX_HOLD_MS = 120_000
/** Age, in ms, from which a lock file that names no holder is damaged and not about to be written. */
const UNWRITTEN_MS = 2000

/**
 * Takes the lock unless somebody holds it whose deadline has not passed and who may still run.
 *
 * @param holdMs how long it may be held, at most two minutes
 * @throws {Error} the system's, if no file can be made there
 */
export function tryLock(host: LockHost, file: string, holdMs: number): Lock | undefined {
  const deadlineMs = host.nowMs() + Math.min(holdMs, MAX_HOLD_MS)
  const lock = takeLock(host, file, { more: { deadlineMs }, isFree: (held) => isOver(host.nowMs(), held) })
  return 'release' in lock ? lock : undefined
}

// --- internal ---

function isOver(nowMs: number, { holder, modifiedAtMs }: Held): boolean {
  if (!holder) return Math.abs(nowMs - modifiedAtMs) > UNWRITTEN_MS
  const deadlineMs = Number(holder['deadlineMs'])
  return !(nowMs <= deadlineMs && deadlineMs <= nowMs + MAX_HOLD_MS)
}
