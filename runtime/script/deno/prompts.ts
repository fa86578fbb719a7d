/** `prompt`, `confirm` and `alert`, which Deno has as globals, for scripts written for Deno that run on Node. */
import { spawnSync } from 'node:child_process'
import type { Host } from '../../host/host.ts'

type PromptHost = Pick<Host, 'defineGlobal' | 'execPath' | 'exit' | 'stderr' | 'stdin'>

/**
 * Defines the three globals. As on Deno they wait for the answer, and without a terminal they return null, false and
 * undefined at once. The question goes to standard error, so that standard output carries the result alone.
 *
 * @returns a function that removes them
 */
export function providePrompts(host: PromptHost): () => void {
  const ask = (question: string): string | null => {
    if (!host.stdin.isTTY) return null
    void host.stderr.write(`${question} `)
    return readLine(host)
  }
  const globals = {
    prompt: (message = 'Prompt', usual = '') => {
      const answer = ask(usual === '' ? message : `${message} [${usual}]`)
      return answer === '' ? usual : answer
    },
    confirm: (message = 'Confirm') => /^y$/i.test(ask(`${message} [y/N]`) ?? ''),
    alert: (message = 'Alert') => void ask(`${message} [Enter]`),
  }
  const undo = Object.entries(globals).map(([name, value]) => host.defineGlobal(name, value))
  return () => {
    for (const each of undo) each()
  }
}

// --- internal ---

const READ_LINE =
  'const line = Buffer.alloc(65536); process.stdout.write(line.subarray(0, require("node:fs").readSync(0, line)))'

/**
 * Reads a line in a process of its own, because Ctrl-C cannot end a synchronous read of this one. Ctrl-C ends the run, as
 * on Deno. Null at the end of the input.
 */
function readLine({ execPath, exit }: PromptHost): string | null {
  const { stdout, status, signal } = spawnSync(execPath, ['-e', READ_LINE], {
    stdio: ['inherit', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  if (signal === 'SIGINT') return exit(130)
  return status === 0 && stdout !== '' ? stdout.replace(/\r?\n$/, '') : null
}
