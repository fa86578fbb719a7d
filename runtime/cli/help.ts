import { UsageError } from '../errors.ts'
import { renderUsage } from '../tasks/help.ts'
import { showHelp } from '../tasks/script_help.ts'
import { startCommand } from '../tasks/start_command.ts'
import { commands } from './commands.ts'
import type { CommandCall } from './main.ts'
import { findTarget } from './run.ts'

/** Help of the tool, of a command, or of one task or script file. */
export async function run({ host, registry, args, loadSession }: CommandCall): Promise<void> {
  const [name, ...more] = args
  if (more.length > 0) throw new UsageError('Cannot show that help: expected help [<task>].')
  if (name === undefined) {
    const given = { commands: Object.values(commands), tool: startCommand(host), columns: host.stdout.columns }
    await host.stdout.write(renderUsage(given))
    return
  }
  if (Object.hasOwn(commands, name)) {
    const { usage, summary } = commands[name as keyof typeof commands]
    await host.stdout.write(
      `Usage\n  ${startCommand(host)} ${usage}\n\n${summary.charAt(0).toUpperCase()}${summary.slice(1)}.\n`,
    )
    return
  }
  const target = findTarget(host, registry, name)
  // What the script imports belongs to this session, also where nothing of it runs.
  await loadSession()
  await showHelp(
    host,
    'task' in target
      ? { task: target.task, name: target.task.name, file: target.task.script }
      : { task: undefined, name: `run ${name}`, file: target.file },
  )
}
