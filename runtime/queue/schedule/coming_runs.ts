/** Finds what the schedules of `tasks.ts` run from now on, and which of these runs overlap. */
import { cronOf } from '../../tasks/registry/next_time.ts'
import type { Task } from '../../tasks/registry/registry.ts'

export interface ComingRun {
  /** ISO 8601, UTC. */
  readonly time: string
  readonly task: string
  /** IANA name of the zone of the schedule. */
  readonly zone: string
  /** Such as `2026-11-30 08:00`. */
  readonly zoneTime: string
  readonly localTime: string
  /** Tasks with a run that goes on when this one starts, or starts before this one is expected to end. */
  readonly overlaps: readonly string[]
}

export interface ComingOptions {
  readonly after: Date
  readonly until: Date
  /** How long a run of a task takes. If that is unknown, only a run with the same start overlaps it. */
  readonly durationsMs: ReadonlyMap<string, number>
  /** Default: the zone of this computer. */
  readonly localZone?: string
}

/** Returns the runs that a worker would queue, the earliest first. */
export function comingRuns(
  tasks: Iterable<Task>,
  { after, until, durationsMs, localZone }: ComingOptions,
): ComingRun[] {
  const scheduled = [...tasks].flatMap(({ name, schedule }) => {
    if (!schedule) return []
    const cron = cronOf(schedule)
    const timesMs: number[] = []
    for (let time = cron.nextRun(after); time && time < until; time = cron.nextRun(time)) timesMs.push(time.getTime())
    return { name, zone: schedule.tz ?? 'UTC', timesMs, durationMs: Math.max(1, durationsMs.get(name) ?? 0) }
  })
  const local = clockOf(localZone)
  const runs = scheduled.flatMap(({ name, zone, timesMs, durationMs }) => {
    const inZone = clockOf(zone)
    return timesMs.map((ms) => {
      const meets = (other: (typeof scheduled)[number]) =>
        other.timesMs
          .slice(firstAfter(other.timesMs, ms - other.durationMs), firstAfter(other.timesMs, ms + durationMs - 1))
          .some((otherMs) => other.name !== name || otherMs !== ms)
      const overlaps = scheduled.filter(meets).map((other) => other.name)
      return {
        time: new Date(ms).toISOString(),
        task: name,
        zone,
        zoneTime: inZone(ms),
        localTime: local(ms),
        overlaps,
      }
    })
  })
  return runs.sort((a, b) => Date.parse(a.time) - Date.parse(b.time))
}

// --- internal ---

function clockOf(timeZone: string | undefined): (ms: number) => string {
  // Swedish writes a time as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  return (ms) => format.format(ms)
}

/** Returns the index of the first time after `ms`. */
function firstAfter(timesMs: readonly number[], ms: number): number {
  let [low, high] = [0, timesMs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (timesMs[middle]! > ms) high = middle
    else low = middle + 1
  }
  return low
}
