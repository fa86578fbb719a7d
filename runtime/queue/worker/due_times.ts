/** Finds which times of a schedule are due. */
import type { Schedule } from '../../tasks/registry/entry.ts'
import { cronOf } from '../../tasks/registry/next_time.ts'
import { fixedId } from './fixed_id.ts'

/** A time that a worker sees at most this late is not missed: the worker was only busy. */
export const LATE_MS = 60_000

export interface Due {
  /** Each becomes one job; oldest first. */
  readonly times: readonly Date[]
  /** All times up to this one are handled. */
  readonly handled: Date
}

/**
 * Returns the times after `last`, up to and including now. Missed times are skipped; with `missed: 'once'` all due times
 * become one job, of the latest time.
 *
 * If `last` is in the future, a clock was wrong. Then the schedule starts anew from now. A time that is due twice because of
 * that is still one job, by its id.
 *
 * @param last all times up to it are handled; undefined for a new schedule, of which nothing is due
 * @returns undefined if there is nothing to handle
 */
export function dueTimes(schedule: Schedule, last: Date | undefined, now: Date): Due | undefined {
  if (last === undefined) return { times: [], handled: now }
  if (last.getTime() > now.getTime() + LATE_MS) return { times: [], handled: now }
  const cron = cronOf(schedule)
  const latest = cron.previousRuns(1, new Date(now.getTime() + 1000 - (now.getTime() % 1000)))[0]
  if (latest === undefined || latest <= last) return undefined
  if (schedule.missed === 'once') return { times: [latest], handled: latest }
  const times: Date[] = []
  const from = new Date(Math.max(last.getTime(), now.getTime() - LATE_MS - 1))
  for (let time = cron.nextRun(from); time && time <= now; time = cron.nextRun(time)) times.push(time)
  return { times, handled: latest }
}

/** Returns the same id on every worker, so that the job of a time exists once. */
export function cronJobId(task: string, time: Date): string {
  return fixedId(`wfg schedule\n${task}\n${time.toISOString()}`)
}
