/** Starts programs, and ends each with all the processes that it started. */
import { type ChildProcess, type SpawnOptions, type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import { platform } from 'node:os'
import { win32 } from 'node:path'
import type { Host } from '../host/host.ts'

/** Time, in ms, for processes to end after an abort before they are killed. */
const GRACE_MS = 5000

const WINDOWS = platform() === 'win32'

export type TreeHost = Pick<Host, 'env' | 'after' | 'kill'>

export interface ProcessTrees {
  /** Like `spawn` of `node:child_process`. With `detached`, the command has its own process group. */
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess
  /** Like `spawnSync`. The command stays in this process group, so that Ctrl-C reaches it while this process waits. */
  spawnSync(command: string, args: readonly string[], options: SpawnSyncOptions): ReturnType<typeof spawnSync>
}

/** True if a command gets its own process group. On Windows that would open a console window. */
export const GROUPS = !WINDOWS

/**
 * Ends a process with all that it started: by its process group, which it leads. Windows has neither groups nor signals;
 * there `taskkill` ends them at once.
 *
 * @returns false if it is gone
 */
export function endTree(host: Pick<Host, 'env' | 'kill'>, pid: number, signal: NodeJS.Signals): boolean {
  if (!WINDOWS) return host.kill(-pid, signal)
  // By its path: Windows looks in the working directory first.
  const program = win32.join(host.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe')
  try {
    const { status } = spawnSync(program, ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true })
    if (status === 0) return true
  } catch {
    // Deno may not run it.
  }
  return host.kill(pid, 'SIGKILL')
}

/**
 * @param force aborts when all running processes must be killed at once
 */
export function createProcessTrees(host: TreeHost, force?: AbortSignal): ProcessTrees {
  const running = new Map<number, Tree>()
  force?.addEventListener('abort', () => {
    for (const tree of running.values()) tree.kill()
  })
  return {
    spawn(command, args, options) {
      const { signal } = options
      if (signal?.aborted) throw asError(signal.reason)
      // The commands of a pipe share a signal, and Node warns from the eleventh listener on.
      if (signal) setMaxListeners(0, signal)
      let tree: Tree | undefined
      const end = () => tree?.end()
      // Added before `spawn` adds its own listener: after the command has ended, Windows cannot tell its children.
      signal?.addEventListener('abort', end, { once: true })
      const child = spawn(command, args, { ...options, env: environment(host, options.env) })
      // A command may end before it has read all of its input, as `head` does.
      child.stdin?.on('error', () => {})
      const { pid } = child
      if (pid === undefined) return child
      tree = createTree(host, pid, options.detached === true, () => running.delete(pid))
      running.set(pid, tree)
      child.once('exit', () => {
        signal?.removeEventListener('abort', end)
        tree?.exited()
      })
      return child
    },
    spawnSync(command, args, options) {
      const settings = { ...options, detached: false, env: environment(host, options.env) }
      return spawnSync(command, args, settings)
    },
  }
}

// --- internal ---

interface Tree {
  /** Asks all processes to end, and kills those that are left after the grace period. */
  end(): void
  kill(): void
  /** The command itself has ended. */
  exited(): void
}

function createTree(host: TreeHost, pid: number, grouped: boolean, forget: () => void): Tree {
  const target = grouped ? -pid : pid
  let cancel: (() => void) | undefined
  const kill = () => {
    cancel?.()
    forget()
    if (WINDOWS || grouped) endTree(host, pid, 'SIGKILL')
    else host.kill(pid, 'SIGKILL')
  }
  return {
    kill,
    end() {
      if (WINDOWS) return kill()
      host.kill(target, 'SIGTERM')
      cancel = host.after(GRACE_MS, kill)
    },
    exited() {
      const others = cancel !== undefined && grouped && host.kill(target, 0)
      if (others) return
      cancel?.()
      forget()
    },
  }
}

/**
 * Sets `SHLVL`. Without it, bash takes the socket that is its standard input here for a remote login, and reads
 * `~/.bashrc`.
 */
function environment(host: TreeHost, given: NodeJS.ProcessEnv | undefined): NodeJS.ProcessEnv {
  const env = given ?? host.env
  return Number(env['SHLVL']) >= 1 ? env : { ...env, SHLVL: '1' }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
