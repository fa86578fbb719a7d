/** Creates the argument of a script's `run`. */
import type { ScriptContext } from '../../script/define.ts'
import { createShell } from '../../script/shell.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import { confirm } from './context.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Session } from './session.ts'

type Shell = ScriptContext<unknown>['$']

export function contextFor(
  session: Session,
  args: Record<string, unknown>,
  flags: ToolFlags,
  { signal, force }: Lifecycle,
  log: ScriptContext<unknown>['log'],
  progress: ScriptContext<unknown>['progress'],
): ScriptContext<never> {
  const { host, wfg } = session
  let shell: Shell | undefined
  return {
    args: args as never,
    wfg,
    token: { get: async () => (await session.connect(undefined)).token.get({ signal }) },
    async server() {
      const { config } = await session.connect(undefined)
      return { profile: config.profile, url: config.graphqlUrl.href, dryRun: flags.dryRun || config.dryRun }
    },
    log,
    progress,
    confirm: (question) => confirm(host, flags, question, signal),
    signal,
    get $() {
      if (!shell) shell = createShell(host, { signal, force })
      return shell
    },
  }
}
