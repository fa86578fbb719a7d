/**
 * The process and its surroundings: the console, the clock, timers, random numbers, and the network. No other file of the
 * runtime touches them. Each gets the host, or the part of it that it uses (`Pick<Host, …>`).
 */
import { Console } from 'node:console'
import { realpathSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { addSecret, createRedactor, credentialsIn, type Redactor } from '../core/redact.ts'
import { systemCode } from '../core/system_code.ts'
import { CI_NAMES, runsInCi } from './cache_folder.mjs'
import { type DenoPermissions, mayUse, type Right, restartFlags } from './deno_rights.ts'
import { createInput, type Input } from './standard_input.ts'
import { createOutput, type Output, onTerminal, STATUS } from './standard_streams.ts'

/** Environment variables that hold secrets. They are removed from the environment before a script runs. */
export const SECRET_NAMES = ['WFG_CLIENT_SECRET', 'WFG_DATABASE_URL'] as const

export type { Input } from './standard_input.ts'
export { type Output, STATUS } from './standard_streams.ts'

/** SIGBREAK is Ctrl-Break, and SIGHUP the closing of the console. Both are heard on Windows only. */
export type SignalName = 'SIGINT' | 'SIGBREAK' | 'SIGTERM' | 'SIGHUP'

export interface Host {
  readonly runtime: 'node' | 'deno' | 'bun'
  /** Versions of the runtime and the system, for a bug report. */
  readonly versions: string
  /** The system, by Node's name: `linux`, `darwin`, `win32`, … */
  readonly platform: NodeJS.Platform
  /** The live environment, without the secrets. */
  readonly env: Record<string, string | undefined>
  /** The secrets that were in the environment. */
  readonly secrets: Readonly<Record<string, string>>
  /** The arguments that the process was started with. */
  readonly commandLine: readonly string[]
  /** True if `import.meta.main` exists: on Node from 22.18 and 24.2. */
  readonly knowsMain: boolean
  /** Real path of the file that the process was started with; undefined if there is none. */
  readonly program: string | undefined
  readonly redactor: Redactor
  /** Names of the environment variables that set a proxy. On Deno this needs the right to the whole environment. */
  proxyVariables(): string[]
  readonly network: Network
  readonly stdin: Input
  /** The stream of standard input, for reading single keys. */
  keyboard(): NodeJS.ReadStream
  readonly stdout: Output
  readonly stderr: Output
  /** Path of the runtime's own program. */
  readonly execPath: string
  /**
   * The command that starts another process like this one: the runtime, its known options, and the program. Undefined if
   * this process may not run it.
   */
  restartCommand(): string[] | undefined
  /**
   * Calls `onMessage` with each message on the IPC channel from the parent process, and `onEnd` when that channel is closed
   * or the parent is gone. After the first message it does not keep the process alive.
   */
  onParentMessage(onMessage: (message: unknown) => void, onEnd: () => void): void
  /** Id of this process. */
  readonly pid: number
  cwd(): string
  /** Name of this computer. */
  hostname(): string
  /** Login name of the user that the process runs as; undefined if the system does not tell. */
  userName(): string | undefined
  /** Id of the user that the process runs as; undefined on Windows. */
  userId(): number | undefined
  /** Returns the mode bits that new files do not get, and sets them if a mask is given. */
  umask(mask?: number): number
  /**
   * False if Deno would refuse or ask: check it before doing what a run can do without. For `run`, with the name or path of
   * a program, Deno does ask the person.
   */
  isAllowed(right: Right, what: string): boolean
  /** The wall clock, in milliseconds since 1970. */
  nowMs(): number
  /** A clock that never jumps, in milliseconds. */
  monotonicMs(): number
  /** A number in [0, 1). */
  random(): number
  /** Keeps the process alive meanwhile. Rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Resolves when the system has what was just sent. The runtimes send when nothing is left to compute. */
  turn(): Promise<void>
  /** Calls `callback` once after `ms`. Keeps the process alive unless `holds` is false. Returns a function that cancels it. */
  after(ms: number, callback: () => void, options?: { holds: boolean }): () => void
  /** Sets `process.argv.slice(2)` and `Deno.args`. */
  setArgv(argv: readonly string[]): void
  /** Sends what scripts print with `console` to standard error. Returns a function that undoes it. */
  redirectConsole(): () => void
  /** Calls back with all that this process prints from now on, also by `console`. */
  onPrint(callback: (name: 'stdout' | 'stderr', text: string) => void): void
  /** Drops the console's warnings for which `isUnwanted` is true. Returns a function that undoes it. */
  withholdWarnings(isUnwanted: (text: string) => boolean): () => void
  /** Makes writes to pipes synchronous, so that the end of the process cuts nothing off. */
  writeAtOnce(): void
  setExitCode(code: number): void
  /** The exit code that was set, or 0. */
  exitCode(): number
  /** Sends a signal to a process, or to a group if the number is negative. False if it is gone. */
  kill(pid: number, signal: NodeJS.Signals | 0): boolean
  /** False only if the system says that there is no such process. */
  isRunning(pid: number): boolean
  /** Defines a global name. Returns a function that undoes it. */
  defineGlobal(name: string, value: unknown): () => void
  /** Ends the process at once. Only for the second Ctrl-C. */
  exit(code: number): never
  /** Returns a function that removes the handler. */
  onSignal(name: SignalName, handler: () => void): () => void
  /** Calls `handler` with each uncaught error. Returns a function that removes it. */
  onUncaught(handler: (error: unknown) => void): () => void
  /** Calls `handler` with the exit code when the process ends. Only synchronous work is possible then. */
  onExit(handler: (code: number) => void): void
  /** Calls `handler` when nothing is left to wait for. Returns a function that removes it. */
  onIdle(handler: () => void): () => void
}

/** The ways of this runtime to the network. `transport/` chooses among them. */
interface Network {
  readonly fetch: typeof globalThis.fetch
  /** The `Deno` namespace, on Deno. */
  readonly deno: object | undefined
  readonly builtin: typeof process.getBuiltinModule
}

let taken: Record<string, string> | undefined

/** Removes the secrets from the environment, and returns them. Importing `#wfg` does only this. */
export function takeSecrets(): Readonly<Record<string, string>> {
  taken ??= {}
  for (const name of SECRET_NAMES) {
    // Few scripts use a queue. Deno would ask for this variable, or refuse to start a script that may read only the other.
    if (name === 'WFG_DATABASE_URL' && !isAllowed('env', name)) continue
    const value = process.env[name]
    if (value === undefined) continue
    taken[name] = value
    delete process.env[name]
  }
  return taken
}

/** True if the module of `meta` is the file that the process was started with. */
export function isProgram(meta: { readonly url: string; readonly main?: boolean }): boolean {
  if (typeof meta.main === 'boolean' && meta.main) return true
  const program = programPath()
  return (
    program !== undefined && meta.url.startsWith('file:') && realPath(fileURLToPath(meta.url)) === realPath(program)
  )
}

let system: Host | undefined

/** The real host, one for the process. */
export function systemHost(): Host {
  system ??= createSystemHost()
  return system
}

// --- internal ---

/** The namespace of Deno itself. On Node a script may get a stand-in under the same name. */
const deno =
  runtimeName() === 'deno' ? (globalThis as unknown as { Deno: { permissions: DenoPermissions } }).Deno : undefined

function createSystemHost(): Host {
  const secrets = takeSecrets()
  const redactor = createRedactor()
  for (const value of Object.values(secrets)) addSecret(redactor, value)
  for (const value of proxyCredentials(PROXY_NAMES.filter((name) => isAllowed('env', name)))) redactor.add(value)
  const commandLine = process.argv.slice(2)
  const printing = { redactor, commandLine, inCi, atExit }
  return {
    runtime: runtimeName(),
    versions: versions(),
    platform: process.platform,
    env: process.env,
    secrets,
    commandLine,
    knowsMain: runtimeName() !== 'node' || knowsMain(process.versions.node),
    get program() {
      return programPath()
    },
    redactor,
    proxyVariables,
    get network() {
      return { fetch: globalThis.fetch, deno, builtin: process.getBuiltinModule }
    },
    stdin: createInput(process.stdin),
    keyboard: () => process.stdin,
    stdout: createOutput(process.stdout, { ...printing, name: 'standard output', givesData: true }),
    stderr: createOutput(process.stderr, printing),
    execPath: process.execPath,
    restartCommand,
    onParentMessage,
    pid: process.pid,
    cwd: () => process.cwd(),
    hostname,
    userName,
    userId: () => process.geteuid?.(),
    umask: (mask) => (mask === undefined ? process.umask() : process.umask(mask)),
    isAllowed,
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    random: () => Math.random(),
    sleep,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    after(ms, callback, { holds } = { holds: true }) {
      const timer = setTimeout(callback, ms)
      if (!holds) timer.unref()
      return () => clearTimeout(timer)
    },
    setArgv,
    redirectConsole,
    onPrint,
    withholdWarnings,
    writeAtOnce,
    setExitCode(code) {
      process.exitCode = code
    },
    exitCode: () => Number(process.exitCode ?? 0),
    kill,
    isRunning,
    defineGlobal,
    exit: (code) => process.exit(code),
    onSignal(name, handler) {
      if (ONLY_WINDOWS.includes(name) && process.platform !== 'win32') return () => {}
      process.on(name, handler)
      return () => process.off(name, handler)
    },
    onUncaught(handler) {
      process.on('uncaughtException', handler)
      process.on('unhandledRejection', handler)
      return () => {
        process.off('uncaughtException', handler)
        process.off('unhandledRejection', handler)
      }
    },
    onExit(handler) {
      // An earlier listener may have changed the code.
      process.on('exit', (code) => handler(Number(process.exitCode ?? code)))
    },
    onIdle(handler) {
      process.on('beforeExit', handler)
      return () => process.off('beforeExit', handler)
    },
  }
}

/** Elsewhere the closing of a terminal ends a process, unless it was started with `nohup`. */
const ONLY_WINDOWS: readonly SignalName[] = ['SIGBREAK', 'SIGHUP']

/** Also true if the variables may not be read: an escape too many is better than running somebody else's command. */
function inCi(): boolean {
  return !CI_NAMES.every((name) => isAllowed('env', name)) || runsInCi(process.env)
}

function atExit(callback: () => void): void {
  process.on('exit', callback)
}

function runtimeName(): Host['runtime'] {
  if (process.versions['deno']) return 'deno'
  if (process.versions['bun']) return 'bun'
  return 'node'
}

function versions(): string {
  const name = runtimeName()
  const version = process.versions[name] ?? process.version
  return `${name} ${version.replace(/^v/, '')}, ${process.platform} ${process.arch}`
}

function knowsMain(version: string): boolean {
  const [major, minor] = version.split('.').map(Number) as [number, number]
  return major > 24 || (major === 24 && minor >= 2) || (major === 22 && minor >= 18)
}

function proxyVariables(): string[] {
  return Object.keys(process.env).filter((name) => /^(https?|all)_proxy$/i.test(name) && process.env[name])
}

/** Read by name: on Deno a process may not be allowed to list the environment. */
const PROXY_NAMES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']

function proxyCredentials(names: readonly string[]): string[] {
  return names.flatMap((name) => credentialsIn(process.env[name] ?? ''))
}

/** Deno imports files by the path that was given: by another one, a script in a linked folder would be imported again, and run. */
function programPath(): string | undefined {
  const argument = process.argv[1]
  return argument === undefined || runtimeName() === 'deno' ? argument : realPath(argument)
}

/** Resolves links. The command line may omit the extension. */
function realPath(path: string): string {
  for (const candidate of [path, `${path}.ts`, `${path}.mts`, `${path}.js`]) {
    try {
      return realpathSync(candidate)
    } catch {
      // try the next
    }
  }
  return path
}

function userName(): string | undefined {
  if (!['userInfo', 'uid', 'gid'].every((kind) => isAllowed('sys', kind))) return undefined
  try {
    return userInfo().username
  } catch {
    return undefined // in some containers the user has no entry
  }
}

function isAllowed(right: Right, what: string): boolean {
  return deno === undefined || mayUse(deno.permissions, right, what)
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}

function setArgv(argv: readonly string[]): void {
  process.argv.splice(2, process.argv.length, ...argv)
  const { Deno: namespace } = globalThis as { Deno?: object }
  if (namespace) Object.defineProperty(namespace, 'args', { value: [...argv], configurable: true, enumerable: true })
}

function redirectConsole(): () => void {
  const original = { ...console }
  const stream = Object.create(process.stderr, {
    write: { value: (text: string, done?: () => void) => process.stderr.write(onTerminal(process.stderr, text), done) },
  }) as NodeJS.WriteStream
  Object.assign(console, new Console({ stdout: stream, stderr: stream }))
  return () => Object.assign(console, original)
}

function onPrint(callback: (name: 'stdout' | 'stderr', text: string) => void): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name]
    const { write } = stream
    const decoder = new TextDecoder()
    stream.write = (chunk: string | Uint8Array, ...rest: never[]) => {
      const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
      // A status line is replaced by what comes next.
      const shown = text.startsWith(STATUS) ? text.slice(STATUS.length) : text
      if (shown === text || shown.endsWith('\n')) callback(name, shown)
      return write.call(stream, chunk, ...rest)
    }
  }
  // Deno's own console does not print by these streams.
  if (deno) Object.assign(console, new Console({ stdout: process.stdout, stderr: process.stderr }))
}

