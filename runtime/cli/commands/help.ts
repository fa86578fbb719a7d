import { UsageError } from '../../core/errors.ts'
import { indent } from '../../core/wrap.ts'
import { renderUsage } from '../../tasks/arguments/help.ts'
import { showHelp, showSchema } from '../../tasks/arguments/script_help.ts'
import { startCommand } from '../../tasks/arguments/start_command.ts'
import { grantsOfRun } from '../../tasks/registry/grants.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { findTarget } from '../../tasks/run/target.ts'
import { commandArguments } from '../command_arguments.ts'
import { guideNames, readGuide } from '../guide.ts'
import { type CommandName, RESERVED_NAMES, USAGES, type Usage } from '../usages.ts'

/** Shows the help of the tool, a command, a task or a script file. */
export async function run({ host, registry, args, flags, loadSession }: CommandCall): Promise<void> {
  const { values, positionals } = commandArguments('help', args, { json: { type: 'boolean' } }, 1)
  const [name] = positionals
  if (values['json'] && (name === undefined || Object.hasOwn(USAGES, name))) {
    throw new UsageError('Cannot show this help as JSON: only a task has a schema; expected help <task> --json.')
  }
  if (name === undefined) {
    const given = { commands: Object.values(USAGES), tool: startCommand(host), columns: host.stdout.columns }
    const guides = indent(
      guideNames()
        .map((guide) => `help ${guide}`)
        .join(', '),
      2,
      host.stdout.columns ?? 80,
    )
    await host.stdout.write(`${renderUsage(given)}\nGuides\n${guides.join('\n')}\n`)
    return
  }
  if (Object.hasOwn(USAGES, name)) {
    const { usage, summary, details = [] }: Usage = USAGES[name as CommandName]
    const more = details.map((text) => `\n${indent(text, 0, host.stdout.columns ?? 80).join('\n')}\n`).join('')
    await host.stdout.write(
      `Usage\n  ${startCommand(host)} ${usage}\n\n${summary.charAt(0).toUpperCase()}${summary.slice(1)}.\n${more}`,
    )
    return
  }
  if (!registry.find(name) && guideNames().includes(name)) {
    await host.stdout.write(readGuide(name, host.stdout.columns))
    return
  }
  const target = findTarget(host, registry, name, RESERVED_NAMES)
  // The imports of the script need a session, even if nothing runs.
  await loadSession()
  const task = 'task' in target ? target.task : undefined
  const isolated = grantsOfRun(task?.isolated, flags, registry.directory)
  const subject =
    'task' in target
      ? { task, isolated, name: target.task.name, file: target.task.script }
      : { task, isolated, name: `run ${name}`, file: target.file }
  await (values['json'] ? showSchema : showHelp)(host, subject)
}
