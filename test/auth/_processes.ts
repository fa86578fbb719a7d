/** Real processes, on each runtime that is there. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'
import { PATIENCE } from '../_not_run.ts'
import { commandOf, programOf, RUNTIME, type Runtime, runtimeArgs } from '../_runtime.ts'

export type { Runtime } from '../_runtime.ts'

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

const LIMIT_MS = 50_000 * PATIENCE

/** The one that runs the tests first, then Node and Deno where they are installed. */
export function runtimes(): Runtime[] {
  const all = new Set<Runtime>([RUNTIME, 'node', 'deno'])
  return [...all].filter((runtime) => commandOf(runtime) !== undefined)
}

/**
 * Starts a file on a runtime, with little in its environment; killed after 50 seconds.
 *
 * @param starter what starts the runtime, such as `unshare`
 */
export function startProcess(
  runtime: Runtime,
  [file, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  starter: readonly string[] = [],
): Running {
  return start([...starter, programOf(runtime)!, ...runtimeArgs(file, runtime), file, ...args], dirname(file), env)
}

/** The same, on Node by the launcher if a `tasks.ts` is beside the file: that takes half the time of tsx. */
export function startSoon(
  runtime: Runtime,
  [file, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): Running {
  return start([...soonest(runtime, file), file, ...args], dirname(file), env)
}

/**
 * The same where no file can grow beyond so many blocks of 512 bytes (some shells: 1024), as on a disk that fills up;
 * needs a POSIX shell.
 */
export function startOnFullDisk(
  runtime: Runtime,
  [file, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  blocks = 0,
): Running {
  // Coverage could not be written either, and Node would say so on standard error.
  const script = `unset NODE_V8_COVERAGE; trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`
  return start(['/bin/sh', '-c', script, ...soonest(runtime, file), file, ...args], dirname(file), env)
}

// --- internal ---

function soonest(runtime: Runtime, file: string): string[] {
  const launcher = join(dirname(file), 'runtime', 'cli', 'wfg.mjs')
  const isHere = runtime === 'node' && existsSync(launcher) && existsSync(join(dirname(file), 'tasks.ts'))
  return isHere ? [programOf(runtime)!, launcher, 'run'] : commandOf(runtime)!
}

function start([command, ...args]: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Running {
  const child = spawn(command!, args, { cwd, env: { ...environment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
    child.on('error', reject)
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ status, ...output })
    })
  })
  return { child, ended }
}

function environment(): Record<string, string> {
  const env: Record<string, string> = { HOME: '/nonexistent', DENO_DIR: join(homedir(), '.cache', 'deno') }
  for (const name of ['PATH', 'DENO_DIR', 'NODE_V8_COVERAGE', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP']) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return env
}
