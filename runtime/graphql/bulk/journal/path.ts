/** The path of a journal, the same for all runs. */
import { existsSync, lstatSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '../../../core/errors.ts'
import { quotedPath } from '../../../core/visible.ts'
import { knownPath } from '../../../host/windows_name.ts'

/**
 * Returns the real path, so that a journal has the same lock through a symbolic link.
 *
 * @param path as the caller named it
 * @throws {UsageError} `WFG_USAGE` if it is not a file, or has hard links, which would have locks of their own
 */
export function journalPath(path: string): string {
  const absolute = placeOf(resolve(path))
  const found = lstatSync(absolute, { throwIfNoEntry: false })
  const cannot = `Cannot use the journal ${quotedPath(path)}`
  // A device or a pipe stores nothing.
  if (found && !found.isFile()) {
    throw new UsageError(`${cannot}: it is not a regular file; expected a file, or the name of a new one.`)
  }
  if (found && found.nlink > 1) {
    throw new UsageError(
      `${cannot}: it has ${found.nlink} names (hard links), and a run under another name ` +
        'would not be noticed. Nothing was sent. Delete the other names, or replace the file by a copy of it.',
    )
  }
  return absolute
}

// --- internal ---

function placeOf(path: string): string {
  if (existsSync(path)) return knownPath(path)
  const folder = dirname(path)
  return existsSync(folder) ? join(knownPath(folder), basename(path)) : path
}
