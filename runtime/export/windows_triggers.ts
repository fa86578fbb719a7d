/** The triggers of the Windows Task Scheduler for a schedule. */
import { UsageError } from '../core/errors.ts'
import { type CronFields, readCron } from '../tasks/registry/cron.ts'
import type { Place, ScheduledTask } from './scheduled.ts'
import { cronInUtc, differencesOf } from './utc.ts'

/** @throws {UsageError} `WFG_USAGE` for times that the Task Scheduler cannot have */
export function triggersOf(task: ScheduledTask, { nowMs }: Place): string[] {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const isDaily = !task.fields.days && !task.fields.weekdays && !task.fields.months
  // A time that ends with Z does not change with the clock of the computer.
  const isUtc = isDaily && differencesOf(task.tz, 'UTC', nowMs).every((minutes) => minutes === 0)
  const all = isUtc ? [task.fields] : inZone(task, zone, nowMs)
  const day = dayAfter(nowMs)
  const triggers = all.flatMap((fields) =>
    startsOf(fields).flatMap(({ time, repetition }) =>
      schedulesOf(fields).map(
        (schedule) =>
          `<CalendarTrigger><StartBoundary>${day}T${time}:00${isUtc ? 'Z' : ''}</StartBoundary>${repetition}${schedule}</CalendarTrigger>`,
      ),
    ),
  )
  if (triggers.length <= MAX_TRIGGERS) return triggers
  throw unfit(task, `it has ${triggers.length} times, and the Task Scheduler takes ${MAX_TRIGGERS}; use the worker`)
}

// --- internal ---

/** The Task Scheduler takes no more for a task. */
const MAX_TRIGGERS = 48

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
]

/** Returns fields that together are the same times in the zone of this computer. */
function inZone(task: ScheduledTask, zone: string, nowMs: number): CronFields[] {
  const [difference = 0, ...others] = differencesOf(task.tz, zone, nowMs)
  if (others.length > 0) {
    throw unfit(
      task,
      `its zone ${task.tz} and that of this computer, ${zone}, change their clocks at different times; give it the zone ${zone}, or use the worker`,
    )
  }
  if (difference === 0) return [task.fields]
  const crons = cronInUtc(task.fields, difference)
  if (crons) return crons.map((cron) => readCron(cron) as CronFields)
  throw unfit(task, `in ${zone}, the zone of this computer, its days can be in another month; give it that zone`)
}

function unfit({ name }: ScheduledTask, problem: string): UsageError {
  return new UsageError(`Cannot export the schedule of ${JSON.stringify(name)}: ${problem}.`)
}

/** The first times of a day, and how each is repeated. */
function startsOf({ hours, minutes }: CronFields): { time: string; repetition: string }[] {
  const [first = 0] = minutes ?? []
  const step = stepOf(minutes)
  if (step === undefined) {
    return (hours ?? range(24)).flatMap((hour) =>
      minutes!.map((minute) => ({ time: at(hour, minute), repetition: '' })),
    )
  }
  if (!hours) return [{ time: at(0, first), repetition: repeated(step, 24 * 60 - 1 - first) }]
  return hours.map((hour) => ({ time: at(hour, first), repetition: step === 60 ? '' : repeated(step, 59 - first) }))
}

/** Returns how many minutes are between two times, if they are the same in every hour. */
function stepOf(minutes: readonly number[] | undefined): number | undefined {
  if (!minutes) return 1
  const step = 60 / minutes.length
  return minutes.every((minute, index) => minute === minutes[0]! + index * step) ? step : undefined
}

function repeated(step: number, forMinutes: number): string {
  return `<Repetition><Interval>PT${step}M</Interval><Duration>PT${forMinutes}M</Duration></Repetition>`
}

/** Two if either kind of day is enough, else one. */
function schedulesOf({ days, weekdays, months }: CronFields): string[] {
  const inMonths = `<Months>${(months ?? range(12).map((month) => month + 1)).map((month) => `<${MONTHS[month - 1]}/>`).join('')}</Months>`
  const onWeekdays = weekdays && `<DaysOfWeek>${weekdays.map((day) => `<${WEEKDAYS[day]}/>`).join('')}</DaysOfWeek>`
  const schedules: string[] = []
  if (days || (months && !weekdays)) {
    const all = (days ?? range(31).map((day) => day + 1)).map((day) => `<Day>${day}</Day>`).join('')
    schedules.push(`<ScheduleByMonth><DaysOfMonth>${all}</DaysOfMonth>${inMonths}</ScheduleByMonth>`)
  }
  if (onWeekdays && months) {
    const weeks = [1, 2, 3, 4, 'Last'].map((week) => `<Week>${week}</Week>`).join('')
    schedules.push(
      `<ScheduleByMonthDayOfWeek><Weeks>${weeks}</Weeks>${onWeekdays}${inMonths}</ScheduleByMonthDayOfWeek>`,
    )
  } else if (onWeekdays) {
    schedules.push(`<ScheduleByWeek><WeeksInterval>1</WeeksInterval>${onWeekdays}</ScheduleByWeek>`)
  }
  return schedules.length > 0 ? schedules : ['<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>']
}

/** The day after, in the zone of this computer: a time that has passed today might be taken for missed. */
function dayAfter(nowMs: number): string {
  const now = new Date(nowMs)
  const next = new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() + 1))
  return next.toISOString().slice(0, 10)
}

function at(hour: number, minute: number): string {
  return [hour, minute].map((part) => String(part).padStart(2, '0')).join(':')
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}
