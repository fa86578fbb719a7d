/** Files that only their user may read: mode 0600 in a folder of mode 0700. Symbolic links are not followed. */
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
  type Stats,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { systemCode, systemReason } from '../core/system_code.ts'
import { PRIVATE } from './replace_file.ts'

/** A longer file is none of ours. */
const MAX_BYTES = 1024 * 1024
const FOLDER_MODE = 0o700
const OTHERS = 0o077
/** Windows does not have it. There, making a link needs a special right. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

/** A file or folder that is not private. The message says why, without the path. */
export class NotPrivate extends Error {}

/** Why a file could not be used: what a check here found, or the system's code. */
export function fileProblem(error: unknown): string {
  return error instanceof NotPrivate ? error.message : systemReason(error)
}

/**
 * @param userId the user who must own it; undefined on Windows
 * @returns undefined if there is no file
 * @throws {NotPrivate} if it is a link, not a regular file, another user's, or accessible to others
 */
export function readPrivateFile(path: string, userId: number | undefined): string | undefined {
  // Checked before it is opened: opening a pipe would wait for its other end.
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

/** The file's status; of a link, that of the link itself. Undefined if there is none or it may not be read. */
export function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

/** Appends in a single write, which the system keeps apart from those of other processes. */
export function appendPrivateFile(path: string, text: string | Uint8Array, userId: number | undefined): void {
  const named = lstatSync(path, { throwIfNoEntry: false })
  if (named) checkFile(named, userId)
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW
  const descriptor = openSync(path, flags, PRIVATE)
  try {
    writeFileSync(descriptor, text)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Makes the folder if it is missing. An empty one becomes private. One with files keeps its mode: a change could lock
 * others out, and our files are private by themselves.
 *
 * @throws {NotPrivate} if it is a link, not a folder, or another user's
 */
export function makePrivateFolder(folder: string, userId: number | undefined): void {
  makeFolder(folder)
  const found = lstatSync(folder)
  if (!found.isDirectory()) throw new NotPrivate('it is not a folder, or a link to one')
  checkOwner(found, userId)
  if (isOpen(found, userId) && readdirSync(folder).length === 0) chmodSync(folder, FOLDER_MODE)
}

// --- internal ---

/** Makes the folders above it too. The option `recursive` is not used: in a place such as /proc/x, Node never returns from it. */
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
  if (found.isSymbolicLink()) throw new NotPrivate('it is a symbolic link')
  if (!found.isFile()) throw new NotPrivate('it is not a regular file')
  checkOwner(found, userId)
  if (isOpen(found, userId)) throw new NotPrivate('other users have access to it')
  if (found.size > MAX_BYTES) throw new NotPrivate('it is too large')
}

function checkOwner(found: Stats, userId: number | undefined): void {
  if (userId !== undefined && found.uid !== userId) throw new NotPrivate('it belongs to another user')
}

function isOpen(found: Stats, userId: number | undefined): boolean {
  return userId !== undefined && (found.mode & OTHERS) !== 0
}
