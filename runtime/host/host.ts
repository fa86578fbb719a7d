/**
 * Everything ambient: the process, the console, the clock, timers, randomness, and the network. No other file of the
 * runtime touches them; each is handed the host, or the part of it that it uses (`Pick<Host, …>`).
 */
import { Console } from 'node:console'
import { realpathSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import process from 'node:process'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { addSecret, createRedactor, credentialsIn, type Redactor } from '../core/redact.ts'
import { systemCode } from '../core/system_code.ts'
import { CI_NAMES, runsInCi } from './cache_folder.mjs'
import { type DenoPermissions, mayUse, type Right, restartFlags } from './deno_rights.ts'
import { createInput, type Input, readLines, readPresentLines } from './standard_input.ts'
import { createOutput, type Output, onTerminal } from './standard_streams.ts'

/** Environment variables that hold secrets; taken out of the environment before any script runs. */
export const SECRET_NAMES = ['WFG_CLIENT_SECRET', 'WFG_DATABASE_URL'] as const

export type { Input } from './standard_input.ts'
export { type Output, STATUS } from './standard_streams.ts'

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGURG'

export interface Host {
  readonly runtime: 'node' | 'deno' | 'bun'
  /** Of the runtime and the system, for a bug report. */
  readonly versions: string
  /** The system, as Node names it: `linux`, `darwin`, `win32`, … */
  readonly platform: NodeJS.Platform
  /** The environment without the secrets; live. */
  readonly env: Record<string, string | undefined>
  /** The secrets that were in the environment. */
  readonly secrets: Readonly<Record<string, string>>
  /** What follows the program's name on the command line; as it was at the start. */
  readonly commandLine: readonly string[]
  /** Whether `import.meta.main` is known: on Node from 22.18 and 24.2. */
  readonly knowsMain: boolean
  /** Real path of the file the process was started with; undefined where there is none. */
  readonly program: string | undefined
  readonly redactor: Redactor
  /** The environment's variables that name a proxy, and have a value. Deno must allow the whole environment for it. */
  proxyVariables(): string[]
  /** What the runtime itself sends requests with. */
  readonly network: Network
  readonly stdin: Input
  /** Standard input itself, for what reads single keys. */
  keyboard(): NodeJS.ReadStream
  readonly stdout: Output
  readonly stderr: Output
  /** Path of the runtime's own program. */
  readonly execPath: string
  /**
   * What starts a process like this one: the runtime, its options as far as they are known, and the program. Undefined
   * where this one may not start it.
   */
  restartCommand(): string[] | undefined
  /**
   * Takes standard input over from whoever started this process to have a hand on it: its lines (on Deno only those that
   * are there already), and its end, which that process's own end is too. After the first line it keeps nothing alive; to all others it is empty.
   */
  takeInput(onLine: (line: string) => void, onEnd: () => void): void
  /** Number of this process. */
  readonly pid: number
  cwd(): string
  /** Name of this computer. */
  hostname(): string
  /** Login name of the user that the process acts as; undefined where the system does not tell it. */
  userName(): string | undefined
  /** Number of the user that the process acts as; undefined where the system has none (Windows). */
  userId(): number | undefined
  /** Which rights new files do not get; sets them first where a mask is given, and returns those of before. */
  umask(mask?: number): number
  /**
   * False if Deno would refuse it or ask the person first: for what a run can do without. For `run`, with a program's name
   * or path, Deno does ask.
   */
  isAllowed(right: Right, what: string): boolean
  /** Wall clock, milliseconds since 1970. */
  nowMs(): number
  /** A clock that never jumps, in milliseconds. */
  monotonicMs(): number
  /** A number in [0, 1). */
  random(): number
  /** Keeps the process alive meanwhile; rejects with the signal's reason when that aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `callback` once after `ms`, keeping the process alive unless told otherwise; returns what cancels it. */
  after(ms: number, callback: () => void, options?: { holds: boolean }): () => void
  /** What `process.argv.slice(2)` and `Deno.args` are from now on. */
  setArgv(argv: readonly string[]): void
  /** Sends what scripts print with `console` to standard error; returns what undoes it. */
  redirectConsole(): () => void
  /** Keeps the console's warnings that `isUnwanted` recognises to itself; returns what undoes it. */
  withholdWarnings(isUnwanted: (text: string) => boolean): () => void
  /** From now on a pipe takes what is written before the script goes on, so that an end of the process cuts nothing off. */
  writeAtOnce(): void
  setExitCode(code: number): void
  /** The exit code that has been set; 0 where none was. */
  exitCode(): number
  /** Sends a signal to a process, or with a negative number to a group; false when it is gone. */
  kill(pid: number, signal: NodeJS.Signals | 0): boolean
  /** False only where the system says that there is no such process. */
  isRunning(pid: number): boolean
  /** Defines a global name; returns what undoes it. */
  defineGlobal(name: string, value: unknown): () => void
  /** Ends the process at once: for the second Ctrl-C only. */
  exit(code: number): never
  /** Returns what removes the handler. */
  onSignal(name: SignalName, handler: () => void): () => void
  /** Errors that nobody caught. Returns what removes the handler. */
  onUncaught(handler: (error: unknown) => void): () => void
  /** Called with the exit code when the process ends, too late for anything but a last word. */
  onExit(handler: (code: number) => void): void
  /** Nothing is left to wait for. Returns what removes the handler. */
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

/** Takes the secrets out of the process environment, once; importing `#wfg` does this and nothing else. */
export function takeSecrets(): Readonly<Record<string, string>> {
  taken ??= {}
  for (const name of SECRET_NAMES) {
    // Few scripts have to do with a queue, and Deno would ask, or refuse to start those that may read the other alone.
    if (name === 'WFG_DATABASE_URL' && !isAllowed('env', name)) continue
    const value = process.env[name]
    if (value === undefined) continue
    taken[name] = value
    delete process.env[name]
  }
  return taken
}

/** Whether the module behind `meta` is the file the process was started with. */
export function isProgram(meta: { readonly url: string; readonly main?: boolean }): boolean {
  if (typeof meta.main === 'boolean' && meta.main) return true
  const program = programPath()
  return program !== undefined && meta.url.startsWith('file:') && realPath(fileURLToPath(meta.url)) === program
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
    takeInput,
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
    after(ms, callback, { holds } = { holds: true }) {
      const timer = setTimeout(callback, ms)
      if (!holds) timer.unref()
      return () => clearTimeout(timer)
    },
    setArgv,
    redirectConsole,
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
      // The runtime's own listener may have changed the code that the event was announced with.
      process.on('exit', (code) => handler(Number(process.exitCode ?? code)))
    },
    onIdle(handler) {
      process.on('beforeExit', handler)
      return () => process.off('beforeExit', handler)
    },
  }
}

