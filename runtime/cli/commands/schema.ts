/** Shows and pulls the server's schema, checks the scripts against it, and compares two schemas. */
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
  const found = name === undefined ? 'no action was given' : `unknown action ${JSON.stringify(name)}`
  const hint = meant === undefined ? ';' : `; did you mean ${meant}?`
  throw new UsageError(`Cannot run the command schema: ${found}${hint} expected ${USAGES.schema.usage}.`)
}

// --- internal ---

const ACTIONS = {
  async check(call: CommandCall): Promise<void> {
    const options = { against: { type: 'string' }, json: { type: 'boolean' } } as const
    const { values } = commandArguments('schema', call.args, options, 0)
    call.lifecycle.subject = 'The check'
    const { checkScripts } = await import('../../server_schema/check.ts')
    await checkScripts(call, values['against'] as string | undefined, isJson(call, values))
  },

  async diff(call: CommandCall): Promise<void> {
    const { values, positionals } = commandArguments('schema', call.args, { json: { type: 'boolean' } })
    const [a, b, ...more] = positionals
    if (a === undefined || b === undefined || more.length > 0) {
      throw new UsageError(
        `Cannot compare schemas: ${positionals.length === 1 ? '1 was' : `${positionals.length} were`} given; expected two, ` +
          `each a file, an address, or a profile whose schema was pulled: ${USAGES.schema.usage}.`,
      )
    }
    call.lifecycle.subject = 'The comparison'
    const { showChanges } = await import('../../server_schema/diff.ts')
    await showChanges(call, a, b, isJson(call, values))
  },

  async pull(call: CommandCall): Promise<void> {
    commandArguments('schema', call.args, {}, 0)
    call.lifecycle.subject = 'The pull'
    const { pullSchema } = await import('../../server_schema/pull.ts')
    await pullSchema(call)
  },

  async show(call: CommandCall): Promise<void> {
    const options = { search: { type: 'string' }, json: { type: 'boolean' } } as const
    const { values, positionals } = commandArguments('schema', call.args, options, 1)
    call.lifecycle.subject = 'The command schema show'
    const { showSchema } = await import('../../server_schema/show.ts')
    await showSchema(call, positionals[0], values['search'] as string | undefined, isJson(call, values))
  },
}

function isJson({ flags }: CommandCall, values: Readonly<Record<string, unknown>>): boolean {
  return values['json'] === true || flags.format === 'json'
}
