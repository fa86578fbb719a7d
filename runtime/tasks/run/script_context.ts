/** The argument of a script's `run`. Words for people go to standard error. */
import { RefusedError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import type { Log, ScriptContext } from '../../script/define.ts'
import { createShell } from '../../script/shell.ts'
import { startCommand } from '../arguments/start_command.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import { settingsFor } from '../history/history_folder.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Session } from './session.ts'

type Terminal = Pick<Host, 'stderr' | 'stdin'>

export function contextFor(
  session: Session,
  args: Record<string, unknown>,
  flags: ToolFlags,
  { signal, force }: Pick<Lifecycle, 'signal' | 'force'>,
  { log, progress }: Pick<ScriptContext<unknown>, 'log' | 'progress'>,
): ScriptContext<never> {
  const { host, wfg } = session
  let shell: ScriptContext<unknown>['$'] | undefined
  return {
    args: args as never,
    wfg,
    token: { get: async () => (await session.connect(undefined)).token.get({ signal }) },
    async server() {
      const { config } = await session.connect(undefined)
      const { profile, graphqlUrl, webUrl } = config
      return { profile, url: graphqlUrl.href, webUrl, dryRun: flags.dryRun || config.dryRun }
    },
    log,
    progress,
    confirm: (question) => confirm(host, flags, question, signal),
    command: startCommand(host),
    signal,
    get $() {
      shell ??= createShell(host, { signal, force, chosen: shellSetting(session, flags) })
      return shell
    },
  }
}

/** The setting WFG_SHELL. */
function shellSetting({ host, directory }: Session, { profile }: ToolFlags): string | undefined {
  return settingsFor(host, directory, profile).settings['WFG_SHELL']?.value.trim()
}

export function createLog(host: Terminal, flags: ToolFlags): Log {
  const write = (text: string): void => {
    void host.stderr.write(`${text}\n`)
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

/**
 * Asks a question on a terminal. `--yes` answers it.
 *
 * @throws {RefusedError} `WFG_REFUSED` if nobody can answer
 */
export async function confirm(
  host: Terminal,
  flags: ToolFlags,
  question: string,
  signal?: AbortSignal,
): Promise<boolean> {
  if (flags.yes) return true
  const answer = await ask(host, `${question} [y/N] `, signal)
  if (answer === undefined) {
    throw new RefusedError(
      `Refused to go on: nobody is there to answer ${JSON.stringify(question)}. Run it with --yes to answer yes.`,
    )
  }
  return /^y(es)?$/i.test(answer)
}

/** Returns the line that a person types; undefined without a terminal. Rejects when the signal aborts. */
export async function ask(host: Terminal, prompt: string, signal?: AbortSignal): Promise<string | undefined> {
  if (!host.stdin.isTTY || !host.stderr.isTTY) return undefined
  await host.stderr.write(prompt)
  return (await host.stdin.readLine(signal))?.trim()
}
