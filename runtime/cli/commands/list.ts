import { listRows, renderList, unregisteredScripts, withTimes } from '../../tasks/registry/list.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'

/** Lists the tasks. Only the first lines of each script are read. */
export async function run({ host, registry, args, flags }: CommandCall): Promise<void> {
  const { values } = commandArguments('list', args, { json: { type: 'boolean' }, group: { type: 'string' } }, 0)
  const listed = listRows(registry, { group: values['group'] as string | undefined })
  const rows = await withTimes(listed, host.nowMs())
  if (values['json'] || flags.format === 'json') {
    const shown = rows.map(({ problem, scheduled, ...row }) => row)
    await host.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
    return
  }
  const unregistered = values['group'] === undefined ? unregisteredScripts(registry) : []
  const color = host.stdout.isTTY && !flags.noColor && !host.env['NO_COLOR']
  const text = renderList(rows, { columns: host.stdout.columns, color, unregistered })
  await (color ? host.stdout.writeAsIs(host.redactor.text(text)) : host.stdout.write(text))
  if (!host.stdout.isTTY || flags.quiet) return
  const { startCommand } = await import('../../tasks/arguments/start_command.ts')
  await host.stderr.write(hint(startCommand(host)))
}

// --- internal ---

function hint(start: string): string {
  return `\n\`${start} <task>\` runs one, \`${start} help <task>\` explains it, and \`${start} help\` shows the commands.\n`
}
