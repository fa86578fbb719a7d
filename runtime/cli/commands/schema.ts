/** The server's schema: pulled into the repository, what the scripts ask checked against it, and two of them compared. */
import { UsageError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { commands } from '../commands.ts'
import type { CommandCall } from '../main.ts'

export async function run(call: CommandCall): Promise<void> {
  const [name, ...args] = call.args
  const action = Object.hasOwn(ACTIONS, name ?? '') ? ACTIONS[name as keyof typeof ACTIONS] : undefined
  if (action) return (await action()).run({ ...call, args })
  const meant = name === undefined ? undefined : nearest(name, Object.keys(ACTIONS))
  const found = name === undefined ? 'it was not said what to do' : `it has no ${JSON.stringify(name)}`
  const hint = meant === undefined ? ';' : `; did you mean ${meant}?`
  throw new UsageError(`Cannot run the command schema: ${found}${hint} expected ${commands.schema.usage}.`)
}

// --- internal ---

const ACTIONS = {
  check: () => import('../../server_schema/check.ts'),
  diff: () => import('../../server_schema/diff.ts'),
  pull: () => import('../../server_schema/pull.ts'),
} satisfies Record<string, () => Promise<{ run(call: CommandCall): Promise<void> }>>
