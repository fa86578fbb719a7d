/** `Deno.open`, `Deno.create` and `Deno.FsFile` by `node:fs`. */
import fs, { constants, type Stats } from 'node:fs'
import { isatty } from 'node:tty'
import { promisify } from 'node:util'
import { type DenoErrors, denoError, osError, plainError, textOf } from './errors.ts'
import { fileInfo, quoted } from './files.ts'

interface OpenOptions {
  read?: boolean
  write?: boolean
  append?: boolean
  truncate?: boolean
  create?: boolean
  createNew?: boolean
  mode?: number
}

/** The four functions and the class `Deno.FsFile`. */
export function denoOpen(errors: DenoErrors): Readonly<Record<string, unknown>> {
  class FsFile {
    readonly #fd: number
    readonly #appends: boolean
    /** Counted here, because Node does not report it. */
    #position = 0
    /** Node cannot set the system's position, so after a `seek` each call passes its own. */
    #sought = false
    #closed = false
    /** The last operation to begin. Each waits for the one before it. */
    #turn: Promise<unknown> = Promise.resolve()
    #waiting = 0
    #readable: ReadableStream<Uint8Array> | undefined
    #writable: WritableStream<Uint8Array> | undefined

    constructor(fd: number, appends: boolean) {
      this.#fd = fd
      this.#appends = appends
    }

    read(bytes: Uint8Array): Promise<number | null> {
      return this.#later(async () => {
        const { bytesRead } = await read(this.#fd, bytes, 0, bytes.length, this.#at())
        return this.#wasRead(bytesRead, bytes)
      })
    }

    readSync(bytes: Uint8Array): number | null {
      return this.#now(() => this.#wasRead(fs.readSync(this.#fd, bytes, 0, bytes.length, this.#at()), bytes))
    }

    write(bytes: Uint8Array): Promise<number> {
      return this.#later(async () => {
        checkBytes(bytes)
        const { bytesWritten } = await write(this.#fd, bytes, 0, bytes.length, this.#atEndOr())
        return this.#wasWritten(bytesWritten)
      })
    }

    writeSync(bytes: Uint8Array): number {
      return this.#now(() => {
        checkBytes(bytes)
        return this.#wasWritten(fs.writeSync(this.#fd, bytes, 0, bytes.length, this.#atEndOr()))
      })
    }

    seek(offset: number | bigint, whence: number): Promise<number> {
      return this.#later(() => this.#seek(Number(offset), whence))
    }

    seekSync(offset: number | bigint, whence: number): number {
      return this.#now(() => this.#seek(Number(offset), whence))
    }

    truncate(length = 0): Promise<void> {
      return this.#later(() => ftruncate(this.#fd, length))
    }

    truncateSync(length = 0): void {
      this.#now(() => fs.ftruncateSync(this.#fd, length))
    }

    stat(): Promise<object> {
      return this.#later(async () => fileInfo(await fstat(this.#fd)))
    }

    statSync(): object {
      return this.#now(() => fileInfo(fs.fstatSync(this.#fd)))
    }

    sync(): Promise<void> {
      return this.#later(() => fsync(this.#fd))
    }

    syncSync(): void {
      this.#now(() => fs.fsyncSync(this.#fd))
    }

    syncData(): Promise<void> {
      return this.#later(() => fdatasync(this.#fd))
    }

    syncDataSync(): void {
      this.#now(() => fs.fdatasyncSync(this.#fd))
    }

    utime(accessed: number | Date, modified: number | Date): Promise<void> {
      return this.#later(() => futimes(this.#fd, accessed, modified))
    }

    utimeSync(accessed: number | Date, modified: number | Date): void {
      this.#now(() => fs.futimesSync(this.#fd, accessed, modified))
    }

    isTerminal(): boolean {
      return this.#now(() => isatty(this.#fd))
    }

    get readable(): ReadableStream<Uint8Array> {
      this.#readable ??= new ReadableStream<Uint8Array>({
        type: 'bytes',
        pull: async (controller) => {
          const bytes = new Uint8Array(CHUNK)
          const count = await this.read(bytes)
          if (count !== null) return controller.enqueue(bytes.subarray(0, count))
          this.close()
          controller.close()
        },
        cancel: () => this.close(),
      })
      return this.#readable
    }

    get writable(): WritableStream<Uint8Array> {
      this.#writable ??= new WritableStream<Uint8Array>({
        write: async (bytes) => {
          if (!ArrayBuffer.isView(bytes)) throw new TypeError('Expected ArrayBuffer or ArrayBufferView for write chunk')
          for (let at = 0; at < bytes.length; ) at += await this.write(bytes.subarray(at))
        },
        close: () => this.close(),
        abort: () => this.close(),
      })
      return this.#writable
    }

    close(): void {
      this.#checkOpen()
      this.#closed = true
      // If it were closed at once, another file could get its number before waiting operations have written.
      if (this.#waiting === 0) fs.closeSync(this.#fd)
      else void this.#turn.then(() => fs.closeSync(this.#fd))
    }

    [Symbol.dispose](): void {
      if (!this.#closed) this.close()
    }

    #at(): number | null {
      return this.#sought ? this.#position : null
    }

    #atEndOr(): number | null {
      return this.#appends ? null : this.#at()
    }

    #wasRead(count: number, { length }: Uint8Array): number | null {
      this.#position += count
      return count === 0 && length > 0 ? null : count
    }

    #wasWritten(count: number): number {
      this.#position = this.#appends ? fs.fstatSync(this.#fd).size : this.#position + count
      return count
    }

    #seek(offset: number, whence: number): number {
      const stats = fs.fstatSync(this.#fd)
      if (cannotSeek(stats)) throw new Error(textOf('ESPIPE'))
      const from = [0, this.#position, stats.size][whence]
      if (from === undefined) throw new TypeError(`Invalid seek mode: ${whence}`)
      if (from + offset < 0) throw denoError(errors, 'TypeError', 'EINVAL', textOf('EINVAL'))
      this.#position = from + offset
      this.#sought = true
      return this.#position
    }

    async #later<Result>(work: () => Result | Promise<Result>): Promise<Result> {
      this.#checkOpen()
      this.#waiting++
      const result = this.#turn.then(work)
      this.#turn = result.then(
        () => this.#waiting--,
        () => this.#waiting--,
      )
      try {
        return await result
      } catch (error) {
        throw osError(errors, error)
      }
    }

    #now<Result>(work: () => Result): Result {
      this.#checkOpen()
      try {
        return work()
      } catch (error) {
        throw osError(errors, error)
      }
    }

    #checkOpen() {
      if (this.#closed) throw plainError(errors, 'BadResource', 'Bad resource ID')
    }
  }

  const openSync = (path: string | URL, options: OpenOptions = { read: true }) => {
    checkOptions(options, errors, path)
    try {
      return new FsFile(fs.openSync(path, flagsOf(options), options.mode), options.append === true)
    } catch (error) {
      throw osError(errors, error, `open ${quoted(path)}`)
    }
  }
  const open = async (path: string | URL, options: OpenOptions = { read: true }) => {
    checkOptions(options, errors, path)
    try {
      return new FsFile(await openFile(path, flagsOf(options), options.mode), options.append === true)
    } catch (error) {
      throw osError(errors, error, `open ${quoted(path)}`)
    }
  }
  return {
    FsFile,
    open,
    openSync,
    create: (path: string | URL) => open(path, CREATED),
    createSync: (path: string | URL) => openSync(path, CREATED),
  }
}

