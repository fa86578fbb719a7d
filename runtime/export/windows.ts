/** For the Windows Task Scheduler: the definition of a task for each scheduled task, or for the worker. */
import { UsageError } from '../core/errors.ts'
import { type CronFields, readCron } from '../tasks/registry/cron.ts'
import { type ExportedFile, GRACE_SECONDS, notKept, type Place, type ScheduledTask, wordsOf } from './scheduled.ts'
import { cronInUtc, differencesOf } from './utc.ts'
import { plainNames, windowsWord } from './words.ts'

/** @throws {UsageError} `WFG_USAGE` for a schedule that the Task Scheduler cannot have */
export function windowsTasks(tasks: readonly ScheduledTask[], place: Place): ExportedFile[] {
  const names = plainNames(
    tasks.map(({ name }) => name),
    MAX_NAME,
  )
  return tasks.map((task) => {
    const limit = task.timeoutSeconds === undefined ? 0 : task.timeoutSeconds + GRACE_SECONDS
    return definition(names.get(task.name)!, place, {
      description: `${task.description} (${task.cron} ${task.tz})`,
      comments: notKept(task, { keepsMissed: true }),
      triggers: triggersOf(task, place),
      settings: [
        `<StartWhenAvailable>${task.missed === 'once'}</StartWhenAvailable>`,
        `<ExecutionTimeLimit>PT${limit}S</ExecutionTimeLimit>`,
      ],
      words: wordsOf(task, place),
    })
  })
}

/** The worker, which starts with the computer. If it has ended, it is started again within five minutes. */
export function windowsWorker(place: Place): ExportedFile[] {
  const { profileHere, confirm, flags } = place
  const words = [
    'worker',
    ...(profileHere === undefined ? [] : ['--profile', profileHere]),
    ...(confirm === undefined ? [] : ['--confirm', confirm]),
    ...flags,
  ]
  const file = definition('worker', place, {
    description: 'Runs what is due and what is queued',
    comments: [],
    triggers: ['<BootTrigger><Repetition><Interval>PT5M</Interval></Repetition></BootTrigger>'],
    settings: ['<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>'],
    words,
  })
  return [file]
}

// --- internal ---

const MAX_NAME = 200
/** The Task Scheduler takes no more for a task. */
const MAX_TRIGGERS = 48

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
]

interface Definition {
  readonly description: string
  readonly comments: readonly string[]
  readonly triggers: readonly string[]
  readonly settings: readonly string[]
  readonly words: readonly string[]
}

/** Source: learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema, which also gives the order of the elements. */
function definition(
  name: string,
  { directory, program: [command = '', ...first], command: writtenBy }: Place,
  { description, comments, triggers, settings, words }: Definition,
): ExportedFile {
  const file = `wfg-${name}.xml`
  const path = `wfg\\${name}`
  const refused = [...first, ...words].find((word) => /%[\w()]+%/.test(word))
  if (refused !== undefined) {
    throw new UsageError(
      `Cannot export the schedule: the Task Scheduler would replace a variable in ${JSON.stringify(refused)}, an argument of ${JSON.stringify(words[0])}; expected one without %…%.`,
    )
  }
  const lines = [
    `Written by \`${writtenBy} windows\`. To add the task, run as administrator:`,
    `schtasks /Create /TN "${path}" /XML ${file} /RU ACCOUNT /RP *`,
    `To remove it: schtasks /Delete /TN "${path}"`,
    ...comments,
  ]
  // Without letters beyond ASCII, and without an encoding in the first line, the file may be saved in any encoding.
  const text = `<?xml version="1.0"?>
<!-- ${lines.join('\n     ')} -->
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>${xml(description)}</Description>
  </RegistrationInfo>
  <Triggers>
${indented(triggers)}
  </Triggers>
  <Principals>
    <Principal id="Account"><LogonType>Password</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal>
  </Principals>
  <Settings>
${indented([...SETTINGS, ...settings])}
  </Settings>
  <Actions Context="Account">
    <Exec>
      <Command>${xml(command)}</Command>
      <Arguments>${xml([...first, ...words].map(windowsWord).join(' '))}</Arguments>
      <WorkingDirectory>${xml(directory)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`
  return { name: file, text }
}

const SETTINGS = [
  '<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
  '<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>',
  '<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
]

function triggersOf(task: ScheduledTask, { nowMs }: Place): string[] {
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

function indented(elements: readonly string[]): string {
  return elements.map((element) => `    ${element}`).join('\n')
}

function xml(text: string): string {
  return text.replace(/[^ -~]|[&<>]/gu, (character) => `&#${character.codePointAt(0)};`)
}
