/** Sets up zx's `$`: commands are quiet, and end with all the processes that they started. */
import type { ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import type { Options, ProcessPromise, $ as Shell } from 'zx'
import { ConfigError, RefusedError } from '../core/errors.ts'
import type { Host } from '../host/host.ts'
import { findShell, shellOptions } from './find_shell.ts'
import { createProcessTrees, endTree, GROUPS, type ProcessTrees, type TreeHost } from './process_trees.ts'

type Zx = typeof import('zx/core')

export type ShellHost = Pick<Host, 'cwd' | 'isAllowed'> & TreeHost

interface ShellOptions {
  /** When it aborts, every command ends and no other starts. A command with its own `signal` obeys that one instead. */
  signal: AbortSignal
  /** When it aborts, running commands are killed at once. The second Ctrl-C does this. */
  force?: AbortSignal
  /** The setting WFG_SHELL. */
  chosen?: string | undefined
}

/**
 * Sets up zx for one script and returns its `$`. It changes zx's own defaults, so `within`, `cd`, `useBash` and whatever
 * else a script imports from zx work on the same `$`. Each call starts from fresh defaults.
 *
 * @throws {RefusedError} `WFG_REFUSED` if Deno may not read what zx needs. A command throws it if Deno may not start programs
 * @throws {ConfigError} `WFG_CONFIG` if there is no shell as `chosen`. A command throws it if there is no shell at all
 */
export function createShell(host: ShellHost, { signal, force, chosen }: ShellOptions): typeof Shell {
  loaded ??= loadZx()
  const { zx, defaults, run } = loaded
  for (const name of Reflect.ownKeys(zx.defaults)) Reflect.deleteProperty(zx.defaults, name)
  const trees = createProcessTrees(host, force)
  // With few rights of Deno we may not look on the PATH, and the system finds bash.
  const shell = chosen || host.isAllowed('read', '/') ? findShell(host.env, chosen) : BY_NAME
  const controllers = new WeakMap<AbortSignal, AbortController>()
  Object.assign(zx.defaults, defaults)
  Object.assign(zx.defaults, {
    ...(shell ? shellOptions(shell, zx) : { shell: NO_SHELL, quote: zx.quote }),
    env: host.env,
    quiet: true,
    detached: GROUPS,
    kill: async (pid: number, name = zx.$.killSignal) => {
      // zx needs a program to find child processes, which small containers and new Windows lack.
      if (!endTree(host, pid, name as NodeJS.Signals)) await zx.kill(pid, name)
    },
    spawn: spawnUnder(signal, controllers, trees),
    spawnSync: trees.spawnSync,
  })
  followFolder(zx, host)
  zx.Fail.getCallerLocation = callerLocation
  zx.ProcessPromise.prototype.run = function () {
    if (!host.isAllowed('run', String(zx.$.shell))) throw refusal()
    if (!shell && zx.$.shell === NO_SHELL) throw noShell()
    controllers.set(this.ac.signal, this.ac)
    run.call(this)
    if (!this.sync || this.stage !== 'rejected') return this
    // zx rejects only the promise of a synchronous command, which the script never sees.
    this.catch(() => {})
    throw this.output
  }
  return withSync(zx.$)
}

// --- internal ---

const BY_NAME = { kind: 'bash', path: 'bash' } as const
/** In place of a path, until the script assigns one. */
const NO_SHELL = 'bash'

/** zx, and the original values of what this file changes in it. */
interface Loaded {
  zx: Zx
  defaults: Options
  run: ProcessPromise['run']
}

let loaded: Loaded | undefined

function loadZx(): Loaded {
  try {
    const zx = createRequire(import.meta.url)('zx/core') as Zx
    return { zx, defaults: { ...zx.defaults }, run: zx.ProcessPromise.prototype.run }
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

/** Ends commands with the run. Each has its own controller, so that `abort()` still ends one command alone. */
function spawnUnder(
  signal: AbortSignal,
  controllers: WeakMap<AbortSignal, AbortController>,
  trees: ProcessTrees,
): ProcessTrees['spawn'] {
  const running = new Map<ChildProcess, AbortController>()
  signal.addEventListener('abort', () => {
    for (const controller of running.values()) controller.abort(signal.reason)
  })
  return (command, args, options) => {
    const controller = controllers.get(options.signal!)
    if (signal.aborted) controller?.abort(signal.reason)
    const child = trees.spawn(command, args, options)
    if (controller) running.set(child, controller)
    child.once('close', () => running.delete(child))
    return child
  }
}

/** Runs commands in the current folder. zx alone would use the folder in which it was loaded. */
function followFolder(zx: Zx, host: ShellHost): void {
  const name = Object.getOwnPropertySymbols(zx.defaults).find(({ description }) => description === 'processCwd')
  if (name === undefined) return
  Object.defineProperty(zx.defaults, name, {
    get: () => host.cwd(),
    set() {}, // by `cd`, which has changed the folder of the process
    enumerable: true,
    configurable: true,
  })
}

/** Adds `$({ … }).sync`, which zx documents and zx 8.8 lacks. */
function withSync<Target extends typeof Shell>(shell: Target): Target {
  return new Proxy(shell, {
    apply(target, self, words) {
      const result: unknown = Reflect.apply(target, self, words)
      return typeof result === 'function' ? withSync(result as typeof Shell) : result
    },
    get: (target, key) => (key === 'sync' ? target({ sync: true }) : Reflect.get(target, key)),
  })
}

/** Returns the caller's place in the script. zx alone returns a place of its own on Deno and Bun. */
function callerLocation(): string {
  const frames = (new Error().stack ?? '').split('\n').filter((line) => /:\d+:\d+\)?$/.test(line))
  const fileOf = (line: string) => line.replace(/^.*\(|:\d+:\d+\)?$/g, '').replace(/^\s*at (async )?/, '')
  const foreign = /^(node|ext):|[\\/]zx[\\/]build[\\/]/
  const own = fileOf(frames[0]!)
  const frame = frames.find((line) => fileOf(line) !== own && !foreign.test(fileOf(line)))
  return frame?.trim().replace(/^at /, '') ?? 'an unknown place'
}

function noShell(): ConfigError {
  return new ConfigError(
    'Cannot run a command: none of bash, sh, pwsh and powershell is on the PATH. Install one, or set WFG_SHELL to its path, or to cmd.',
  )
}

function refusal(): RefusedError {
  return new RefusedError(
    'Cannot run a command: this script may not start programs: Deno was started without --allow-run for the shell. ' +
      'Start it again with --allow-run.',
  )
}
