/** Whether a run that left no end still goes on. */
import { readFileSync } from 'node:fs'
import type { Host } from '../../host/host.ts'
import type { RunRecord } from './record.ts'

type RunningHost = Pick<Host, 'hostname' | 'isAllowed' | 'isRunning' | 'pid' | 'platform'>

/** Identifies this process, for the record of its run. */
export function thisProcess(host: RunningHost): NonNullable<RunRecord['process']> {
  return { pid: host.pid, start: startOf(host, host.pid) }
}

export function computerName(host: Pick<Host, 'hostname' | 'isAllowed'>): string | undefined {
  return host.isAllowed('sys', 'hostname') ? host.hostname() : undefined
}

/** True if the process of the run is alive on this computer. */
export function isAlive(host: RunningHost, { host: computer, process: kept }: RunRecord): boolean {
  if (kept === undefined || computer !== computerName(host) || !host.isRunning(kept.pid)) return false
  const start = startOf(host, kept.pid)
  return start === undefined || kept.start === undefined || start === kept.start
}

/** The record of a run whose process is gone. */
export function interrupted(record: RunRecord): RunRecord {
  const message = 'the process ended without a word: it was killed, or the computer stopped'
  return { ...record, outcome: 'interrupted', error: { message } }
}

// --- internal ---

/** When the process started, so that a later one of the same number is another; only Linux tells. */
function startOf({ isAllowed, platform }: RunningHost, pid: number): string | undefined {
  const path = `/proc/${pid}/stat`
  if (platform !== 'linux' || !isAllowed('read', path)) return undefined
  try {
    const stat = readFileSync(path, 'utf8')
    // The name in parentheses may have spaces and parentheses itself.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
