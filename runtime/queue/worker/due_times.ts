/** Which times of a schedule are due. */
import { createHash } from 'node:crypto'
import { Cron } from 'croner'
import type { Schedule } from '../../tasks/registry/entry.ts'

/** A time that a worker sees no later than this is not missed: it was there, and busy for a moment. */
export const LATE_MS = 60_000

export interface Due {
  /** For each of them one job, oldest first. */
  readonly times: readonly Date[]
  /** Everything up to this time is decided. */
  readonly handled: Date
}

/**
 * What became due after `last`, up to and including now. Of times that were missed nothing is done, or with
 * `missed: 'once'` all that is due becomes one job, of the latest time.
 *
 * Where `last` is of a time to come, a clock was wrong, and now it is right: to wait until then could take years. What is
 * due twice because of that becomes one job all the same, by its id.
 *
 * @param last everything up to it is decided; undefined where the schedule is new, which makes nothing due
 * @returns undefined where nothing has to be decided
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

/** The first time after `now`; undefined where there is none within croner's reach. */
export function nextTime(schedule: Schedule, now: Date): Date | undefined {
  return cronOf(schedule).nextRun(now) ?? undefined
}

/** The same for every worker, so that the job of a time exists once, whoever queues it. */
export function cronJobId(task: string, time: Date): string {
  const hex = createHash('sha256').update(`wfg schedule\n${task}\n${time.toISOString()}`).digest('hex')
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

// --- internal ---

/**
 * When clocks go forward, a time of the day that is left out is run at the end of the gap. When they go back, hours that
 * are written out are run once, and with `*` or a step the task goes on at its pace.
 */
function cronOf({ cron, tz = 'UTC' }: Schedule): Cron {
  return new Cron(cron, { mode: '5-part', timezone: tz, paused: true, fixedTimeRule: 'no-wildcard' })
}
