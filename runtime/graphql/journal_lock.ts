/** One run at a time for a journal: a lock file beside it that names its holder. */
import { randomUUID } from 'node:crypto'
import { linkSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { RefusedError, UsageError } from '../errors.ts'
import type { Host } from '../host.ts'

export type LockHost = Pick<Host, 'nowMs' | 'pid' | 'hostname' | 'isRunning'>

export interface Lock {
  release(): void
}

/**
 * @param path of the journal, as the caller named it
 * @throws {RefusedError} `WFG_REFUSED` naming the run that has it
 * @throws {UsageError} `WFG_USAGE` when no file can be made there
 */
export function lockJournal(host: LockHost, path: string, absolute: string): Lock {
  const lock = acquire(host, path, `${absolute}.lock`)
  sweep(`${absolute}.lock`)
  return lock
}

// --- internal ---

interface Holder {
  /** Different for every lock that was ever taken. */
  readonly nonce: string
  readonly pid: number | undefined
  readonly host: string
  readonly since: string
}

/** Locks that this process holds: another process may have had its number before. */
const held = new Set<string>()
/** Where there are no links, a process that is killed may leave a lock without a name; one that lives writes it at once. */
const UNREADABLE_MS = 2000
const UNKNOWN_HOST = 'unknown'

function acquire(host: LockHost, path: string, file: string): Lock {
  const own: Holder = {
    nonce: randomUUID().slice(0, 8),
    pid: host.pid,
    host: hostName(host),
    since: new Date(host.nowMs()).toISOString(),
  }
  while (!create(path, file, own)) {
    const holder = readHolder(path, file)
    if (!holder) continue
    if (!isGone(host, file, holder)) throw refused(path, file, holder)
    // Of all who find the same dead holder, one may replace its lock; the name makes the others find that one.
    const right = acquire(host, path, `${file}.${holder.nonce}`)
    try {
      if (readHolder(path, file)?.nonce !== holder.nonce) continue
      replace(path, file, own)
      break
    } finally {
      right.release()
    }
  }
  held.add(own.nonce)
  return {
    release() {
      held.delete(own.nonce)
      if (readHolder(path, file)?.nonce === own.nonce) remove(file)
    },
  }
}

/** By a link to a file that is whole: a process that is killed leaves no lock without a holder's name. */
function create(path: string, file: string, own: Holder): boolean {
  const temporary = write(path, file, own)
  try {
    linkSync(temporary, file)
    return true
  } catch (error) {
    return codeOf(error) === 'EEXIST' ? false : createWithoutLink(path, file, own)
  } finally {
    remove(temporary)
  }
}

/** Some file systems have no links. */
function createWithoutLink(path: string, file: string, own: Holder): boolean {
  try {
    writeFileSync(file, textOf(own), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw unlockable(path, error)
  }
}

function replace(path: string, file: string, own: Holder): void {
  const temporary = write(path, file, own)
  try {
    renameSync(temporary, file)
  } catch (error) {
    remove(temporary)
    throw unlockable(path, error)
  }
}

function write(path: string, file: string, own: Holder): string {
  const temporary = `${file}.${own.nonce}.new`
  try {
    writeFileSync(temporary, textOf(own), { mode: 0o600 })
    return temporary
  } catch (error) {
    // On a full disk it is made, and stays empty.
    remove(temporary)
    throw unlockable(path, error)
  }
}

function textOf(own: Holder): string {
  return `${JSON.stringify(own)}\n`
}

/** Undefined where there is no lock any more. */
function readHolder(path: string, file: string): Holder | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw unlockable(path, error)
  }
  try {
    const { nonce, pid, host, since } = JSON.parse(text) as Partial<Holder>
    if (typeof nonce === 'string' && /^[\w-]+$/.test(nonce) && typeof pid === 'number') {
      return { nonce, pid, host: String(host), since: String(since) }
    }
  } catch {
    // cut off, or nothing of ours
  }
  return { nonce: 'unreadable', pid: undefined, host: '', since: '' }
}

function isGone(host: LockHost, file: string, holder: Holder): boolean {
  if (holder.pid === undefined) return ageMs(host, file) > UNREADABLE_MS
  if (holder.host !== hostName(host) || holder.host === UNKNOWN_HOST) return false
  return holder.pid === host.pid ? !held.has(holder.nonce) : !host.isRunning(holder.pid)
}

function ageMs(host: LockHost, file: string): number {
  try {
    return host.nowMs() - statSync(file).mtimeMs
  } catch {
    return 0
  }
}

/** What takers of older locks left when they were killed; whoever has the lock knows that it serves nobody any more. */
function sweep(file: string): void {
  const prefix = `${basename(file)}.`
  for (const name of readdirSync(dirname(file))) if (name.startsWith(prefix)) remove(join(dirname(file), name))
}

function remove(file: string): void {
  try {
    unlinkSync(file)
  } catch {
    // somebody removed it by hand
  }
}

function refused(path: string, file: string, { pid, host, since }: Holder): RefusedError {
  const by =
    pid === undefined
      ? 'by a run that is just beginning'
      : `since ${since} by process ${pid} on ${JSON.stringify(host)}`
  return new RefusedError(
    `Refused to use the journal ${JSON.stringify(path)}: it is in use ${by}. Nothing was sent. ` +
      `Wait for the end of that run; if it has ended, delete ${JSON.stringify(file)}.`,
  )
}

function unlockable(path: string, cause: unknown): UsageError {
  return new UsageError(
    `Cannot use the journal ${JSON.stringify(path)}: no lock can be made beside it (${codeOf(cause)}); expected a folder that is there and may be written.`,
    { cause },
  )
}

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : String(name)
}

/** Deno tells it only where it may. */
function hostName(host: LockHost): string {
  try {
    return host.hostname()
  } catch {
    return UNKNOWN_HOST
  }
}
