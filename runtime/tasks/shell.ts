/** `$`: zx's, set up so that a command is quiet, sees no secret, and ends together with all that it started. */
import { createRequire } from 'node:module'
import type { Options, ProcessOutput, ProcessPromise, $ as Shell } from 'zx'
import { RefusedError } from '../errors.ts'
import { type Host, SECRET_NAMES } from '../host.ts'
import { findShell } from './find_shell.ts'
import { createProcessTrees, GROUPS, refusal, type TreeHost } from './process_trees.ts'

type Zx = typeof import('zx/core')

export type ShellHost = Pick<Host, 'cwd'> & TreeHost

export interface ShellOptions {
  /** When it aborts, every command ends, and what it started; none starts any more. */
  signal: AbortSignal
  /** When it aborts, what still runs is killed at once: for the second Ctrl-C. */
  force?: AbortSignal
}

/**
 * Loads zx and gives its `$` with these defaults; zx's own stay as they are. Presets (`$({ cwd })`), `$.sync` and
 * assigned options (`$.nothrow = true`) hold for this `$` alone. The environment is the process's at each command, until
 * a script reads or assigns `$.env`.
 *
 * @throws {RefusedError} `WFG_REFUSED` where Deno was not allowed to read what zx needs; so does a command, where Deno was
 * not allowed to start programs
 */
export function createShell(host: ShellHost, options: ShellOptions): typeof Shell {
  const zx = loadZx()
  const trees = createProcessTrees(host, options.force)
  const standard = {
    ...findShell(zx, host.env),
    quiet: true,
    verbose: false,
    detached: GROUPS,
    signal: options.signal,
    spawn: trees.spawn,
    spawnSync: trees.spawnSync,
  }
  return createPreset({})

  function createPreset(own: OwnOptions): typeof Shell {
    const current = () =>
      ({ ...standard, env: withoutSecrets(host.env), cwd: host.cwd(), ...own }) as unknown as Options
    const call = (pieces: TemplateStringsArray | OwnOptions, ...values: unknown[]) =>
      Array.isArray(pieces)
        ? run(zx, host, current, () => zx.$(pieces as never, ...values))
        : createPreset({ ...own, ...(pieces as OwnOptions) })
    return new Proxy(call as unknown as typeof Shell, {
      get(target, key) {
        if (key === 'sync') return createPreset({ ...own, sync: true })
        if (key === 'env') own['env'] ??= withoutSecrets(host.env)
        if (key in Function.prototype) return Reflect.get(target, key)
        const options = current()
        return key in options ? Reflect.get(options, key) : Reflect.get(zx.$, key)
      },
      set(_target, key, value) {
        own[key] = value
        return true
      },
    })
  }
}

// --- internal ---

type OwnOptions = Record<string | symbol, unknown>

function loadZx(): Zx {
  try {
    return createRequire(import.meta.url)('zx/core') as Zx
  } catch (error) {
    if ((error as Error).name !== 'NotCapable') throw error
    const missing = (error as Error).message
    throw new RefusedError(
      `Cannot make $ ready: this script may not read what zx needs: ${missing}. ` +
        'Commands need --allow-env and --allow-run, which let a script do all that you may.',
      { cause: error },
    )
  }
}

function withoutSecrets(env: Host['env']): Host['env'] {
  const names: readonly string[] = SECRET_NAMES
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)))
}

/** Starts a command with the options; so is whatever it is piped to, which zx would start with its own. */
function run(zx: Zx, host: ShellHost, options: () => Options, start: () => unknown): unknown {
  const from = callerLocation()
  const given = options()
  const started = zx.within(() => {
    // A synchronous failure is a rejection that nobody can handle to zx, and is not thrown.
    Object.assign(zx.$, given, given.sync ? { nothrow: true } : {})
    return start()
  })
  if (started instanceof zx.ProcessOutput) return synchronous(started, from, given.nothrow)
  if (!(started instanceof zx.ProcessPromise) || Object.hasOwn(started, 'pipe')) return started
  const { pipe } = locate(started, from)
  const within =
    (method: typeof pipe.stdout) =>
    (to: unknown, ...values: unknown[]) =>
      run(zx, host, options, () => method(to as never, ...values))
  const value = Object.assign(within(pipe as typeof pipe.stdout), {
    stdout: within(pipe.stdout),
    stderr: within(pipe.stderr),
    stdall: within(pipe.stdall),
  })
  if (given.detached) killByGroup(host, started, given.killSignal)
  if (started.pid === undefined) refuseWhatDenoDoes(started)
  return Object.defineProperty(started, 'pipe', { value })
}

/** zx's own way asks `ps` for the tree, which a small container lacks and about which newer runtimes print a warning. */
function killByGroup(host: ShellHost, command: ProcessPromise, usual: NodeJS.Signals = 'SIGTERM'): void {
  const kill = command.kill.bind(command)
  const value = async (signal?: NodeJS.Signals | null) => {
    if (command.pid === undefined || command.output) return kill(signal)
    host.kill(-command.pid, signal ?? usual)
  }
  Object.defineProperty(command, 'kill', { value })
}

/** Deno tells only later that it did not let the command start. That is no failure of the command. */
function refuseWhatDenoDoes(command: ProcessPromise): void {
  const check = (output: unknown) => {
    const { cause } = Object(output) as { cause?: unknown }
    if ((cause as Error | undefined)?.name === 'NotCapable') throw refusal(cause)
    return output
  }
  const checked = command.then(check, (error) => {
    throw check(error)
  })
  const value = (...handlers: Parameters<typeof checked.then>) => checked.then(...handlers)
  Object.defineProperty(command, 'then', { value })
}

function synchronous(output: ProcessOutput, from: string, nothrow: boolean): ProcessOutput {
  const { cause, ok } = locate(output, from)
  if (cause instanceof RefusedError) throw cause
  if (!ok && !nothrow) throw output
  return output
}

/** zx looks for the script on the stack below itself, and finds this file. */
function locate<Result>(result: Result, from: string): Result {
  const { _snapshot, _dto } = result as { _snapshot?: { from: string }; _dto?: { from: string } }
  if (_snapshot) _snapshot.from = from
  if (_dto) _dto.from = from
  return result
}

/** Where the script called: the first place on the stack that is in another file than this. */
function callerLocation(): string {
  const frames = (new Error().stack ?? '').split('\n').filter((line) => /:\d+:\d+\)?$/.test(line))
  const fileOf = (line: string) => line.replace(/^.*\(|:\d+:\d+\)?$/g, '').replace(/^\s*at (async )?/, '')
  const frame = frames.find((line) => fileOf(line) !== fileOf(frames[0]!))
  return frame?.trim().replace(/^at /, '') ?? 'an unknown place'
}
