/** When a process started, so that another one that was given its number later is not taken for it. */
import { readFileSync } from 'node:fs'
import type { Host } from '../../../host.ts'

/**
 * The same text for the same process only; undefined where the system does not tell it without starting a program
 * (all but Linux), and where there is no such process.
 */
export function processStart({ platform }: Pick<Host, 'platform'>, pid: number): string | undefined {
  if (platform !== 'linux') return undefined
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may have spaces and parentheses itself.
    const ticks = state.slice(state.lastIndexOf(')') + 2).split(' ')[START_FIELD]
    return ticks === undefined ? undefined : `${boot} ${ticks}`
  } catch {
    return undefined
  }
}

// --- internal ---

/** `starttime` of proc_pid_stat(5), counted from the field after the name. */
const START_FIELD = 19
