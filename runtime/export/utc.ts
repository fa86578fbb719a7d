/** Converts times of a zone to UTC, for engines that know only UTC. */
import type { CronFields } from '../tasks/registry/cron.ts'

/** Returns how many minutes the zone is ahead of UTC in the year from then: several numbers if its clock is changed. */
export function offsetsOf(tz: string, fromMs: number): number[] {
  const format = formatOf(tz)
  return [...new Set(yearFrom(fromMs).map((ms) => offsetAt(format, ms)))]
}

/** Returns how many minutes the zone is ahead of another in the year from then: several numbers if that changes. */
export function differencesOf(tz: string, other: string, fromMs: number): number[] {
  const [one, two] = [tz, other].map(formatOf)
  return [...new Set(yearFrom(fromMs).map((ms) => offsetAt(one!, ms) - offsetAt(two!, ms)))]
}

/** Returns the first time of day of the fields, in UTC. */
export function firstTime({ hours, minutes }: CronFields, offset: number): string {
  const total = (hours?.[0] ?? 0) * 60 + (minutes?.[0] ?? 0) - offset
  const inDay = ((total % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES
  return `${two(Math.floor(inDay / 60))}:${two(inDay % 60)}`
}

/** @returns cron expressions that together are the same times; undefined if a date could move to another month */
export function cronInUtc(fields: CronFields, offset: number): string[] | undefined {
  const groups = new Map<string, { shift: number; hours: Set<number>; minutes: Set<number> }>()
  for (const hour of fields.hours ?? range(24)) {
    for (const minute of fields.minutes ?? range(60)) {
      const total = hour * 60 + minute - offset
      const shift = Math.floor(total / DAY_MINUTES)
      // Minutes that move to the same hour of the same day have all their hours in common.
      const key = `${shift} ${Math.floor((minute - offset) / 60)}`
      const group = groups.get(key) ?? { shift, hours: new Set(), minutes: new Set() }
      group.hours.add(Math.floor(total / 60) - shift * 24)
      group.minutes.add(total - Math.floor(total / 60) * 60)
      groups.set(key, group)
    }
  }
  const { days, months, weekdays } = fields
  const moves = [...groups.values()].some(({ shift }) => shift !== 0)
  if (moves && (days || months)) return undefined
  return [...groups.values()].map(({ shift, hours, minutes }) => {
    const moved = weekdays?.map((day) => (day + shift + 7) % 7)
    return [
      field([...minutes], 60),
      field([...hours], 24),
      days?.join(',') ?? '*',
      months?.join(',') ?? '*',
      field(moved ?? range(7), 7),
    ].join(' ')
  })
}

// --- internal ---

const DAY_MS = 86_400_000
const DAY_MINUTES = 1440

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
}

function yearFrom(ms: number): number[] {
  return range(367).map((day) => ms + day * DAY_MS)
}

function offsetAt(format: Intl.DateTimeFormat, ms: number): number {
  const name = format.formatToParts(new Date(ms)).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}

function field(values: readonly number[], all: number): string {
  return values.length === all ? '*' : [...values].sort((a, b) => a - b).join(',')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
