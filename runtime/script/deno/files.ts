/** The files of the `Deno` namespace by `node:fs`: each operation is written once, for both its forms. */
import { randomBytes } from 'node:crypto'
import fs, { constants, type Dirent, type Stats } from 'node:fs'
import { tmpdir } from 'node:os'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DenoErrors, denoError, osError } from './errors.ts'

type Members = Record<string, unknown>
type DenoPath = string | URL

/** `readTextFile` and `readTextFileSync`, `stat` and `statSync`, and so on. */
export function denoFiles(errors: DenoErrors, shim: Readonly<Members>): Members {
  const members: Members = {}
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    members[name] = async (...args: never[]) => {
      const { what, steps, signal, refusal, result = (value) => value } = operation(...args)
      if (refusal !== undefined) throw invalid(errors, refusal, what)
      try {
        let value: unknown
        for (const [method, ...given] of steps) value = await call(fs.promises, method, given)
        return result(value as never)
      } catch (error) {
        throw signal?.aborted ? signal.reason : osError(errors, error, what)
      }
    }
    members[`${name}Sync`] = (...args: never[]) => {
      const { what, steps, refusal, result = (value) => value } = operation(...args)
      if (refusal !== undefined) throw invalid(errors, refusal, what)
      try {
        let value: unknown
        for (const [method, ...given] of steps) value = call(fs, `${method}Sync`, given)
        return result(value as never)
      } catch (error) {
        throw osError(errors, error, what)
      }
    }
  }
  return { ...members, ...directories(errors), ...ofShim(errors, shim) }
}

export function fileInfo(stats: Stats): object {
  const { size, mtime, atime, birthtime, ctime, dev, mode, ino, nlink, uid, gid, rdev, blksize, blocks } = stats
  return {
    isFile: stats.isFile(),
    isDirectory: stats.isDirectory(),
    isSymlink: stats.isSymbolicLink(),
    ...{ size, mtime, atime, birthtime, ctime, dev, mode, ino, nlink, uid, gid, rdev, blksize, blocks },
    isBlockDevice: stats.isBlockDevice(),
    isCharDevice: stats.isCharacterDevice(),
    isFifo: stats.isFIFO(),
    isSocket: stats.isSocket(),
  }
}

/** The path as Deno's errors show it. */
export function quoted(path: DenoPath): string {
  return `'${path instanceof URL ? fileURLToPath(path) : path}'`
}

// --- internal ---

interface Call {
  /** The operation's name in Deno's errors. */
  what: string
  /** Names of `fs.promises` and their arguments, one after another. */
  steps: readonly (readonly [method: string, ...args: unknown[]])[]
  signal?: AbortSignal
  /** Why Deno refuses the operation. */
  refusal?: string | undefined
  /** Makes the result from that of the last step. */
  result?: (value: never) => unknown
}

interface WriteOptions {
  append?: boolean
  create?: boolean
  createNew?: boolean
  mode?: number
  signal?: AbortSignal
}

interface TemporaryOptions {
  dir?: string
  prefix?: string
  suffix?: string
}

const nothing = () => undefined

const OPERATIONS: Readonly<Record<string, (...args: never[]) => Call>> = {
  readTextFile: (path: DenoPath, options?: { signal?: AbortSignal }) => ({
    what: `readfile ${quoted(path)}`,
    steps: [['readFile', path, { encoding: 'utf8', ...signalOf(options) }]],
    ...signalOf(options),
  }),
  readFile: (path: DenoPath, options?: { signal?: AbortSignal }) => ({
    what: `readfile ${quoted(path)}`,
    steps: [['readFile', path, signalOf(options)]],
    ...signalOf(options),
    result: (bytes: Buffer) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
  }),
  writeTextFile: write,
  writeFile: write,
  stat: (path: DenoPath) => ({ what: `stat ${quoted(path)}`, steps: [['stat', path]], result: fileInfo }),
  lstat: (path: DenoPath) => ({ what: `lstat ${quoted(path)}`, steps: [['lstat', path]], result: fileInfo }),
  mkdir: (path: DenoPath, { recursive = false, mode = 0o777 }: { recursive?: boolean; mode?: number } = {}) => ({
    what: `mkdir ${quoted(path)}`,
    steps: [['mkdir', path, { recursive, mode }]],
    result: nothing,
  }),
  remove: (path: DenoPath, { recursive = false }: { recursive?: boolean } = {}) => ({
    what: `remove ${quoted(path)}`,
    steps: [recursive ? ['rm', path, { recursive }] : [isDirectory(path) ? 'rmdir' : 'unlink', path]],
  }),
  copyFile: (from: DenoPath, to: DenoPath) => ({
    what: `copy ${quoted(from)} -> ${quoted(to)}`,
    refusal: copyRefusal(from, to),
    steps: [['copyFile', from, to]],
  }),
  rename: (from: DenoPath, to: DenoPath) => ({
    what: `rename ${quoted(from)} -> ${quoted(to)}`,
    steps: [['rename', from, to]],
  }),
  link: (from: DenoPath, to: DenoPath) => ({
    what: `link ${quoted(from)} -> ${quoted(to)}`,
    steps: [['link', from, to]],
  }),
  symlink: (to: DenoPath, path: DenoPath, options?: { type?: string }) => ({
    what: `symlink ${quoted(to)} -> ${quoted(path)}`,
    steps: [['symlink', to, path, options?.type]],
  }),
  readLink: (path: DenoPath) => ({ what: `readlink ${quoted(path)}`, steps: [['readlink', path]] }),
  realPath: (path: DenoPath) => ({ what: `realpath ${quoted(path)}`, steps: [['realpath', path]] }),
  chmod: (path: DenoPath, mode: number) => ({ what: `chmod ${quoted(path)}`, steps: [['chmod', path, mode]] }),
  chown: (path: DenoPath, uid: number | null, gid: number | null) => ({
    what: `chown ${quoted(path)}`,
    steps: [['chown', path, uid ?? -1, gid ?? -1]],
  }),
  truncate: (path: DenoPath, length = 0) => ({ what: `truncate ${quoted(path)}`, steps: [['truncate', path, length]] }),
  utime: (path: DenoPath, accessed: number | Date, modified: number | Date) => ({
    what: `utime ${quoted(path)}`,
    steps: [['utimes', path, accessed, modified]],
  }),
  makeTempDir(options?: TemporaryOptions) {
    const path = temporaryPath(options)
    return { what: 'tmpdir', steps: [['mkdir', path, { mode: 0o700 }]], result: () => path }
  },
  makeTempFile(options?: TemporaryOptions) {
    const path = temporaryPath(options)
    return { what: 'tmpfile', steps: [['writeFile', path, '', { flag: 'wx', mode: 0o600 }]], result: () => path }
  },
}

