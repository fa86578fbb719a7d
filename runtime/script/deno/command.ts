/** `Deno.Command` by `node:child_process`. */
import { type ChildProcess as NodeChild, spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { Readable, type Writable } from 'node:stream'
import { arrayBuffer, json, text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Host } from '../../host/host.ts'
import { endTree } from '../process_trees.ts'
import { type DenoErrors, denoError, osError, textOf } from './errors.ts'

type Channel = 'piped' | 'inherit' | 'null'
type Channels = Readonly<Record<'stdin' | 'stdout' | 'stderr', Channel>>

interface CommandOptions {
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

/**
 * The classes `Deno.Command` and `Deno.ChildProcess`.
 *
 * @param force aborts when running processes must be killed at once. Those that the script detached go on
 */
export function denoCommand(
  host: Pick<Host, 'env' | 'kill'>,
  errors: DenoErrors,
  force?: AbortSignal,
): Readonly<Record<'Command' | 'ChildProcess', object>> {
  const running = new Set<NodeChild>()
  force?.addEventListener('abort', () => {
    for (const child of running) if (!endTree(host, child.pid!, 'SIGKILL')) child.kill('SIGKILL')
  })
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
          running.delete(child)
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
      if (result.error) throw startError(errors, result.error, this.#command)
      const bytes = [result.stdout, result.stderr].map((output) => (output === null ? undefined : bytesOf(output)))
      return outputOf(statusOf(result.status, result.signal), bytes[0], bytes[1])
    }

    #start(usual: Channels): ChildProcess {
      const settings = this.#settings(usual)
      let child: NodeChild
      try {
        child = spawn(this.#command, settings.args, { ...settings, ...signalOf(this.#options) })
      } catch (error) {
        throw startError(errors, error, this.#command)
      }
      child.on('error', () => {}) // comes too late; `spawnSync` fails in the same way at once
      if (child.pid !== undefined) {
        if (!settings.detached) running.add(child)
        return new ChildProcess(child)
      }
      throw startError(errors, spawnSync(this.#command, settings.args, settings).error, this.#command)
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
        stdio: (['stdin', 'stdout', 'stderr'] as const).map((name) => CHANNELS[this.#options[name] ?? usual[name]]),
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
  stdin.on('error', () => {}) // the failed write gets it too
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

function startError(errors: DenoErrors, error: unknown, command: string): unknown {
  return osError(errors, error, `spawn '${command}'`)
}

function signalOf({ signal }: CommandOptions): { signal?: AbortSignal } {
  return signal ? { signal } : {}
}

function pathOf(path: string | URL): string {
  return path instanceof URL ? fileURLToPath(path) : path
}
