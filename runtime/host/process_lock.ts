/** A lock between processes: a file that names its holder. It is taken over only from a holder that has certainly ended. */
import { randomBytes } from 'node:crypto'
import { closeSync, linkSync, lstatSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import { systemCode } from '../core/system_code.ts'
import type { Host } from './host.ts'
import { hasEnded, type IdentityHost, ownIdentity } from './process_identity.ts'

export type LockHost = IdentityHost & Pick<Host, 'nowMs' | 'onExit'>

/** The content of a lock file. A caller may add its own members. */
export type Holder = v.InferOutput<typeof HOLDER>

export interface Lock {
  readonly holder: Holder
  /** Removes the lock file if it is still ours. A process that ends does this too, unless it is killed. */
  release(): void
}

/** A lock that another holder has. */
export interface Held {
  readonly file: string
  /** Undefined if the file does not name one. */
  readonly holder: Holder | undefined
  readonly modifiedAtMs: number
}

export interface LockOptions {
  /** Written into the lock file. */
  readonly more?: Readonly<Record<string, unknown>>
  /** True if the lock is free although its holder may not have ended. Default: never. */
  isFree?(held: Held): boolean
}

/**
 * Takes the lock unless somebody holds it. If several processes find a lock left behind, one of them takes it over.
 *
 * @throws {Error} the system's, if the file cannot be made
 */
export function takeLock(host: LockHost, file: string, options: LockOptions = {}): Lock | Held {
  const { more = {}, isFree = () => false } = options
  const since = new Date(host.nowMs()).toISOString()
  const holder: Holder = { ...more, ...ownIdentity(host), since, nonce: randomBytes(8).toString('hex') }
  while (!create(file, holder)) {
    const held = read(file)
    if (!held) continue
    const isLeft = held.holder !== undefined && hasEnded(host, held.holder)
    if (!isLeft && !isFree(held)) return held
    // Take a lock on the removal: meanwhile another process may have removed this lock and made a new one.
    const right = takeLock(host, `${file}.${nonceOf(held)}`, options)
    if (!('release' in right)) return right
    try {
      const now = read(file)
      if (now && nonceOf(now) === nonceOf(held)) rmSync(file)
    } finally {
      right.release()
    }
  }
  sweep(file)
  return heldLock(host, file, holder)
}

/**
 * Takes a lock for short work that other processes can do without: it ends at its deadline, even if the holder runs on
 * another computer.
 *
 * @param holdMs how long it may be held, at most two minutes
 * @returns undefined while another process holds it
 * @throws {Error} the system's, if no file can be made there
 */
export function takeBriefLock(host: LockHost, file: string, holdMs: number): Lock | undefined {
  const deadlineMs = host.nowMs() + Math.min(holdMs, MAX_HOLD_MS)
  const lock = takeLock(host, file, { more: { deadlineMs }, isFree: (held) => isOver(host.nowMs(), held) })
  return 'release' in lock ? lock : undefined
}

// --- internal ---

/** Longest time to hold a brief lock. A deadline that is further away comes from a clock that is ahead of ours. */
const MAX_HOLD_MS = 120_000
/** Age, in ms, from which a lock file that names no holder is damaged and not about to be written. */
const UNWRITTEN_MS = 2000

function isOver(nowMs: number, { holder, modifiedAtMs }: Held): boolean {
  if (!holder) return Math.abs(nowMs - modifiedAtMs) > UNWRITTEN_MS
  const deadlineMs = Number(holder['deadlineMs'])
  return !(nowMs <= deadlineMs && deadlineMs <= nowMs + MAX_HOLD_MS)
}

const HOLDER = v.looseObject({
  // It becomes part of a file's name.
  nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  host: v.string(),
  boot: v.optional(v.string()),
  namespace: v.optional(v.string()),
  start: v.optional(v.string()),
  since: v.string(),
})
const LEFTOVER = /^(\.[0-9a-f]{16})+(\.new)?$/
/** Our lock files are shorter. */
const MAX_BYTES = 64 * 1024

function nonceOf({ holder, modifiedAtMs }: Held): string {
  return holder?.nonce ?? String(Math.floor(modifiedAtMs)).padStart(16, '0')
}

/** Links a complete file, so that a process killed meanwhile leaves no lock without a holder. */
function create(file: string, holder: Holder): boolean {
  const temporary = `${file}.${holder.nonce}.new`
  try {
    write(temporary, holder)
    return link(temporary, file) ?? write(file, holder)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Undefined if links do not work: some file systems have none, and Deno needs a right for them. */
function link(from: string, to: string): boolean | undefined {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    // ENOENT: the holder has removed our temporary file.
    return ['EEXIST', 'ENOENT'].includes(systemCode(error)) ? false : undefined
  }
}

function write(file: string, holder: Holder): boolean {
  let descriptor: number
  try {
    descriptor = openSync(file, 'wx', 0o600)
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
  try {
    writeFileSync(descriptor, `${JSON.stringify(holder)}\n`)
    return true
  } catch (error) {
    // On a full disk the file is empty.
    rmSync(file, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

function read(file: string): Held | undefined {
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (!found) return undefined
  const held = { file, holder: undefined, modifiedAtMs: found.mtimeMs }
  // Links are not followed, and reading a pipe would wait for its other end.
  if (!found.isFile() || found.size > MAX_BYTES) return held
  try {
    const parsed = v.safeParse(HOLDER, JSON.parse(readFileSync(file, 'utf8')))
    return parsed.success ? { ...held, holder: parsed.output } : held
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? undefined : held
  }
}

/** Removes the temporary files of killed processes. Only the holder may do this. */
function sweep(file: string): void {
  const name = basename(file)
  try {
    for (const other of readdirSync(dirname(file)))
      if (other.startsWith(name) && LEFTOVER.test(other.slice(name.length))) rmSync(join(dirname(file), other))
  } catch {
    // Deno may not list the folder, or another process removed a file.
  }
}

const held = new Set<Lock>()
/** One listener is enough for the process, even with several copies of the host. */
const watched = new WeakSet<LockHost['onExit']>()

function heldLock(host: LockHost, file: string, holder: Holder): Lock {
  const lock: Lock = {
    holder,
    release() {
      held.delete(lock)
      try {
        if (read(file)?.holder?.nonce === holder.nonce) rmSync(file)
      } catch {
        // The next process that wants the lock says which file to delete.
      }
    },
  }
  held.add(lock)
  if (!watched.has(host.onExit)) {
    watched.add(host.onExit)
    host.onExit(() => {
      for (const each of held) each.release()
    })
  }
  return lock
}
