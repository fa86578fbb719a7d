import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { Cron } from 'croner'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { calendars } from '../../runtime/export/systemd.ts'
import { type CronFields, readCron } from '../../runtime/tasks/registry/cron.ts'
import { notRun } from '../_not_run.ts'
import { findsTimes } from '../_programs.ts'

const systemd = suite('cli/export/systemd')

const COUNT = 12

/** The next times that systemd itself finds. */
function nextTimes(calendar: string, from: string): number[] {
  const args = ['calendar', `--iterations=${COUNT}`, `--base-time=${from} UTC`, calendar]
  const { status, stdout } = spawnSync('systemd-analyze', args, {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  })
  assert.is(status, 0, calendar)
  return [...stdout.matchAll(/(?:Next elapse|Iteration #\d+): \w+ ([\d-]+) ([\d:]+) UTC/g)].map(([, day, time]) =>
    Date.parse(`${day}T${time}Z`),
  )
}

for (const [cron, tz] of [
  ['0 2 * * *', 'UTC'],
  ['*/20 8-18/5 * * mon-fri', 'Europe/Paris'],
  ['59 23 31 1,12 *', 'America/New_York'],
  ['0 0 29 2 *', 'UTC'],
  ['30 6 1,15 * sun', 'Asia/Tokyo'],
  ['15 2 * * 0', 'Europe/Berlin'],
  ['* * * * *', 'UTC'],
] as const) {
  systemd(`calendars() are the times of ${cron} in ${tz}`, () => {
    const from = '2026-11-01 00:00:00'
    if (!findsTimes()) return notRun('to compare its times needs systemd-analyze')
    const found = calendars(readCron(cron) as CronFields, tz).flatMap((each) => nextTimes(each, from))
    const times = [...new Set(found)].sort((a, b) => a - b).slice(0, COUNT)
    const expected = new Cron(cron, { timezone: tz }).nextRuns(COUNT, new Date(`${from.replace(' ', 'T')}Z`))
    assert.equal(
      times.map((ms) => new Date(ms)),
      expected.slice(0, times.length),
    )
    assert.ok(times.length >= 3, `${times.length} times`)
  })
}

systemd.run()
