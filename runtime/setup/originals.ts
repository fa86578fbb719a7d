/** The record of the files that `init --here` wrote. A newer version tells from it what the team has changed. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { quotedPath } from '../core/visible.ts'

export interface Originals {
  /** The version of the package that wrote the files. */
  readonly version: string
  /** Paths of the scripts that the team did not want. */
  readonly leftOut: readonly string[]
  /** The text of each file, by its path. */
  readonly files: Readonly<Record<string, string>>
}

/** Path in the team's folder. */
export const ORIGINALS = 'scripts/.originals.json'

export function originalsText(originals: Originals): string {
  return `${JSON.stringify({ note: NOTE, ...originals }, null, 2)}\n`
}

/**
 * Returns undefined if there is no record.
 *
 * @throws {UsageError} `WFG_USAGE` if it is damaged, as by a merge: every file would look like one of the team's own
 */
export function readOriginals(directory: string): Originals | undefined {
  const file = join(directory, ORIGINALS)
  if (!existsSync(file)) return undefined
  try {
    const { version, leftOut, files } = JSON.parse(readFileSync(file, 'utf8')) as Originals
    if (Array.isArray(leftOut) && typeof files === 'object') return { version, leftOut, files }
  } catch {
    // reported below
  }
  throw new UsageError(
    `Cannot compare with the original files: ${quotedPath(file)} is damaged; expected it as it was written, so restore it from git.`,
  )
}

// --- internal ---

const NOTE = '`wfg init --here` compares with these texts after an update. Commit this file, and do not edit it.'
