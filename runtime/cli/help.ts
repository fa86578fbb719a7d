import { UsageError } from '../errors.ts'
import { renderHelp, renderUsage } from '../tasks/help.ts'
import { readParameters } from '../tasks/schema.ts'
import { importScript, readScriptFile } from '../tasks/script_file.ts'
import { readSummary } from '../tasks/summary.ts'
import { commands } from './commands.ts'
import type { CommandCall } from './main.ts'
import { findTarget } from './run.ts'

/** Help of the tool, or of one task. A plain file is not imported for it: importing would run it. */
export async function run({ host, registry, args, loadSession }: CommandCall): Promise<void> {
  const [name, ...more] = args
  if (more.length > 0) throw new UsageError('Cannot show that help: expected help [<task>].')
  const { columns } = host.stdout
  if (name === undefined) {
    await host.stdout.write(renderUsage({ commands: Object.values(commands), columns }))
    return
  }
  const target = findTarget(host.cwd(), registry, name)
  const task = 'task' in target ? target.task : undefined
  const path = 'task' in target ? target.task.script : target.file
  const common = {
    name: task?.name ?? `run ${name}`,
    summary: task?.description ?? (path === undefined ? '' : readSummary(path).summary),
    access: task?.access ?? ('write' as const),
    needs: task?.needs ?? [],
    columns,
  }
  const file = path === undefined ? undefined : readScriptFile(path)
  if (!file?.defines) {
    await host.stdout.write(renderHelp({ ...common, parameters: [] }))
    return
  }
  await loadSession()
  const restore = host.redirectConsole()
  try {
    const script = await importScript(file)
    const parameters = readParameters(script?.args, script?.positionals)
    const examples = script?.examples ? { examples: script.examples } : {}
    await host.stdout.write(renderHelp({ ...common, parameters, ...examples }))
  } finally {
    restore()
  }
}
