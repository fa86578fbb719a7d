import { runsInCi } from '../host/cache_folder.mjs'
import { canAsk, createPrompts } from '../host/prompts.ts'
import { listRows } from '../tasks/registry/list.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'

/** Lets a person search the list of tasks. Undefined without a terminal or without tasks. */
export async function pickTask({ host, registry, flags, lifecycle }: CommandCall): Promise<string | undefined> {
  if (!canAsk(host) || !host.stdout.isTTY || runsInCi(host.env)) return undefined
  const rows = listRows(registry)
  if (rows.length === 0) return undefined
  const prompts = createPrompts(host, { signal: lifecycle.signal, noColor: flags.noColor ?? false })
  return prompts.search({
    message: 'Which task? Type part of its name',
    choices: rows.map(({ name, summary, group }) => ({
      value: name,
      label: group === null ? name : `${name} (${group})`,
      hint: summary ?? undefined,
    })),
  })
}
