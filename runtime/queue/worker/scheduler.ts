/** Queues the scheduled tasks of `tasks.ts`. Every worker does so, and each time becomes one job. */
import type { Host } from '../../host/host.ts'
import type { Schedule } from '../../tasks/registry/entry.ts'
import { nextTime } from '../../tasks/registry/next_time.ts'
import type { Task } from '../../tasks/registry/registry.ts'
import type { NewJob, Store } from '../store.ts'
import { cronJobId, dueTimes } from './due_times.ts'

export interface ScheduledTask {
  readonly task: Task
  readonly schedule: Schedule
  /** Makes the job of a time, with the current files. @throws {UsageError} if the task can no longer be queued */
  newJob(time: Date): Promise<NewJob>
}

export interface Scheduler {
  /** Call it about every second. Returns the jobs that it queued. Tries all tasks, and then throws the first error. */
  tick(): Promise<readonly NewJob[]>
  /** Returns what runs next; undefined if nothing is scheduled. */
  next(): { readonly task: string; readonly time: Date } | undefined
}

export function createScheduler(
  { nowMs }: Pick<Host, 'nowMs'>,
  store: Pick<Store, 'enqueue' | 'lastCronTime' | 'lock' | 'setCronTime'>,
  scheduled: readonly ScheduledTask[],
): Scheduler {
  const watched = scheduled.map((each) => ({ ...each, nextMs: 0, seenMs: 0 }))
  const queue = async (each: (typeof watched)[number]): Promise<NewJob[]> => {
    const name = each.task.name
    // Without the lock, workers with other files would each queue a job.
    const release = await store.lock(`schedule:${name}`)
    if (!release) return []
    try {
      const due = dueTimes(each.schedule, await store.lastCronTime(name), new Date(nowMs()))
      const queued: NewJob[] = []
      for (const time of due?.times ?? []) {
        const job = { ...(await each.newJob(time)), id: cronJobId(name, time) }
        if ((await store.enqueue(job)).isNew) queued.push(job)
      }
      if (due) await store.setCronTime(name, due.handled)
      each.nextMs = nextTime(each.schedule, new Date(nowMs()))?.getTime() ?? Number.POSITIVE_INFINITY
      return queued
    } finally {
      await release()
    }
  }
  return {
    async tick() {
      const queued: NewJob[] = []
      const failures: unknown[] = []
      for (const each of watched) {
        const now = nowMs()
        // If the clock was put back, `nextMs` is wrong.
        const isDue = now >= each.nextMs || now < each.seenMs
        each.seenMs = now
        // A task that cannot be queued does not hold up the others.
        if (isDue) {
          await queue(each).then(
            (jobs) => queued.push(...jobs),
            (error) => failures.push(error),
          )
        }
      }
      if (failures.length > 0) throw failures[0]
      return queued
    },
    next() {
      const now = new Date(nowMs())
      return watched
        .flatMap(({ task, schedule }) => {
          const time = nextTime(schedule, now)
          return time ? [{ task: task.name, time }] : []
        })
        .sort((a, b) => a.time.getTime() - b.time.getTime())[0]
    },
  }
}
