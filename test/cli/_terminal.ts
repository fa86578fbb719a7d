/** Runs the command on a pseudo terminal, as a person sits before it. */
import { spawn, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'
import { stripVTControlCharacters } from 'node:util'
import { temporaryFolder } from '../_cli.ts'
import { startOf } from '../_runtime.ts'

/** `script` makes the terminal; every Debian has util-linux, other systems have another `script` or none. */
export const HAS_TERMINAL =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false
export const NO_TERMINAL = 'the tests of the terminal need `script` of util-linux'

export interface TerminalOptions {
  /** What is typed once the new part of the screen matches, one after another. */
  answers?: readonly (readonly [shown: RegExp, typed: string])[]
  /** Default: an environment that has only `PATH`, `TERM` and an empty `HOME`. */
  env?: Record<string, string>
  columns?: number
  limitMs?: number
}

export interface TerminalResult {
  readonly status: number | null
  /** All that was shown, with its colours and movements. */
  readonly screen: string
  /** The same as plain text. */
  readonly text: string
  /** How many of the answers were typed. */
  readonly typed: number
}

export async function onTerminal(
  dir: string,
  args: readonly string[],
  { answers = [], env = {}, columns = 60, limitMs = 30_000 }: TerminalOptions = {},
): Promise<TerminalResult> {
  const home = temporaryFolder()
  const command = [...startOf(join(dir, 'tasks.ts'), dir), ...args].map((part) => `'${part}'`).join(' ')
  let screen = ''
  try {
    const child = spawn('script', ['-qec', `stty cols ${columns}; ${command}`, '/dev/null'], {
      cwd: dir,
      env: { PATH: process.env['PATH'], TERM: 'xterm', HOME: home, DENO_NO_UPDATE_CHECK: '1', ...env },
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
    let seen = 0
    let typed = 0
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      screen += chunk
      const [shown, keys] = answers[typed] ?? []
      if (!shown || keys === undefined || !shown.test(stripVTControlCharacters(screen.slice(seen)))) return
      seen = screen.length
      typed++
      child.stdin.write(keys)
    })
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
    clearTimeout(timer)
    screen = screen.replaceAll('\r\n', '\n')
    return { status, screen, text: stripVTControlCharacters(screen), typed }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
