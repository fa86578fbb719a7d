/** Writes files as a whole: a reader sees the old file or the new one, and nothing between. */
import { randomBytes } from 'node:crypto'
import { closeSync, lstatSync, openSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { platform } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../core/system_code.ts'

/** Mode of a file that only its user may read and write. */
export const PRIVATE = 0o600

/**
 * Writes a temporary file beside it and renames that.
 *
 * @param mode default: that of the file that is replaced
 * @throws {Error} the system's, after which the old file is unchanged
 */
export function replaceFile(path: string, text: string, mode?: number): void {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`
  createFile(temporary, text, mode ?? statSync(path, { throwIfNoEntry: false })?.mode)
  try {
    renameOver(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/**
 * Renames a file, also over another one. Windows refuses that while a program, such as a virus scanner, has the other one
 * open, so there it is tried for a second.
 *
 * @throws {Error} the system's
 */
export function renameOver(from: string, to: string): void {
  for (let tries = 1; ; tries += 1) {
    try {
      renameSync(from, to)
      return
    } catch (error) {
      if (platform() !== 'win32' || tries === RENAME_TRIES || !OPEN_ELSEWHERE.includes(systemCode(error))) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RENAME_WAIT_MS)
    }
  }
}

/**
 * Leaves no file if it cannot be written whole, as on a full disk.
 *
 * @throws {Error} `EEXIST` if the name is taken, even by a link
 */
export function createFile(path: string, text: string, mode?: number): void {
  const descriptor = openSync(path, 'wx', mode)
  try {
    writeFileSync(descriptor, text)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

/** Removes the temporary files of `path` older than `beforeMs`, left by processes that died in `replaceFile`. */
export function removeLeftovers(path: string, beforeMs: number): void {
  for (const name of readdirSync(dirname(path))) {
    const isLeftover = name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp')
    if (!isLeftover) continue
    const leftover = join(dirname(path), name)
    if ((lstatSync(leftover, { throwIfNoEntry: false })?.mtimeMs ?? beforeMs) < beforeMs)
      rmSync(leftover, { force: true })
  }
}

// --- internal ---

const RENAME_TRIES = 21
const RENAME_WAIT_MS = 50
const OPEN_ELSEWHERE = ['EPERM', 'EBUSY', 'EACCES']
