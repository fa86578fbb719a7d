/** `Deno.Command` by `node:child_process`. */
import { type ChildProcess as NodeChild, spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join, resolve, sep } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { arrayBuffer, json, text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { systemCode } from '../../core/system_code.ts'
import type { Host } from '../../host/host.ts'
import { type DenoErrors, denoError, textOf } from './errors.ts'

type Channel = 'piped' | 'inherit' | 'null'
type Channels = Readonly<Record<'stdin' | 'stdout' | 'stderr', Channel>>

export interface CommandOptions {
  args?: readonly string[]
  cwd?: string | URL
  env?: Readonly<Record<string, string>>
  /** Starts from an empty environment instead of the process's. */
  clearEnv?: boolean
  uid?: number
  gid?: number
  /** Sends SIGTERM to the child when it aborts. */
  signal?: AbortSignal
  stdin?: Channel
  stdout?: Channel
  stderr?: Channel
  detached?: boolean
  windowsRawArguments?: boolean
}

interface CommandStatus {
  success: boolean
  code: number
  signal: NodeJS.Signals | null
}

/** The classes `Deno.Command` and `Deno.ChildProcess`. */
export function denoCommand(
  host: Pick<Host, 'env' | 'cwd'>,
  errors: DenoErrors,
): Readonly<Record<'Command' | 'ChildProcess', object>> {
  class ChildProcess {
    readonly pid: number
    readonly status: Promise<CommandStatus>
    readonly #child: NodeChild
    readonly #streams: Readonly<Record<string, object | undefined>>
    #ended = false

    constructor(child: NodeChild) {
      this.#child = child
      this.pid = child.pid!
      this.#streams = streamsOf(child, errors)
      this.status = new Promise((resolve) => {
        child.once('exit', (code, signal) => {
          this.#ended = true
          resolve(statusOf(code, signal))
        })
      })
    }

    get stdin() {
      return piped(this.#streams['stdin'], 'stdin')
    }

    get stdout() {
      return piped(this.#streams['stdout'], 'stdout')
    }

    get stderr() {
      return piped(this.#streams['stderr'], 'stderr')
    }

    async output() {
      const [stdout, stderr, status] = await Promise.all([
        this.#collect('stdout'),
        this.#collect('stderr'),
        this.status,
      ])
      return outputOf(status, stdout, stderr)
    }

    kill(signal: NodeJS.Signals = 'SIGTERM') {
      if (this.#ended) throw new TypeError('Child process has already terminated')
      if (!(signal in constants.signals)) throw new TypeError(`Invalid signal: ${signal}`)
      this.#child.kill(signal)
    }

    ref() {
      this.#child.ref()
    }

    unref() {
      this.#child.unref()
    }

    async [Symbol.asyncDispose]() {
      if (!this.#ended) this.kill()
      await this.status
    }

    #collect(name: 'stdout' | 'stderr'): Promise<Uint8Array> | undefined {
      const stream = this.#streams[name] as (ReadableStream & { bytes(): Promise<Uint8Array> }) | undefined
      if (stream?.locked) throw new TypeError(`Cannot collect output: '${name}' is locked`)
      return stream?.bytes()
    }
  }

  class Command {
    readonly #command: string
    readonly #options: CommandOptions

    constructor(command: string | URL, options: CommandOptions = {}) {
      this.#command = pathOf(command)
      this.#options = options
    }

    spawn(): ChildProcess {
      return this.#start({ stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' })
    }

    async output() {
      this.#refusePipedInput()
      return await this.#start({ stdin: 'null', stdout: 'piped', stderr: 'piped' }).output()
    }

    outputSync() {
      this.#refusePipedInput()
      const settings = this.#settings({ stdin: 'null', stdout: 'piped', stderr: 'piped' })
      const result = spawnSync(this.#command, settings.args, { ...settings, maxBuffer: Number.POSITIVE_INFINITY })
      if (result.error) throw startError(errors, this.#command, { folder: host.cwd(), ...settings })
      const bytes = [result.stdout, result.stderr].map((output) => (output === null ? undefined : bytesOf(output)))
      return outputOf(statusOf(result.status, result.signal), bytes[0], bytes[1])
    }

    #start(usual: Channels): ChildProcess {
      const settings = this.#settings(usual)
      const failure = () => startError(errors, this.#command, { folder: host.cwd(), ...settings })
      let child: NodeChild
      try {
        child = spawn(this.#command, settings.args, settings)
      } catch (error) {
        throw systemCode(error) === 'ENOTDIR' ? failure() : error
      }
      child.on('error', () => {}) // tells later what is thrown here, or in `kill`
      if (child.pid === undefined) throw failure()
      endWith(child, this.#options.signal)
      return new ChildProcess(child)
    }

    #settings(usual: Channels) {
      const {
        args = [],
        cwd,
        env,
        clearEnv = false,
        uid,
        gid,
        detached = false,
        windowsRawArguments = false,
      } = this.#options
      return {
        args: args.map(String),
        env: { ...(clearEnv ? {} : host.env), ...env },
        stdio: (['stdin', 'stdout', 'stderr'] as const).map((name) => channelOf(this.#options[name] ?? usual[name])),
        detached,
        windowsVerbatimArguments: windowsRawArguments,
        ...(cwd === undefined ? {} : { cwd: pathOf(cwd) }),
        ...(uid === undefined ? {} : { uid }),
        ...(gid === undefined ? {} : { gid }),
      }
    }

    #refusePipedInput() {
      if (this.#options.stdin !== 'piped') return
      throw new TypeError("Piped stdin is not supported for this function, use 'Deno.Command.spawn()' instead")
    }
  }

  return { Command, ChildProcess }
}

// --- internal ---

const CHANNELS = { inherit: 'inherit', piped: 'pipe', null: 'ignore' } as const

function channelOf(channel: Channel): (typeof CHANNELS)[Channel] {
  if (!Object.hasOwn(CHANNELS, channel)) {
    throw new TypeError(`unknown variant \`${channel}\`, expected one of \`inherit\`, \`piped\`, \`null\``)
  }
  return CHANNELS[channel]
}

/** Created at once, because Node discards output that nobody reads before the child ends. */
function streamsOf(
  { stdin, stdout, stderr }: NodeChild,
  errors: DenoErrors,
): Readonly<Record<string, object | undefined>> {
  return {
    stdin: stdin ? writableOf(stdin, errors) : undefined,
    stdout: stdout ? readableOf(stdout) : undefined,
    stderr: stderr ? readableOf(stderr) : undefined,
  }
}

/** Throws Deno's error if the child no longer reads. Node may already have destroyed the stream. */
function writableOf(stdin: Writable, errors: DenoErrors): WritableStream<Uint8Array> {
  stdin.on('error', () => {}) // also told to the write that it fails
  return new WritableStream({
    write(bytes) {
      if (!ArrayBuffer.isView(bytes)) throw new TypeError('Expected ArrayBuffer or ArrayBufferView for write chunk')
      return new Promise((resolve, reject) => {
        const broken = () => reject(denoError(errors, 'BrokenPipe', 'EPIPE', textOf('EPIPE')))
        stdin.write(bytes, (error) => (error ? broken() : resolve()))
      })
    },
    close: () => new Promise((resolve) => stdin.end(() => resolve())),
    abort: () => void stdin.destroy(),
  })
}

function readableOf(stream: Readable): object {
  const web = Readable.toWeb(stream)
  return Object.assign(web, {
    text: () => text(web),
    json: () => json(web),
    arrayBuffer: () => arrayBuffer(web),
    bytes: () => collect(web as never),
  })
}

/** The stream stays locked, as Deno leaves it. */
async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value)
  return bytesOf(Buffer.concat(chunks))
}

function piped<Stream>(stream: Stream | undefined, name: string): Stream {
  if (stream === undefined) throw new TypeError(`Cannot get '${name}': '${name}' is not piped`)
  return stream
}

function bytesOf(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

function statusOf(code: number | null, signal: NodeJS.Signals | null): CommandStatus {
  return { success: code === 0, code: code ?? 128 + constants.signals[signal ?? 'SIGTERM'], signal }
}

function outputOf(status: CommandStatus, stdout: Uint8Array | undefined, stderr: Uint8Array | undefined) {
  return {
    ...status,
    get stdout() {
      return piped(stdout, 'stdout')
    },
    get stderr() {
      return piped(stderr, 'stderr')
    },
  }
}

function endWith(child: NodeChild, signal: AbortSignal | undefined): void {
  if (!signal) return
  const end = () => child.kill('SIGTERM')
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  child.once('exit', () => signal.removeEventListener('abort', end))
}

/** Node reports this only later, and does not say if the program or the folder is missing. */
function startError(
  errors: DenoErrors,
  command: string,
  settings: { folder: string; cwd?: string; env: NodeJS.ProcessEnv },
): Error {
  const isPath = command.includes('/') || command.includes(sep)
  const found = isPath ? resolve(settings.cwd ?? settings.folder, command) : onPath(command, settings.env)
  const failed = (name: string, code: string, why: string) =>
    denoError(errors, name, code, `Failed to spawn '${found ?? command}': ${why}`)
  if (found === undefined) return failed('NotFound', 'ENOENT', 'entity not found')
  if (!existsSync(found)) return failed('NotFound', 'ENOENT', textOf('ENOENT'))
  const cwd = resolve(settings.folder, settings.cwd ?? '')
  if (!existsSync(cwd)) return failed('NotFound', 'ENOENT', `No such cwd '${cwd}'`)
  if (!statSync(cwd).isDirectory()) return failed('NotFound', 'ENOENT', `cwd is not a directory '${cwd}'`)
  return failed('PermissionDenied', 'EACCES', textOf('EACCES'))
}

function onPath(command: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path))
}

function pathOf(path: string | URL): string {
  return path instanceof URL ? fileURLToPath(path) : path
}
