/** Decides what becomes of a file of a team's folder. What the team has changed is never overwritten. */

/** What becomes of a file. */
export type Fate =
  /** There was none. */
  | 'written'
  /** It needs no change. */
  | 'kept'
  /** The team has not changed it, and a newer version has another. */
  | 'updated'
  /** The team has changed it, and a newer version has another. */
  | 'changed'
  /** The team has one of its own, so this one is written beside it. */
  | 'beside'
  /** The team has removed it. */
  | 'removed'

/**
 * @param current the file in the folder; undefined if there is none
 * @param original the file as an earlier run wrote it; undefined if none did
 * @param shipped the file of this version
 */
export function fateOf(current: string | undefined, original: string | undefined, shipped: string): Fate {
  if (current === undefined) return original === undefined ? 'written' : 'removed'
  if (current === shipped) return 'kept'
  if (original === undefined) return 'beside'
  if (current === original) return 'updated'
  return original === shipped ? 'kept' : 'changed'
}
