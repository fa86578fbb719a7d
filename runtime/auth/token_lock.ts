/** A lock between processes, also on several computers: a file that names its holder and says until when it holds. */
import { randomBytes } from 'node:crypto'
import { lstatSync, rmSync } from 'node:fs'
import * as v from 'valibot'
import type { Host } from '../host.ts'
import { createPrivateFile, readPrivateFile } from './private_file.ts'

export type LockHost = Pick<Host, 'nowMs' | 'pid' | 'hostname' | 'userId' | 'isRunning'>

export interface Lock {
  /** Removes the lock if it is still ours. */
  release(): void
}

/** No lock holds for longer, so one that says so was written by a clock that is ahead of ours. */
const MAX_HOLD_MS = 120_000
/** From when on a lock file that names no holder is damaged, and not just about to be written. */
const UNWRITTEN_MS = 2000
/** How many holders may have died one after another. */
const MAX_GENERATIONS = 16

/**
 * Takes the lock unless somebody holds it. Nobody takes it from a holder that lives and has time left; a holder that
 * died, or whose time is over, has as its heir whoever first creates the file named after it, so that of many who see
 * the same lock abandoned only one takes it over.
 *
 * @param holdMs how long it may be held, at most two minutes
 * @throws {Error} the system's, when the folder does not let a lock be written
 */
export function tryLock(host: LockHost, path: string, holdMs: number): Lock | undefined {
  const nonce = randomBytes(8).toString('hex')
  const deadlineMs = host.nowMs() + Math.min(holdMs, MAX_HOLD_MS)
  const text = JSON.stringify({ pid: host.pid, host: host.hostname(), nonce, deadlineMs })
  const abandoned: Found[] = []
  let candidate = path
  for (let generation = 0; generation < MAX_GENERATIONS; generation += 1) {
    if (create(candidate, text)) return { release: () => remove(host, [{ path: candidate, nonce }, ...abandoned]) }
    const found = read(host, candidate)
    if (found === undefined) continue
    if (!isAbandoned(host, found)) return undefined
    abandoned.push(found)
    candidate = `${path}.${found.nonce}`
  }
  return undefined
}

// --- internal ---

const HOLDER = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  host: v.string(),
  // It becomes part of a file's name.
  nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  deadlineMs: v.number(),
})

interface Found {
  readonly path: string
  readonly nonce: string
  /** Undefined for a file that names none. */
  readonly holder?: v.InferOutput<typeof HOLDER> | undefined
  readonly modifiedAtMs?: number
}

function create(path: string, text: string): boolean {
  try {
    createPrivateFile(path, text)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function read(host: LockHost, path: string): Found | undefined {
  const modifiedAtMs = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs
  if (modifiedAtMs === undefined) return undefined
  const holder = readHolder(host, path)
  return { path, holder, modifiedAtMs, nonce: holder?.nonce ?? `damaged-${Math.floor(modifiedAtMs)}` }
}

function readHolder(host: LockHost, path: string): Found['holder'] {
  try {
    const parsed = v.safeParse(HOLDER, JSON.parse(readPrivateFile(path, host.userId()) ?? ''))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}

function isAbandoned(host: LockHost, { holder, modifiedAtMs = 0 }: Found): boolean {
  const nowMs = host.nowMs()
  if (!holder) return Math.abs(nowMs - modifiedAtMs) > UNWRITTEN_MS
  const isOver = nowMs > holder.deadlineMs
  const isAhead = holder.deadlineMs > nowMs + MAX_HOLD_MS
  return isOver || isAhead || (holder.host === host.hostname() && !host.isRunning(holder.pid))
}

/** Each only while it is the one that was seen or written: what came in its place is somebody else's. */
function remove(host: LockHost, seen: readonly Found[]): void {
  for (const { path, nonce } of seen) {
    if (read(host, path)?.nonce === nonce) rmSync(path, { force: true })
  }
}