function restartCommand(): string[] | undefined {
  const program = programPath() ?? ''
  if (!deno) return [process.execPath, ...process.execArgv, program]
  const flags = restartFlags(deno.permissions, process.execPath)
  return flags && [process.execPath, 'run', '--no-prompt', ...flags, program]
}

function onParentMessage(onMessage: (message: unknown) => void, onEnd: () => void): void {
  process.on('message', (message) => {
    process.channel?.unref()
    onMessage(message)
  })
  process.once('disconnect', onEnd)
  if (!process.connected) onEnd()
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  // To the system, 0 means this process's group, and -1 all processes of the user.
  if (!Number.isInteger(pid) || Math.abs(pid) < 2) return false
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // The process may be another user's, or Deno may refuse the check. Then it may exist.
    return systemCode(error) !== 'ESRCH'
  }
}

function defineGlobal(name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name)
  Object.defineProperty(globalThis, name, { value, configurable: true, enumerable: true, writable: true })
  return () => {
    if (before) Object.defineProperty(globalThis, name, before)
    else Reflect.deleteProperty(globalThis, name)
  }
}

function withholdWarnings(isUnwanted: (text: string) => boolean): () => void {
  const original = console.warn
  const filtered = (...words: unknown[]) => {
    if (!isUnwanted(String(words[0]))) original.apply(console, words)
  }
  console.warn = filtered
  return () => {
    if (console.warn === filtered) console.warn = original
  }
}

/** Deno always does. Node has no public function for it. */
function writeAtOnce(): void {
  if (runtimeName() !== 'node') return
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle } = stream as { _handle?: { setBlocking?(blocking: boolean): void } }
    _handle?.setBlocking?.(true)
  }
}
