/** Who a process is, so that another process can tell for certain that it has ended. */
import { readFileSync, readlinkSync } from 'node:fs'
import { platform } from 'node:os'
import type { Host } from './host.ts'

export type IdentityHost = Pick<Host, 'pid' | 'hostname' | 'isRunning' | 'isAllowed'>

export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** Id of the running kernel. Only Linux tells it and the next two, and not to Deno with few rights. */
  readonly boot?: string | undefined
  /** The pid namespace. A container has its own, in which the pids of others do not exist. On Windows `WINDOWS`. */
  readonly namespace?: string | undefined
  /** When the process started, in ticks since the boot. A later process with the same pid has another value. */
  readonly start?: string | undefined
}

export function ownIdentity(host: IdentityHost): ProcessIdentity {
  return { pid: host.pid, host: hostName(host), ...readOwn(host) }
}

/**
 * True only if it is certain. A process on another computer, of an earlier boot or in another container may run, whatever
 * its pid says here.
 */
export function hasEnded(host: IdentityHost, other: ProcessIdentity): boolean {
  const own = ownIdentity(host)
  const onWindows = own.namespace === WINDOWS
  const isComparable =
    (onWindows || (own.start !== undefined && other.start !== undefined)) &&
    (['host', 'boot', 'namespace'] as const).every((name) => own[name] === other[name])
  if (!isComparable) return false
  if (!host.isRunning(other.pid)) return true
  // A later process may have its pid, and Windows does not tell when a process started.
  if (onWindows) return false
  try {
    return readStat(String(other.pid)).start !== other.start
  } catch {
    return false
  }
}

// --- internal ---

/** All processes of a computer with Windows see each other. WSL on it has its name, and other pids. */
const WINDOWS = 'windows'

function readOwn({ pid, isAllowed }: IdentityHost): Partial<ProcessIdentity> {
  if (platform() === 'win32') return isAllowed('sys', 'hostname') ? { namespace: WINDOWS } : {}
  // Deno would ask the person.
  if (!isAllowed('read', '/proc/self/stat')) return {}
  try {
    const own = readStat('self')
    // This is the /proc of another pid namespace.
    if (own.pid !== pid) return {}
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return { boot, namespace: readlinkSync('/proc/self/ns/pid'), start: own.start }
  } catch {
    return {}
  }
}

/** Index of `starttime` in proc_pid_stat(5), counted from the field after the name. */
const START_FIELD = 19

function readStat(process: string): { pid: number; start: string } {
  const text = readFileSync(`/proc/${process}/stat`, 'utf8')
  // The name in parentheses may contain spaces and parentheses.
  const start = text.slice(text.lastIndexOf(')') + 2).split(' ')[START_FIELD]
  if (start === undefined) throw new Error('not a stat file of Linux')
  return { pid: Number.parseInt(text, 10), start }
}

function hostName(host: IdentityHost): string {
  return host.isAllowed('sys', 'hostname') ? host.hostname() : 'unknown'
}
