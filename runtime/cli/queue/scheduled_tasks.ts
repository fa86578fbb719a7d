import type { CommandCall } from '../main.ts'
import { newJob } from './job.ts'
import { profileOfJob } from './profile_of_job.ts'
import type { ScheduledTask } from './scheduler.ts'

/**
 * The tasks that run by themselves, each tried once: what is wrong with its arguments must not wait for its time.
 *
 * @throws {UsageError} for arguments that a script does not take
 * @throws {RefusedError} for a task that can write with a protected profile that `--confirm` does not name
 */
export async function scheduledTasks({ host, registry, flags }: CommandCall): Promise<ScheduledTask[]> {
  const profile = profileOfJob(host, registry.directory, flags.profile)
  const found: ScheduledTask[] = []
  for (const task of registry.tasks.values()) {
    const { schedule } = task
    if (!schedule) continue
    const request = {
      args: schedule.args,
      profile,
      confirm: flags.confirm,
      yes: false,
      user: host.userName() ?? String(host.userId() ?? ''),
    }
    const subject = `Cannot schedule ${JSON.stringify(task.name)}`
    const each = { task, schedule, newJob: () => newJob(host, registry, task, request, subject) }
    await each.newJob()
    found.push(each)
  }
  return found
}
