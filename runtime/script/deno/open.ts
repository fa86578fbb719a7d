/** `Deno.open`, `Deno.create` and `Deno.FsFile` by `node:fs`. */
import fs, { constants } from 'node:fs'
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
    #readable: ReadableStream<Uint8Array> | undefined
    #writable: WritableStream<Uint8Array> | undefined

    constructor(fd: number, appends: boolean) {
      this.#fd = fd
      this.#appends = appends
    }

    /** Does not block the process, because a terminal or a pipe may have nothing to read yet. */
    async read(bytes: Uint8Array): Promise<number | null> {
      this.#checkOpen()
      try {
        return this.#wasRead((await read(this.#fd, bytes, 0, bytes.length, this.#at())).bytesRead, bytes)
      } catch (error) {
        throw osError(errors, error)
      }
    }

    readSync(bytes: Uint8Array): number | null {
      return this.#do(() => this.#wasRead(fs.readSync(this.#fd, bytes, 0, bytes.length, this.#at()), bytes))
    }

    writeSync(bytes: Uint8Array): number {
      return this.#do(() => {
        // Node would read the numbers after a string as a position and an encoding.
        if (!ArrayBuffer.isView(bytes)) throw new TypeError('expected typed ArrayBufferView')
        const count = fs.writeSync(this.#fd, bytes, 0, bytes.length, this.#appends ? null : this.#at())
        this.#position = this.#appends ? fs.fstatSync(this.#fd).size : this.#position + count
        return count
      })
    }

    seekSync(offset: number | bigint, whence: number): number {
      return this.#do(() => {
        const stats = fs.fstatSync(this.#fd)
        if (stats.isFIFO() || stats.isSocket()) throw new Error(textOf('ESPIPE'))
        const from = [0, this.#position, stats.size][whence]
        if (from === undefined) throw new TypeError(`Invalid seek mode: ${whence}`)
        const position = from + Number(offset)
        if (position < 0) throw denoError(errors, 'TypeError', 'EINVAL', textOf('EINVAL'))
        this.#sought = true
        this.#position = position
        return position
      })
    }

    truncateSync(length = 0): void {
      this.#do(() => fs.ftruncateSync(this.#fd, length))
    }

    statSync(): object {
      return this.#do(() => fileInfo(fs.fstatSync(this.#fd)))
    }

    syncSync(): void {
      this.#do(() => fs.fsyncSync(this.#fd))
    }

    syncDataSync(): void {
      this.#do(() => fs.fdatasyncSync(this.#fd))
    }

    utimeSync(accessed: number | Date, modified: number | Date): void {
      this.#do(() => fs.futimesSync(this.#fd, accessed, modified))
    }

    isTerminal(): boolean {
      return this.#do(() => isatty(this.#fd))
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
        write: (bytes) => {
          if (!ArrayBuffer.isView(bytes)) throw new TypeError('Expected ArrayBuffer or ArrayBufferView for write chunk')
          for (let at = 0; at < bytes.length; ) at += this.writeSync(bytes.subarray(at))
        },
        close: () => this.close(),
        abort: () => this.close(),
      })
      return this.#writable
    }

    close(): void {
      this.#checkOpen()
      this.#closed = true
      fs.closeSync(this.#fd)
    }

    [Symbol.dispose](): void {
      if (!this.#closed) this.close()
    }

    #at(): number | null {
      return this.#sought ? this.#position : null
    }

    #wasRead(count: number, { length }: Uint8Array): number | null {
      this.#position += count
      return count === 0 && length > 0 ? null : count
    }

    #do<Result>(work: () => Result): Result {
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

  // These do not wait for anything but the disk, so that they need no queue to stay in order.
  for (const name of ['write', 'seek', 'truncate', 'stat', 'sync', 'syncData', 'utime']) {
    const method = (FsFile.prototype as unknown as Record<string, (...args: unknown[]) => unknown>)[`${name}Sync`]!
    const value = async function (this: unknown, ...args: unknown[]) {
      return method.apply(this, args)
    }
    Object.defineProperty(FsFile.prototype, name, { value })
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

const [openFile, read] = [promisify(fs.open), promisify(fs.read)]

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
