/** What an import says before it sends, while it runs, and when it has ended. */
import { relative } from 'node:path'
import { type BulkOutcomes, type BulkPlan, isWfgError, type WfgError } from '#wfg'

/** Number of entries by how they ended, as `wfg.bulk` counts them. */
export type Summary = BulkOutcomes['summary']

/** Returns why rows may be started a second time; undefined if nothing speaks for it. */
export function doubtOf({ open, gone, elsewhere }: BulkPlan, hasKeys: boolean): string | undefined {
  if (hasKeys && elsewhere > 0) {
    return `Another journal in this folder has ${rowsText(elsewhere)} with the same key and other data. If it is the same list, they would be started a second time.`
  }
  if (hasKeys || open === 0 || gone === 0) return undefined
  return `The file lacks ${rowsText(gone)} of earlier runs, and has ${rowsText(open)} more. A row that was corrected would be started a second time.`
}

/** Returns what progress shows besides the count, such as `3 failed, 1 unknown`. */
export function trouble({ failed, unknown }: Pick<Summary, 'failed' | 'unknown'>): string {
  return [failed > 0 ? `${failed} failed` : '', unknown > 0 ? `${unknown} unknown` : ''].filter(Boolean).join(', ')
}

export function rowsText(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`
}

/**
 * Returns the counts.
 *
 * @param word for what was done
 * @param found how many of them were done before, and only found
 */
export function counts({ done, failed, unknown, unsent }: Summary, word: string, found = 0): string {
  const left = unsent === 0 ? '' : `, ${unsent} not sent`
  const known = found === 0 ? '' : `, ${found} found`
  return `${done - found} ${word}${known}, ${failed} failed, ${unknown} unknown${left}`
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

/** Returns why a row is unknown, and what settles it. */
export function unknownRow(
  error: WfgError | undefined,
  key: string | undefined,
  journal: string,
  command: string,
): string {
  const why = isWfgError(error?.cause) ? ` ${error.cause.message}` : ''
  const type = `${command} journal ${shown(journal)}`
  return `No answer came.${why} Look for its request in WorkflowGen, then type: ${type} --done ${key} --request NUMBER, or: ${type} --not-done ${key}`
}

// --- internal ---

function keep(path: string): string {
  return `Keep ${path}: with it, a further run starts only rows that are new.`
}

/** A path to type. */
function shown(path: string): string {
  const near = relative('', path)
  const shorter = near.startsWith('..') ? path : near
  return /^[\w./\\:-]+$/.test(shorter) ? shorter : `"${shorter.replaceAll('"', '\\"')}"`
}
