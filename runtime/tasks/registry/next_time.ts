/** When a schedule runs next. */
import { Cron } from 'croner'
import { timeText } from '../../core/time_text.ts'
import type { Schedule } from './entry.ts'

/**
 * When clocks go forward, a skipped time runs at the end of the gap. When they go back, hours that are written out run once,
 * and `*` or a step goes on at its pace.
 */
export function cronOf({ cron, tz = 'UTC' }: Schedule): Cron {
  return new Cron(cron, { mode: '5-part', timezone: tz, paused: true, fixedTimeRule: 'no-wildcard' })
}

/** Returns the first time after `now`; undefined if croner finds none. */
export function nextTime(schedule: Schedule, now: Date): Date | undefined {
  return cronOf(schedule).nextRun(now) ?? undefined
}

/** Returns the schedule in its zone and the next time in local time, such as `0 2 * * * UTC, next 2026-11-29 03:00`. */
export function scheduleText(schedule: Schedule, nowMs: number): string {
  const next = nextTime(schedule, new Date(nowMs))
  const { cron, tz = 'UTC' } = schedule
  return `${cron} ${tz}${next ? `, next ${timeText(next, nowMs)}` : ''}`
}
