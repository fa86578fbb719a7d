/** What an import says while it runs and when it has ended. */
import { relative } from 'node:path'
import type { BulkOutcomes } from '#wfg'

/** Number of entries by how they ended, as `wfg.bulk` counts them. */
export type Summary = BulkOutcomes['summary']

/** Returns what progress shows besides the count, such as `3 failed, 1 unknown`. */
export function trouble({ failed, unknown }: Pick<Summary, 'failed' | 'unknown'>): string {
  return [failed > 0 ? `${failed} failed` : '', unknown > 0 ? `${unknown} unknown` : ''].filter(Boolean).join(', ')
}

/** Returns the counts, with `done` as the word for what was done. */
export function counts({ done, failed, unknown, unsent }: Summary, word: string): string {
  const left = unsent === 0 ? '' : `, ${unsent} not sent`
  return `${done} ${word}, ${failed} failed, ${unknown} unknown${left}`
}

/**
 * Returns what to do next, after an import with a journal.
 *
 * @param command the words before a command, from the context of the script
 */
export function nextStep({ failed, unknown, unsent }: Summary, journal: string, command: string): string {
  const path = shown(journal)
  if (unknown > 0)
    return `Next: \`${command} journal ${path}\` names the unknown rows. The same command as before looks for them again.`
  if (failed > 0) return `Next: correct the rows that failed, and run the same command again. ${keep(path)}`
  if (unsent > 0) return `Next: run the same command again for the rows that were not sent. ${keep(path)}`
  return keep(path)
}

// --- internal ---

function keep(path: string): string {
  return `Keep ${path}: with it, a further run starts only rows that are new.`
}

/** A path to type. */
function shown(path: string): string {
  const near = relative('', path)
  const shorter = near.startsWith('..') ? path : near
  return /^[\w./\\:-]+$/.test(shorter) ? shorter : JSON.stringify(shorter)
}
