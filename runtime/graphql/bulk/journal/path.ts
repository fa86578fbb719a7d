/** Where a journal is, by the one name that all of its runs use. */
import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '../../../core/errors.ts'

/**
 * The real path: a journal that is reached by a link has the same lock.
 *
 * @param path as the caller named it
 * @throws {UsageError} `WFG_USAGE` for what is no file, and for a file with several names, which would have several locks
 */
export function journalPath(path: string): string {
  const absolute = realPath(resolve(path))
  checkFile(path, absolute)
  return absolute
}

// --- internal ---

function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const folder = dirname(path)
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path
}

function checkFile(path: string, absolute: string): void {
  const found = lstatSync(absolute, { throwIfNoEntry: false })
  if (!found) return
  const expected = 'expected a file, or the name of a new one in a folder that is there'
  // A device or a pipe has no end to read to, and keeps nothing.
  if (!found.isFile())
    throw new UsageError(`Cannot use the journal ${JSON.stringify(path)}: it is no regular file; ${expected}.`)
  if (found.nlink > 1)
    throw new UsageError(
      `Cannot use the journal ${JSON.stringify(path)}: it has ${found.nlink} names (hard links), and a run under another name ` +
        'would not be noticed. Nothing was sent. Delete the other names, or replace the file by a copy of itself.',
    )
}
