/** Files that nobody but their user may read: 0600 in a folder of 0700, written whole, symbolic links not followed. */
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../core/system_code.ts'

/** Longest file read: what is longer is none of ours. */
const MAX_BYTES = 1024 * 1024
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700
const OTHERS = 0o077
/** Absent on Windows, which has no links that anybody may make. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

/** A file or folder that is not as it must be. The message says what it is, without its path. */
export class UnfitFile extends Error {}

/**
 * @param userId who must own it; undefined where the system has no such numbers
 * @returns undefined where there is no file
 * @throws {UnfitFile} when it is a link, no file, somebody else's, or readable by others
 */
export function readPrivateFile(path: string, userId: number | undefined): string | undefined {
  // Asked before it is opened, because opening a pipe would wait for its other end.
  const named = lstatSync(path, { throwIfNoEntry: false })
  if (!named) return undefined
  checkFile(named, userId)
  const descriptor = openSync(path, constants.O_RDONLY | NO_FOLLOW)
  try {
    checkFile(fstatSync(descriptor), userId)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

/** What is there, a link itself and not where it leads; undefined where nothing is, or nothing can be found out. */
export function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

/** Writes beside it and renames, so that a reader sees the old file or the new one and nothing between. */
export function writePrivateFile(path: string, text: string, nonce: string): void {
  const temporary = `${path}.${nonce}.tmp`
  createPrivateFile(temporary, text)
  try {
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Removes what processes that died in `writePrivateFile` left beside the file before then. */
export function removeLeftovers(path: string, beforeMs: number): void {
  for (const name of readdirSync(dirname(path))) {
    const isLeftover = name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp')
    if (!isLeftover) continue
    const leftover = join(dirname(path), name)
    if ((lstatSync(leftover, { throwIfNoEntry: false })?.mtimeMs ?? beforeMs) < beforeMs)
      rmSync(leftover, { force: true })
  }
}

/**
 * Leaves no file when it cannot be written whole, as on a full disk.
 *
 * @throws {Error} `EEXIST` when the name is taken, be it by a link
 */
export function createPrivateFile(path: string, text: string): void {
  const descriptor = openSync(path, 'wx', FILE_MODE)
  try {
    writeFileSync(descriptor, text)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

/** One write at the end of the file, which the system keeps apart from those of other processes. */
export function appendPrivateFile(path: string, text: string, userId: number | undefined): void {
  const named = lstatSync(path, { throwIfNoEntry: false })
  if (named) checkFile(named, userId)
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW
  const descriptor = openSync(path, flags, FILE_MODE)
  try {
    writeFileSync(descriptor, text)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Makes the folder where it is missing. One that is there and empty becomes private; one with something in it is left
 * as it is, because narrowing it could lock others out, and our files are private by themselves.
 *
 * @throws {UnfitFile} when it is a link, no folder, or somebody else's
 */
export function makePrivateFolder(folder: string, userId: number | undefined): void {
  makeFolder(folder)
  const found = lstatSync(folder)
  if (!found.isDirectory()) throw new UnfitFile('it is no folder, or a link to one')
  checkOwner(found, userId)
  if (isOpen(found, userId) && readdirSync(folder).length === 0) chmodSync(folder, FOLDER_MODE)
}

// --- internal ---

/** With those above it; not by `recursive`, with which Node never comes back from a place such as /proc/x. */
function makeFolder(folder: string, mayLackParent = true): void {
  try {
    mkdirSync(folder, FOLDER_MODE)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || !mayLackParent || dirname(folder) === folder) throw error
    makeFolder(dirname(folder))
    makeFolder(folder, false)
  }
}

function checkFile(found: Stats, userId: number | undefined): void {
  if (found.isSymbolicLink()) throw new UnfitFile('it is a symbolic link')
  if (!found.isFile()) throw new UnfitFile('it is no regular file')
  checkOwner(found, userId)
  if (isOpen(found, userId)) throw new UnfitFile('other users have access to it')
  if (found.size > MAX_BYTES) throw new UnfitFile('it is too large')
}

function checkOwner(found: Stats, userId: number | undefined): void {
  if (userId !== undefined && found.uid !== userId) throw new UnfitFile('it belongs to another user')
}

function isOpen(found: Stats, userId: number | undefined): boolean {
  return userId !== undefined && (found.mode & OTHERS) !== 0
}
