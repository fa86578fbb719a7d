import { UsageError } from '../../core/errors.ts'
import { listRows, renderList, unregisteredScripts } from '../../tasks/registry/list.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'

/** Lists the tasks; of the scripts nothing but their first lines is read. */
export async function run({ host, registry, args, flags }: CommandCall): Promise<void> {
  const { values, positionals } = commandArguments('list', args, {
    json: { type: 'boolean' },
    group: { type: 'string' },
  })
  if (positionals.length > 0)
    throw new UsageError('Cannot list that: list takes no names; expected list [--json] [--group G].')
  const rows = listRows(registry, { group: values['group'] as string | undefined })
  if (values['json'] || flags.format === 'json') {
    await host.stdout.write(
      `${JSON.stringify(
        rows.map(({ problem, ...row }) => row),
        null,
        2,
      )}\n`,
    )
    return
  }
  const unregistered = values['group'] === undefined ? unregisteredScripts(registry) : []
  const color = hasColor(host, flags.noColor)
  const text = renderList(rows, { columns: host.stdout.columns, color, unregistered })
  await (color ? host.stdout.writeAsIs(host.redactor.text(text)) : host.stdout.write(text))
}

// --- internal ---

function hasColor({ stdout, env }: Pick<CommandCall['host'], 'stdout' | 'env'>, noColor = false): boolean {
  return stdout.isTTY && !noColor && !env['NO_COLOR']
}
