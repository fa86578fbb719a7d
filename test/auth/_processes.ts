/** Real processes, on both runtimes where both are there. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'
import { pathToFileURL } from 'node:url'
import { REPOSITORY } from '../_cli.ts'

export type Runtime = 'node' | 'deno'

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

const LIMIT_MS = 50_000

/** The one that runs the tests first, then the other one where it is installed. */
export function runtimes(): Runtime[] {
  const all: Runtime[] = process.versions['deno'] ? ['deno', 'node'] : ['node', 'deno']
  return all.filter((runtime) => program(runtime) !== undefined)
}

/** Starts a file on a runtime, with little in its environment; killed after 50 seconds. */
export function startProcess(
  runtime: Runtime,
  [file, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): Running {
  return start([...commandOf(runtime), file, ...args], dirname(file), env)
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
  return start(['/bin/sh', '-c', script, ...commandOf(runtime), file, ...args], dirname(file), env)
}

// --- internal ---

const TSX = pathToFileURL(join(REPOSITORY, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href

function commandOf(runtime: Runtime): string[] {
  const flags = runtime === 'deno' ? ['run', '-A', '--no-prompt'] : ['--import', TSX]
  return [program(runtime)!, ...flags]
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

function program(runtime: Runtime): string | undefined {
  if ((runtime === 'deno') === (process.versions['deno'] !== undefined)) return process.execPath
  const folders = [join(REPOSITORY, 'node_modules', '.bin'), ...(process.env['PATH'] ?? '').split(delimiter)]
  const names = process.platform === 'win32' ? [`${runtime}.exe`] : [runtime]
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path))
}

function environment(): Record<string, string> {
  const env: Record<string, string> = { HOME: '/nonexistent', DENO_DIR: join(homedir(), '.cache', 'deno') }
  for (const name of ['PATH', 'DENO_DIR', 'NODE_V8_COVERAGE', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP']) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return env
}