function write(path: DenoPath, data: unknown, options: WriteOptions = {}): Call {
  const { append = false, create = true, createNew = false, mode } = options
  const { O_APPEND, O_CREAT, O_EXCL, O_TRUNC, O_WRONLY } = constants
  const made = createNew ? O_CREAT | O_EXCL : create ? O_CREAT : 0
  const flag = O_WRONLY | made | (append ? O_APPEND : O_TRUNC)
  const written = [
    'writeFile',
    path,
    data,
    { flag, ...(mode === undefined ? {} : { mode }), ...signalOf(options) },
  ] as const
  // The umask limits the mode at creation, which does not apply to an existing file.
  const changed = mode === undefined ? [] : [['chmod', path, mode] as const]
  return { what: `writefile ${quoted(path)}`, steps: [written, ...changed], ...signalOf(options), result: nothing }
}

function invalid(errors: DenoErrors, refusal: string, what: string): Error {
  return denoError(errors, 'TypeError', 'EINVAL', `${refusal}: ${what}`)
}

function call(module: object, method: string, args: readonly unknown[]): unknown {
  return (module as Record<string, (...args: readonly unknown[]) => unknown>)[method]!(...args)
}

function directories(errors: DenoErrors): Members {
  const failed = (error: unknown, path: DenoPath) => osError(errors, error, `readdir ${quoted(path)}`)
  return {
    async *readDir(path: DenoPath) {
      try {
        for await (const entry of await fs.promises.opendir(path as string)) yield directoryEntry(entry)
      } catch (error) {
        throw failed(error, path)
      }
    },
    readDirSync(path: DenoPath) {
      try {
        return fs.readdirSync(path, { withFileTypes: true }).map(directoryEntry).values()
      } catch (error) {
        throw failed(error, path)
      }
    },
  }
}

/** Functions of the shim that are right except for their errors. */
function ofShim(errors: DenoErrors, shim: Readonly<Members>): Members {
  return {
    chdir(path: DenoPath) {
      try {
        return call(shim, 'chdir', [path])
      } catch (error) {
        throw osError(errors, error, `chdir ${quoted(path)}`)
      }
    },
  }
}

function directoryEntry(entry: Dirent): object {
  return {
    name: entry.name,
    isFile: entry.isFile(),
    isDirectory: entry.isDirectory(),
    isSymlink: entry.isSymbolicLink(),
  }
}

/** Node would start such a copy, fail, and remove the file that it should replace. */
function copyRefusal(from: DenoPath, to: DenoPath): string | undefined {
  try {
    const source = fs.statSync(from)
    const target = fs.statSync(to, { throwIfNoEntry: false })
    if (target && source.dev === target.dev && source.ino === target.ino) {
      return 'Source and destination paths refer to the same file'
    }
    return source.isFile() ? undefined : 'the source path is neither a regular file nor a symlink to a regular file'
  } catch {
    return undefined // the copy says why
  }
}

/** Also false if it cannot be read: the removal then reports why. */
function isDirectory(path: DenoPath): boolean {
  try {
    return fs.lstatSync(path).isDirectory()
  } catch {
    return false
  }
}

function temporaryPath({ dir = tmpdir(), prefix = '', suffix = '' }: TemporaryOptions = {}): string {
  return `${dir}${sep}${prefix}${randomBytes(8).toString('hex')}${suffix}`
}

function signalOf(options: { signal?: AbortSignal } | undefined): { signal?: AbortSignal } {
  return options?.signal ? { signal: options.signal } : {}
}
