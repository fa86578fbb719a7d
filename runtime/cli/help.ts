import { UsageError } from '../errors.ts'
import { renderUsage } from '../tasks/help.ts'
import { showHelp } from '../tasks/script_help.ts'
import { commands } from './commands.ts'
import type { CommandCall } from './main.ts'
import { findTarget } from './run.ts'

/** Help of the tool, of a command, or of one task or script file. */
export async function run({ host, registry, args, loadSession }: CommandCall): Promise<void> {
  const [name, ...more] = args
  if (more.length > 0) throw new UsageError('Cannot show that help: expected help [<task or command>].')
  if (name === undefined) {
    await host.stdout.write(renderUsage({ commands: Object.values(commands), columns: host.stdout.columns }))
    return
  }
  if (Object.hasOwn(commands, name)) {
    const { usage, summary } = commands[name as keyof typeof commands]
    await host.stdout.write(
      `Usage\n  npx tsx tasks.ts ${usage}\n\n${summary.charAt(0).toUpperCase()}${summary.slice(1)}.\n`,
    )
    return
  }
  const target = findTarget(host.cwd(), registry, name)
  // What the script imports belongs to this session, also where nothing of it runs.
  await loadSession()
  await showHelp(
    host,
    'task' in target
      ? { task: target.task, name: target.task.name, file: target.task.script }
      : { task: undefined, name: `run ${name}`, file: target.file },
  )
}
