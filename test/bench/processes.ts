/** Runs programs with an environment of their own, and takes their time. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'

export interface Command {
  /** Program and arguments; started without a shell. */
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

export interface Ended {
  /** From the start of the process until its end and that of its output. */
  readonly wallMs: number
  readonly stdout: string
}

const LIMIT_MS = 300_000

/** @throws {Error} with the end of standard error, when it does not end with exit code 0 within five minutes */
export function execute({ argv: [program, ...args], cwd, env }: Command): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now()
    const child = spawn(program!, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.on('close', (status) => {
      clearTimeout(timer)
      const wallMs = performance.now() - startedMs
      if (status === 0) resolve({ wallMs, stdout: Buffer.concat(stdout).toString() })
      else reject(new Error(`it ended with ${status}: ${lastLines(Buffer.concat(stderr).toString())}`))
    })
  })
}

/**
 * What a timed program sees: nothing of the person's settings, of npm, and no `NODE_EXTRA_CA_CERTS`, which Node 20 would
 * read at every start.
 */
export function plainEnvironment(home: string): Record<string, string> {
  const env: Record<string, string> = {
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    LOCALAPPDATA: home,
    DENO_DIR: join(home, 'deno'),
    DENO_NO_UPDATE_CHECK: '1',
    npm_config_update_notifier: 'false',
  }
  for (const name of ['PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP']) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return env
}

// --- internal ---

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-6).join(' | ').slice(-500)
}
