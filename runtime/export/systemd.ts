/** For systemd: a service and a timer for each task. */
import type { CronFields } from '../tasks/registry/cron.ts'
import { type ExportedFile, GRACE_SECONDS, notKept, type Place, type ScheduledTask, wordsOf } from './scheduled.ts'
import { plainNames } from './words.ts'

export function systemdUnits(tasks: readonly ScheduledTask[], place: Place): ExportedFile[] {
  const names = plainNames(
    tasks.map(({ name }) => name),
    MAX_NAME,
  )
  return tasks.flatMap((task) => {
    const unit = `wfg-${names.get(task.name)}`
    return [
      { name: `${unit}.service`, text: service(task, place) },
      { name: `${unit}.timer`, text: timer(task, unit, place) },
    ]
  })
}

/** Returns the times of the fields in systemd's form: two if either kind of day is enough, else one. */
export function calendars(fields: CronFields, tz: string): string[] {
  const { days, weekdays } = fields
  if (!days || !weekdays) return [calendar(fields, tz)]
  return [calendar({ ...fields, weekdays: undefined }, tz), calendar({ ...fields, days: undefined }, tz)]
}

// --- internal ---

/** The name of a unit may have 255 characters. */
const MAX_NAME = 200

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

function calendar({ minutes, hours, days, months, weekdays }: CronFields, tz: string): string {
  const names = weekdays?.map((day) => WEEKDAYS[day]!).join(',')
  const date = `*-${digits(months)}-${digits(days)}`
  return [...(names === undefined ? [] : [names]), date, `${digits(hours)}:${digits(minutes)}:00`, tz].join(' ')
}

function digits(values: readonly number[] | undefined): string {
  return values?.map((value) => String(value).padStart(2, '0')).join(',') ?? '*'
}

function service(task: ScheduledTask, place: Place): string {
  const { directory, program, command } = place
  const limit = task.timeoutSeconds === undefined ? 'infinity' : String(task.timeoutSeconds + GRACE_SECONDS)
  return `# Written by \`${command} systemd\`. Put it beside its timer into /etc/systemd/system, and say there which user it runs as.
${notKept(task, { keepsMissed: true })
  .map((line) => `# ${line}\n`)
  .join('')}[Unit]
Description=${escaped(oneLine(task.description))}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
#User=
WorkingDirectory=${escaped(directory)}
ExecStart=${[...program, ...wordsOf(task, place)].map(quoted).join(' ')}
TimeoutStartSec=${limit}
`
}

function timer(task: ScheduledTask, unit: string, { command }: Place): string {
  return `# Written by \`${command} systemd\`. \`systemctl enable --now ${unit}.timer\` starts it, after \`systemctl daemon-reload\`.
[Unit]
Description=${escaped(oneLine(task.description))} (${task.cron} ${task.tz})

[Timer]
${calendars(task.fields, task.tz)
  .map((each) => `OnCalendar=${each}`)
  .join('\n')}
Persistent=${task.missed === 'once'}
AccuracySec=1s

[Install]
WantedBy=timers.target
`
}

/** Escapes %, which starts a specifier of systemd. */
function escaped(text: string): string {
  return text.replaceAll('%', '%%')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replace(/\\$/, '')
}

/** Quotes one word of ExecStart, in which $ starts a variable. */
function quoted(word: string): string {
  const text = escaped(word)
    .replaceAll('$', '$$$$')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  return /^[\w./:@=+,-]+$/.test(text) ? text : `"${text}"`
}
