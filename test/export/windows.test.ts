import { Cron } from 'croner'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../runtime/core/errors.ts'
import type { Place, ScheduledTask } from '../../runtime/export/scheduled.ts'
import { windowsTasks, windowsWorker } from '../../runtime/export/windows.ts'
import { type CronFields, readCron } from '../../runtime/tasks/registry/cron.ts'
import { rejects } from '../_assert.ts'

const windows = suite('cli/export/windows')

const NOW = Date.parse('2026-11-01T12:00:00Z')
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

const PLACE: Place = {
  runtime: 'node',
  directory: 'C:\\Scripts & more\\wfg',
  program: ['C:\\Program Files\\nodejs\\node.exe', 'runtime/cli/wfg.mjs'],
  profile: undefined,
  profileHere: 'prod',
  flags: ['--yes'],
  confirm: 'prod',
  image: undefined,
  nowMs: NOW,
  command: 'npx wfg export',
}

function task(cron: string, tz = ZONE, more: Partial<ScheduledTask> = {}): ScheduledTask {
  return {
    ...{ name: 'finance:export', description: 'Write <all> of Zoë', cron, fields: readCron(cron) as CronFields, tz },
    ...{
      missed: 'skip',
      out: undefined,
      args: [],
      timeoutSeconds: undefined,
      retry: undefined,
      concurrencyKey: undefined,
    },
    ...more,
  }
}

function textOf(tasks: ScheduledTask): string {
  const [file, ...others] = windowsTasks([tasks], PLACE)
  assert.equal([file?.name, others.length], ['wfg-finance-export.xml', 0])
  return file!.text
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
]

/** The times at which the triggers start the task, as the documentation of Microsoft reads them. */
function timesOf(text: string, days: number): number[] {
  const times = new Set<number>()
  for (const [, trigger = ''] of text.matchAll(/<CalendarTrigger>(.*?)<\/CalendarTrigger>/g)) {
    const [, first, hour, minute, zulu] = /<StartBoundary>([\d-]+)T(\d\d):(\d\d):00(Z?)</.exec(trigger)!
    const [, every] = /<Interval>PT(\d+)M</.exec(trigger) ?? []
    const [, lasts] = /<Duration>PT(\d+)M</.exec(trigger) ?? []
    const named = (names: string[]) => names.flatMap((name, index) => (trigger.includes(`<${name}/>`) ? [index] : []))
    const [weekdays, months] = [named(DAYS), named(MONTHS)]
    const dates = [...trigger.matchAll(/<Day>(\d+)<\/Day>/g)].map(([, day]) => Number(day))
    const [year, month, day] = first!.split('-').map(Number)
    for (let shift = 0; shift < days; shift += 1) {
      const at = (minutes: number) =>
        zulu
          ? new Date(Date.UTC(year!, month! - 1, day! + shift, Number(hour), Number(minute) + minutes))
          : new Date(year!, month! - 1, day! + shift, Number(hour), Number(minute) + minutes)
      const date = zulu
        ? [at(0).getUTCDay(), at(0).getUTCMonth(), at(0).getUTCDate()]
        : [at(0).getDay(), at(0).getMonth(), at(0).getDate()]
      const isDay = weekdays.length === 0 || weekdays.includes(date[0]!)
      const isMonth = months.length === 0 || months.includes(date[1]!)
      const isDate = dates.length === 0 || dates.includes(date[2]!)
      if (!isDay || !isMonth || !isDate) continue
      for (let minutes = 0; minutes <= Number(lasts ?? 0); minutes += Number(every ?? 1))
        times.add(at(minutes).getTime())
    }
  }
  return [...times].sort((a, b) => a - b)
}

for (const [cron, tz] of [
  ['0 2 * * *', ZONE],
  ['0 2 * * *', 'UTC'],
  ['*/20 8-18/5 * * mon-fri', ZONE],
  ['5,7 6 * * *', ZONE],
  ['59 23 31 1,12 *', ZONE],
  ['30 6 1,15 * sun', ZONE],
  ['15 2 * 12 0', ZONE],
  ['0 4 * 2 *', ZONE],
  ['* * * * *', ZONE],
  ['7-59/30 * * * 2', ZONE],
  ['0 * * * *', ZONE],
  ...(ZONE === 'UTC' ? ([['30 3 * * mon', 'Asia/Tokyo']] as const) : []),
] as const) {
  windows(`windowsTasks() has the times of ${cron} in ${tz}`, () => {
    const times = timesOf(textOf(task(cron, tz)), 100)
    const from = new Date(times[0]! - 1)
    const expected = new Cron(cron, { timezone: tz }).nextRuns(Math.min(times.length, 2000), from)
    assert.equal(
      times.slice(0, expected.length).map((ms) => new Date(ms)),
      expected,
    )
    assert.ok(times.length >= 2)
  })
}

windows('windowsTasks() quotes the words, keeps the limits, and has no letter beyond ASCII', () => {
  const args = ['--name=a "b" c\\', 'x & y']
  const text = textOf(task('0 2 * * *', ZONE, { args, missed: 'once', timeoutSeconds: 600, concurrencyKey: 'x' }))
  assert.not.match(text, /[^\n -~]/)
  assert.match(text, '<Description>Write &#60;all&#62; of Zo&#235; (0 2 * * * ')
  assert.match(text, '<Command>C:\\Program Files\\nodejs\\node.exe</Command>')
  assert.match(text, '<WorkingDirectory>C:\\Scripts &#38; more\\wfg</WorkingDirectory>')
  assert.match(
    text,
    '<Arguments>runtime/cli/wfg.mjs finance:export --profile prod --confirm prod --timeout 600 --yes "--name=a \\"b\\" c\\\\" "x &#38; y"</Arguments>',
  )
  assert.match(text, '<StartWhenAvailable>true</StartWhenAvailable>')
  assert.match(text, '<ExecutionTimeLimit>PT660S</ExecutionTimeLimit>')
  const [comment = ''] = /<!--[\s\S]*?-->/.exec(text) ?? []
  assert.match(comment, 'schtasks /Create /TN "wfg\\finance-export" /XML wfg-finance-export.xml /RU ACCOUNT /RP *')
  assert.match(comment, 'concurrencyKey')
  assert.not.match(comment.slice(4, -3), '--')
})

windows('windowsTasks() refuses what the Task Scheduler cannot do', async () => {
  const other = ZONE === 'UTC' ? 'Europe/Paris' : 'Australia/Lord_Howe'
  for (const [given, message] of [
    [task('0 2 * * mon', other), /change their clocks at different times; give it the zone|days can be in another/],
    [task('1,2,5 * * * *'), /it has 72 times, and the Task Scheduler takes 48; use the worker/],
    [task('0 2 * * *', ZONE, { args: ['%PATH%'] }), /would replace a variable in "%PATH%"/],
  ] as const) {
    await rejects(() => windowsTasks([given], PLACE), { instance: UsageError, message })
  }
})

windows('windowsWorker() starts with the computer, and again when it has ended', () => {
  const [file] = windowsWorker(PLACE)
  assert.is(file?.name, 'wfg-worker.xml')
  assert.match(file!.text, '<BootTrigger><Repetition><Interval>PT5M</Interval></Repetition></BootTrigger>')
  assert.match(file!.text, '<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>')
  assert.match(file!.text, '<Arguments>runtime/cli/wfg.mjs worker --profile prod --confirm prod --yes</Arguments>')
})

windows.run()
