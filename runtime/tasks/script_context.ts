/** What a script's `run` is given. */

import { confirm } from './context.ts'
import type { ScriptContext } from './define.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Session } from './session.ts'
import { createShell } from './shell.ts'
import type { ToolFlags } from './tool_flags.ts'

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
