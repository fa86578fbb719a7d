/** Starts programs so that each ends together with everything that it started. */
import { type ChildProcess, type SpawnOptions, type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import { platform } from 'node:os'
import type { Host } from '../host/host.ts'

/** How long what a command started may take to end after an abort; then it is killed. */
const GRACE_MS = 5000

const WINDOWS = platform() === 'win32'

export type TreeHost = Pick<Host, 'env' | 'after' | 'kill'>

export interface ProcessTrees {
  /** As `spawn` of `node:child_process`, for a command with its own process group (`detached`) where the system has them. */
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess
  /** As `spawnSync`, in our own process group: only so does Ctrl-C reach it while nothing of ours can run. */
  spawnSync(command: string, args: readonly string[], options: SpawnSyncOptions): ReturnType<typeof spawnSync>
}

/** True where a command gets a process group of its own; on Windows that would be a new console window. */
export const GROUPS = !WINDOWS

/**
 * @param force when it aborts, all that still runs is killed at once
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
      // Many commands may share a signal, those of a pipe above all, and Node warns from the eleventh listener on.
      if (signal) setMaxListeners(0, signal)
      let tree: Tree | undefined
      const end = () => tree?.end()
      // Before `spawn` adds its own: once the command is gone, Windows no longer knows what it started.
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
  /** Asks all to end, and kills later what has not. */
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
    if (WINDOWS) spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true })
    else host.kill(target, 'SIGKILL')
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
 * bash takes the socket that it has as standard input here for a remote login, and then reads `~/.bashrc`, unless
 * `SHLVL` says that it was started by another shell.
 */
function environment(host: TreeHost, given: NodeJS.ProcessEnv | undefined): NodeJS.ProcessEnv {
  const env = given ?? host.env
  return Number(env['SHLVL']) >= 1 ? env : { ...env, SHLVL: '1' }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
