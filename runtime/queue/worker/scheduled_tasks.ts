import { checkScheduleArguments, forEachSchedule } from '../../tasks/registry/schedule_arguments.ts'
import { outAt } from '../../tasks/registry/schedule_out.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { newJob, profileOfJob } from '../job.ts'
import type { TaskFiles } from '../task_files.ts'
import type { ScheduledTask } from './scheduler.ts'

/**
 * Returns the tasks with a schedule. Checks each now, so that mistakes in its arguments are reported at the start.
 *
 * @throws {UsageError} for arguments that a script does not take
 * @throws {RefusedError} for a task that can write with a protected profile that `--confirm` does not name
 */
export async function scheduledTasks(
  { host, registry, flags }: CommandCall,
  files: TaskFiles,
): Promise<ScheduledTask[]> {
  const profile = profileOfJob(host, registry.directory, flags.profile)
  const user = host.userName() ?? String(host.userId() ?? '')
  return forEachSchedule(registry, 'Cannot run the schedule', async (task, schedule) => {
    await checkScheduleArguments(host, task, schedule)
    const request = { args: schedule.args, profile, confirm: flags.confirm, yes: false, user, files }
    const subject = `Cannot schedule ${JSON.stringify(task.name)}`
    const jobAt = (time: Date) => {
      const out = schedule.out === undefined ? undefined : outAt(schedule, time)
      return newJob(host, registry, task, { ...request, out }, subject)
    }
    await jobAt(new Date(host.nowMs()))
    return { task, schedule, newJob: jobAt }
  })
}
