/** A command that is still running, for signals and for what it serves meanwhile. */
import { spawn } from 'node:child_process'
import { clearTimeout, setTimeout } from 'node:timers'
import { type CliResult, environment } from '../_cli.ts'
import { PATIENCE } from '../_not_run.ts'
import { startOf } from '../_runtime.ts'

export interface Running {
  /** Resolves when either output matches. */
  shows(pattern: RegExp): Promise<void>
  readonly stdout: string
  readonly stderr: string
  signal(name: NodeJS.Signals): void
  /** What it ended with. */
  readonly ended: Promise<CliResult>
}

/**
 * Starts `entry`; ends it by force after `limitMs`, and then `ended` rejects.
 *
 * @param options `home`: an empty folder that the test removes; `flags`: of the runtime
 */
export function running(
  entry: string,
  args: readonly string[],
  options: { cwd: string; home: string; env?: Record<string, string>; limitMs?: number; flags?: readonly string[] },
): Running {
  const { cwd, home, env, flags = [] } = options
  const limitMs = (options.limitMs ?? 30_000) * PATIENCE
  const [program, ...start] = startOf(entry, cwd)
  const child = spawn(program!, [...flags, ...start, ...args], { cwd, env: { ...environment(home), ...env } })
  const output = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      for (const look of waiting) look()
    })
  }
  child.stdin.end()
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, limitMs)
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => {
      clearTimeout(timer)
      if (late) reject(new Error(`It did not end within ${limitMs} ms\n${output.stdout}${output.stderr}`))
      else resolve({ status, signal, ...output })
    })
  })
  return {
    ended,
    get stdout() {
      return output.stdout
    },
    get stderr() {
      return output.stderr
    },
    // Deno's `child.kill` would make it look as if the signal had ended the process, whatever that does with it.
    signal: (name) => process.kill(child.pid!, name),
    async shows(pattern) {
      const shown = new Promise<void>((resolve) => {
        const look = () => {
          if (!pattern.test(output.stdout) && !pattern.test(output.stderr)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      })
      const end = ended.then(({ stdout, stderr }) => {
        if (!pattern.test(stdout) && !pattern.test(stderr)) {
          throw new Error(`It ended and never showed ${pattern}\n${stdout}${stderr}`)
        }
      })
      await Promise.race([shown, end])
    },
  }
}
