import { UsageError } from '../../core/errors.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { runTarget } from '../../tasks/run/run.ts'
import { findTarget } from '../../tasks/run/target.ts'
import { RESERVED_NAMES } from '../usages.ts'

/** Runs a task by its name, or a script by its file. A registered file runs as its task. */
export async function run(call: CommandCall): Promise<void> {
  const { host, registry, args, flags } = call
  const isPicked = args.length === 0
  const [given, ...argv] = args
  const name = given ?? (await (await import('../pick_task.ts')).pickTask(call))
  if (name === undefined)
    throw new UsageError('Cannot run: no task and no file was given; expected run <task or file> [flags].')
  if (flags.help) return (await import('./help.ts')).run({ ...call, args: [name] })
  const target = findTarget(host, registry, name, RESERVED_NAMES)
  await runTarget(call, target, { name, argv, isPicked })
}
