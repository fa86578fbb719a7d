/** What `run` is given besides its arguments and the client: words for people, on standard error. */
import { RefusedError } from '../errors.ts'
import type { Host } from '../host.ts'
import type { Log } from './define.ts'
import type { ToolFlags } from './tool_flags.ts'

type Terminal = Pick<Host, 'stderr' | 'stdin' | 'redactor' | 'nowMs'>

export function createLog(host: Terminal, flags: ToolFlags): Log {
  const write = (text: string): void => {
    void host.stderr.write(host.redactor.text(`${text}\n`))
  }
  const log = (message: string): void => {
    if (!flags.quiet) write(message)
  }
  return Object.assign(log, {
    warn: (message: string) => {
      if (!flags.quiet) write(`warning: ${message}`)
    },
    debug: (message: string) => {
      if (flags.verbose) write(message)
    },
  })
}

/** On a terminal one line that is written over; elsewhere a line a minute. */
const REDRAW_MS = 100
const LINE_MS = 60_000

export interface Progress {
  show(done: number, total?: number): void
  /** Leaves the last state on a line of its own. */
  end(): void
}

export function createProgress(host: Terminal, flags: ToolFlags): Progress {
  const onTerminal = host.stderr.isTTY
  let shownAtMs = host.nowMs()
  let open = false
  return {
    show(done, total) {
      if (flags.quiet) return
      const complete = total !== undefined && done >= total
      const nowMs = host.nowMs()
      if (!complete && nowMs - shownAtMs < (onTerminal ? REDRAW_MS : LINE_MS)) return
      shownAtMs = nowMs
      const text = total === undefined ? String(done) : `${done} of ${total}`
      void host.stderr.write(onTerminal ? `\r\u001b[K${text}` : `${text}\n`)
      open = onTerminal
    },
    end() {
      if (open) void host.stderr.write('\n')
      open = false
    },
  }
}

/**
 * Asks on a terminal; `--yes` answers.
 *
 * @throws {RefusedError} `WFG_REFUSED` when nobody is there
 */
export async function confirm(host: Terminal, flags: ToolFlags, question: string): Promise<boolean> {
  if (flags.yes) return true
  const answer = await ask(host, `${question} [y/N] `)
  if (answer === undefined) {
    throw new RefusedError(
      `Refused to go on: nobody is there to answer ${JSON.stringify(question)}. Run it with --yes to answer yes.`,
    )
  }
  return /^y(es)?$/i.test(answer)
}

/** The line that a person types; undefined where there is no terminal to ask on. */
export async function ask(host: Terminal, prompt: string): Promise<string | undefined> {
  if (!host.stdin.isTTY || !host.stderr.isTTY) return undefined
  await host.stderr.write(prompt)
  return (await host.stdin.readLine())?.trim()
}
