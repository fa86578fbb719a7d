/** Times of a zone as times of UTC, for engines that know no other. */
import type { CronFields } from '../tasks/registry/cron.ts'

/** Minutes that the zone is ahead of UTC in the year from then on: one number, or several where the clock is changed. */
export function offsetsOf(tz: string, fromMs: number): number[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: tz, timeZoneName: 'longOffset' })
  const offsets = new Set<number>()
  for (let day = 0; day <= 366; day++) offsets.add(offsetAt(format, fromMs + day * DAY_MS))
  return [...offsets]
}

/** What time of UTC the first time of the fields is. */
export function firstTime({ hours, minutes }: CronFields, offset: number): string {
  const total = (hours?.[0] ?? 0) * 60 + (minutes?.[0] ?? 0) - offset
  const inDay = ((total % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES
  return `${two(Math.floor(inDay / 60))}:${two(inDay % 60)}`
}

/** @returns cron expressions which together are the same times; undefined where a date would have to move to another month */
export function cronInUtc(fields: CronFields, offset: number): string[] | undefined {
  const byHour = new Map<string, { shift: number; hour: number; minutes: number[] }>()
  for (const hour of fields.hours ?? range(0, 23)) {
    for (const minute of fields.minutes ?? range(0, 59)) {
      const total = hour * 60 + minute - offset
      const shift = Math.floor(total / DAY_MINUTES)
      const inDay = total - shift * DAY_MINUTES
      const at = { shift, hour: Math.floor(inDay / 60), minutes: [] }
      const found = byHour.get(`${shift} ${at.hour}`) ?? at
      found.minutes.push(inDay % 60)
      byHour.set(`${shift} ${at.hour}`, found)
    }
  }
  const groups = new Map<string, { shift: number; hours: number[]; minutes: number[] }>()
  for (const { shift, hour, minutes } of byHour.values()) {
    minutes.sort((a, b) => a - b)
    const group = groups.get(`${shift} ${minutes}`) ?? { shift, hours: [], minutes }
    group.hours.push(hour)
    groups.set(`${shift} ${minutes}`, group)
  }
  const { days, months, weekdays } = fields
  const moves = [...groups.values()].some(({ shift }) => shift !== 0)
  if (moves && (days || months)) return undefined
  return [...groups.values()].map(({ shift, hours, minutes }) => {
    const moved = weekdays?.map((day) => (day + shift + 7) % 7)
    return [
      field(minutes, 60),
      field(hours, 24),
      days?.join(',') ?? '*',
      months?.join(',') ?? '*',
      field(moved ?? range(0, 6), 7),
    ].join(' ')
  })
}

// --- internal ---

const DAY_MS = 86_400_000
const DAY_MINUTES = 1440

function offsetAt(format: Intl.DateTimeFormat, ms: number): number {
  const name = format.formatToParts(new Date(ms)).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

function field(values: readonly number[], all: number): string {
  return values.length === all ? '*' : [...values].sort((a, b) => a - b).join(',')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
