/** Checks the arguments of the schedules in `tasks.ts` against their scripts. */
import { UsageError } from '../../core/errors.ts'
import { refuseProblems } from '../../core/problems.ts'
import type { Host } from '../../host/host.ts'
import { readScriptFile } from '../../script/script_file.ts'
import type { Parameter } from '../arguments/schema.ts'
import { readScriptArguments } from '../arguments/script_help.ts'
import type { Schedule } from './entry.ts'
import type { Registry, Task } from './registry.ts'

/**
 * Calls `work` for every task with a schedule.
 *
 * @param title starts the message, such as `Cannot export the schedule`
 * @throws {UsageError} `WFG_USAGE` with the mistakes of all entries
 */
export async function forEachSchedule<Result>(
  registry: Registry,
  title: string,
  work: (task: Task, schedule: Schedule) => Promise<Result>,
): Promise<Result[]> {
  const problems: string[] = []
  const results: Result[] = []
  for (const task of registry.tasks.values()) {
    if (!task.schedule) continue
    try {
      results.push(await work(task, task.schedule))
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      problems.push(`${JSON.stringify(task.name)}: ${error.message}`)
    }
  }
  refuseProblems(title, problems)
  return results
}

export interface ScheduleArguments {
  readonly parameters: readonly Parameter[]
  /** As `tasks.ts` gives them. */
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * Checks the arguments of a schedule as a run would, and that there is a result for its `out`.
 *
 * @throws {UsageError} with a message that follows the task's name
 */
export async function checkScheduleArguments(
  host: Pick<Host, 'cwd' | 'redactor' | 'redirectConsole' | 'stdin'>,
  task: Task,
  { args, out }: Pick<Schedule, 'args' | 'out'>,
): Promise<ScheduleArguments> {
  const file = task.script === undefined ? undefined : readScriptFile(task.script)
  if (!file?.defines) {
    if (file && out !== undefined)
      throw new UsageError('its schedule has "out", but its script is a plain file, which has no result')
    if (file && args !== undefined)
      throw new UsageError('its schedule has "args", but its script is a plain file, which takes none by name')
    return { parameters: [], values: {} }
  }
  const { parameters, given } = await readScriptArguments(host, file.path, task, { argv: [], args: args ?? {} })
  const secret = parameters.find(({ key, secret }) => secret && Object.hasOwn(given.values, key))
  if (secret) throw new UsageError(`its schedule gives --${secret.flag}, which is a secret and would be written down`)
  return { parameters, values: given.values }
}
