/** The server's schema: pulls it into the repository, checks the scripts against it, and compares two of them. */
import { UsageError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'
import { USAGES } from '../usages.ts'

export async function run(call: CommandCall): Promise<void> {
  const [name, ...args] = call.args
  const action = Object.hasOwn(ACTIONS, name ?? '') ? ACTIONS[name as keyof typeof ACTIONS] : undefined
  if (action) return action({ ...call, args })
  const meant = name === undefined ? undefined : nearest(name, Object.keys(ACTIONS))
  const found = name === undefined ? 'it was not said what to do' : `it has no ${JSON.stringify(name)}`
  const hint = meant === undefined ? ';' : `; did you mean ${meant}?`
  throw new UsageError(`Cannot run the command schema: ${found}${hint} expected ${USAGES.schema.usage}.`)
}

// --- internal ---

const ACTIONS = {
  async check(call: CommandCall): Promise<void> {
    const { values, positionals } = commandArguments('schema', call.args, {
      against: { type: 'string' },
      json: { type: 'boolean' },
    })
    if (positionals.length > 0) {
      throw new UsageError(`Cannot check that: check takes no names; expected ${USAGES.schema.usage}.`)
    }
    call.lifecycle.subject = 'The check'
    const { checkScripts } = await import('../../server_schema/check.ts')
    await checkScripts(call, values['against'] as string | undefined, isJson(call, values))
  },

  async diff(call: CommandCall): Promise<void> {
    const { values, positionals } = commandArguments('schema', call.args, { json: { type: 'boolean' } })
    const [a, b, ...more] = positionals
    if (a === undefined || b === undefined || more.length > 0) {
      throw new UsageError(
        `Cannot compare schemas: ${positionals.length === 1 ? '1 was' : `${positionals.length} were`} named; expected two, ` +
          `each a file, an address, or a profile whose schema was pulled: ${USAGES.schema.usage}.`,
      )
    }
    call.lifecycle.subject = 'The comparison'
    const { showChanges } = await import('../../server_schema/diff.ts')
    await showChanges(call, a, b, isJson(call, values))
  },

  async pull(call: CommandCall): Promise<void> {
    const { positionals } = commandArguments('schema', call.args, {})
    if (positionals.length > 0) {
      throw new UsageError('Cannot pull the schema: pull takes no names; expected schema pull [--profile P].')
    }
    call.lifecycle.subject = 'The pull'
    const { pullSchema } = await import('../../server_schema/pull.ts')
    await pullSchema(call)
  },
}

function isJson({ flags }: CommandCall, values: Readonly<Record<string, unknown>>): boolean {
  return values['json'] === true || flags.format === 'json'
}
