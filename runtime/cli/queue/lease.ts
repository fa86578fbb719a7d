/** How long a run that another worker may repeat goes on without a word of its own worker, and how that word comes. */
import type { Host } from '../../host.ts'

/** Without the database for so long, a worker must expect that its runs are given to another one. */
export const LEASE_MS = 11_000
/** The same for a run that hears nothing of its worker any more; a worker that still can ends it in order before that. */
export const RUN_LEASE_MS = LEASE_MS + 1500

/** What the worker writes to give the run so many milliseconds more. */
export function leaseLine(leaseMs: number): string {
  return `${START}${Math.round(leaseMs)}`
}

/** @returns undefined for any other line */
export function readLease(line: string): number | undefined {
  return line.startsWith(START) ? Number(line.slice(START.length)) : undefined
}

/** On Deno a run cannot read while it works: there the word is this signal, which does nothing to who does not listen. */
export const LEASE_SIGNAL = 'SIGCONT'
/** That it has no number, so it is only sent when hardly anything of the time is over. */
export const MAX_AGE_MS = 1000

/** @returns what begins the time anew */
export function createLease({ after }: Pick<Host, 'after'>, onOver: () => void): (leaseMs: number) => void {
  let cancel = (): void => {}
  return (leaseMs) => {
    cancel()
    cancel = after(leaseMs, onOver, { holds: false })
  }
}

// --- internal ---

const START = 'lease '