/** True as well where Deno may not look: better one escape too many than a command of somebody else. */
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

/** Known by name, for Deno may not let everybody list the environment. */
const PROXY_NAMES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']

function proxyCredentials(names: readonly string[]): string[] {
  return names.flatMap((name) => credentialsIn(process.env[name] ?? ''))
}

function programPath(): string | undefined {
  const argument = process.argv[1]
  return argument === undefined ? undefined : realPath(argument)
}

/** Resolves links; the extension may have been left out on the command line. */
function realPath(path: string): string {
  for (const candidate of [path, `${path}.ts`, `${path}.mts`, `${path}.js`]) {
    try {
      return realpathSync(candidate)
    } catch {
      // not this spelling
    }
  }
  return path
}

function userName(): string | undefined {
  if (!['userInfo', 'uid', 'gid'].every((kind) => isAllowed('sys', kind))) return undefined
  try {
    return userInfo().username
  } catch {
    return undefined // a user without an entry, as in some containers
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

function restartCommand(): string[] | undefined {
  const program = programPath() ?? ''
  if (!deno) return [process.execPath, ...process.execArgv, program]
  const flags = restartFlags(deno.permissions, process.execPath)
  return flags && [process.execPath, 'run', '--no-prompt', ...flags, program]
}

function takeInput(onLine: (line: string) => void, onEnd: () => void): void {
  const stream = process.stdin
  Object.defineProperty(process, 'stdin', { value: Readable.from([]), configurable: true, enumerable: true })
  if (typeof stream.unref === 'function') {
    readLines(stream, onLine, onEnd)
    return
  }
  // Deno's stream would keep the process alive, so only what is there already is read from it.
  const { ppid } = process
  const timer = setInterval(() => {
    if (isRunning(ppid)) return
    clearInterval(timer)
    onEnd()
  }, PARENT_CHECK_MS)
  timer.unref()
  readPresentLines(onLine)
}

/** How often Deno checks that the parent process is still there. */
const PARENT_CHECK_MS = 250

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  // To the system 0 is this process's whole group and -1 whatever this user has: never what is meant.
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
    // Somebody else's process may not be signalled, and Deno may not let us ask: it may be there.
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

/** Deno does so anyway. Node has no public way to say it. */
function writeAtOnce(): void {
  if (runtimeName() !== 'node') return
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle } = stream as { _handle?: { setBlocking?(blocking: boolean): void } }
    _handle?.setBlocking?.(true)
  }
}