// --- internal ---

const CHUNK = 64 * 1024
const CREATED: OpenOptions = { read: true, write: true, create: true, truncate: true }

const [openFile, read, write] = [promisify(fs.open), promisify(fs.read), promisify(fs.write)]
const [fstat, ftruncate, futimes] = [promisify(fs.fstat), promisify(fs.ftruncate), promisify(fs.futimes)]
const [fsync, fdatasync] = [promisify(fs.fsync), promisify(fs.fdatasync)]

/** For a string, Node would read the two numbers as a position and an encoding. */
function checkBytes(bytes: unknown): void {
  if (!ArrayBuffer.isView(bytes)) throw new TypeError('expected typed ArrayBufferView')
}

function checkOptions(options: OpenOptions, errors: DenoErrors, path: string | URL): void {
  const { write, append, truncate, create, createNew } = options
  if (!Object.values(options).includes(true)) throw new Error("'options' requires at least one option to be true")
  if (truncate && !write) throw new Error("'truncate' option requires 'write' to be true")
  if ((create || createNew) && !write && !append) {
    throw new Error("'create' or 'createNew' options require 'write' or 'append' to be true")
  }
  if (append && truncate && !createNew) {
    const why = 'creating or truncating a file requires write or append access'
    throw denoError(errors, 'TypeError', 'EINVAL', `${why}: open ${quoted(path)}`)
  }
}

function flagsOf({ read, write, append, truncate, create, createNew }: OpenOptions): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_TRUNC, O_CREAT, O_EXCL } = constants
  const access = write || append ? (read ? O_RDWR : O_WRONLY) : O_RDONLY
  const made = createNew ? O_CREAT | O_EXCL : create ? O_CREAT : 0
  return access | made | (append ? O_APPEND : 0) | (truncate ? O_TRUNC : 0)
}

function cannotSeek(stats: Stats): boolean {
  return stats.isFIFO() || stats.isSocket()
}
