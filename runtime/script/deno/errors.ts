/** Errors with Deno's classes, codes and messages. */
import { constants } from 'node:os'

type ErrorClass = new (message?: string, options?: { cause?: unknown }) => Error

/** `Deno.errors`. */
export type DenoErrors = Readonly<Record<string, ErrorClass>>

/** Adds missing classes and names to the shim's. Existing classes stay, because the shim's functions throw them. */
export function completeErrors(shim: Readonly<Record<string, unknown>>): DenoErrors {
  const classes = NAMES.map((name) => {
    const own = (shim[name] as ErrorClass | undefined) ?? class extends Error {}
    Object.defineProperty(own, 'name', { value: name, configurable: true })
    Object.defineProperty(own.prototype, 'name', { value: name, configurable: true, writable: true })
    return [name, own] as const
  })
  return Object.fromEntries(classes)
}

/**
 * Returns Deno's error for a system error of Node.
 *
 * @param what the operation and its paths, e.g. `readfile '/x'`; omitted for an open file
 * @returns the error itself if it is not a system error
 */
export function osError(errors: DenoErrors, error: unknown, what?: string): unknown {
  const code = codeOf(error)
  const known = SYSTEM_ERRORS[code]
  return known
    ? denoError(errors, known[0], code, what === undefined ? textOf(code) : `${textOf(code)}: ${what}`)
    : error
}

/** An error of that class, which has a `code`. */
export function denoError(errors: DenoErrors, name: string, code: string, message: string): Error {
  const Class = errors[name] ?? (name === 'TypeError' ? TypeError : Error)
  return Object.assign(new Class(message), { code })
}

/** An error of that class, without the code that the shim gives to each. */
export function plainError(errors: DenoErrors, name: string, message: string): Error {
  return Object.assign(new errors[name]!(message), { code: undefined })
}

/** The system's name of the error, and its number. */
export function textOf(code: string): string {
  const numbers: Readonly<Record<string, number>> = constants.errno
  return `${SYSTEM_ERRORS[code]?.[1] ?? code} (os error ${numbers[code] ?? 0})`
}

// --- internal ---

const NAMES = (
  'AddrInUse AddrNotAvailable AlreadyExists BadResource BrokenPipe Busy ConnectionAborted ConnectionRefused ' +
  'ConnectionReset FilesystemLoop Http Interrupted InvalidData IsADirectory NetworkUnreachable NotADirectory NotCapable ' +
  'NotConnected NotFound NotSupported PermissionDenied TimedOut UnexpectedEof WouldBlock WriteZero'
).split(' ')

const SYSTEM_ERRORS: Readonly<Record<string, readonly [className: string, text: string]>> = {
  EACCES: ['PermissionDenied', 'Permission denied'],
  EBADF: ['Error', 'Bad file descriptor'],
  EBUSY: ['Busy', 'Device or resource busy'],
  EEXIST: ['AlreadyExists', 'File exists'],
  EINVAL: ['TypeError', 'Invalid argument'],
  EISDIR: ['IsADirectory', 'Is a directory'],
  ELOOP: ['FilesystemLoop', 'Too many levels of symbolic links'],
  EMFILE: ['Error', 'Too many open files'],
  ENAMETOOLONG: ['Error', 'File name too long'],
  ENOENT: ['NotFound', 'No such file or directory'],
  ENOSPC: ['Error', 'No space left on device'],
  ENOTDIR: ['NotADirectory', 'Not a directory'],
  ENOTEMPTY: ['Error', 'Directory not empty'],
  EPERM: ['PermissionDenied', 'Operation not permitted'],
  EPIPE: ['BrokenPipe', 'Broken pipe'],
  EROFS: ['Error', 'Read-only file system'],
  ESPIPE: ['Error', 'Illegal seek'],
  EXDEV: ['Error', 'Invalid cross-device link'],
}

/** The shim's errors have no code, but their message begins with it. */
function codeOf(error: unknown): string {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown }
  return typeof code === 'string' ? code : (/^E[A-Z]+(?=:)/.exec(String(message))?.[0] ?? '')
}
