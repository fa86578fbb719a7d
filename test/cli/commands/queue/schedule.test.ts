import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { knownPath } from '../../../../runtime/host/windows_name.ts'
import { fakeOutput } from '../../../_host.ts'
import { withKept } from '../../../tasks/history/_history.ts'
import { type HereOptions, here } from '../../_here.ts'

const schedule = suite('cli/schedule')

const ENTRIES = `
  often: { script: './scripts/boom.ts', schedule: { cron: '*/30 * * * *' } },
  nightly: { script: './scripts/boom.ts', schedule: { cron: '15 2 * * *' } },
  _hidden: { script: './scripts/boom.ts', schedule: { cron: '0 3 * * *', tz: 'Europe/Paris' } },
  yearly: { script: './scripts/boom.ts', schedule: { cron: '0 0 29 2 *' } },
  never: { script: './scripts/boom.ts' }`
const FILES = { 'scripts/boom.ts': "throw new Error('it was imported')" }

schedule(
  'run() gives every run of the coming days, and imports no script',
  withKept(FILES, async ({ dir, env, state }) => {
    const record = (id: string, more: object) => {
      const ended = { startedAt: '2026-11-01T02:00:00.000Z', outcome: 'done', exitCode: 0, operations: {} }
      return `${JSON.stringify({ v: 1, id, directory: knownPath(dir), task: 'often', ...ended, ...more })}\n`
    }
    const lines = [
      // The median of the successful runs of this folder is an hour.
      ...[1, 3600, 7200].map((seconds, index) => record(`run${index}`, { durationMs: seconds * 1000 })),
      record('failed', { durationMs: 1, outcome: 'failed', exitCode: 1 }),
      record('other', { durationMs: 1, directory: '/elsewhere' }),
    ]
    mkdirSync(state, { recursive: true, mode: 0o700 })
    writeFileSync(join(state, 'runs.ndjson'), lines.join(''), { mode: 0o600 })
    const { status, stdout, stderr } = await here(dir, ['schedule', '--json', '--days', '2'], { env, entries: ENTRIES })
    assert.equal([status, stderr], [0, ''])
    const rows = JSON.parse(stdout) as Record<string, unknown>[]
    assert.equal([...new Set(rows.map(({ task }) => task))].sort(), ['_hidden', 'nightly', 'often'])
    // Of the first one, what it overlaps may have begun before now.
    const nightly = rows.filter(({ task }) => task === 'nightly').at(-1)!
    assert.equal(Object.keys(nightly), ['time', 'task', 'zone', 'zoneTime', 'localTime', 'overlaps'])
    // 02:15 is within an hour of 01:30 and 02:00.
    assert.equal([nightly['zone'], nightly['overlaps']], ['UTC', ['often']])
    assert.match(String(nightly['zoneTime']), / 02:15$/)
    for (const { task, overlaps } of rows) if (task === 'often') assert.ok((overlaps as string[]).includes('often'))
    const times = rows.map(({ time }) => String(time))
    assert.equal(times, [...times].sort())
    assert.ok(Date.parse(times[0]!) > Date.now() - 60_000)
  }),
)

schedule(
  'run() shows the days on a terminal, and when the other tasks run next',
  withKept(FILES, async ({ dir, env }) => {
    const terminal = fakeOutput({ isTTY: true, columns: 80 })
    const options: HereOptions = { env, entries: ENTRIES, own: { stdout: terminal.output } }
    const { status, stderr } = await here(dir, ['schedule'], options)
    assert.equal([status, stderr], [0, ''])
    const headings = terminal.text().match(/^\w{3} \d{1,2} \w{3}$/gm) ?? []
    // Just before midnight nothing may be left of today.
    assert.ok([7, 8].includes(headings.length), terminal.text())
    assert.match(terminal.text(), /^ {2}\d\d:\d\d {2}nightly( {2}|\n)/m)
    assert.match(terminal.text(), /^ {2}\d\d:\d\d {2}often +every 30 min until \d\d:\d\d, 48 times/m)
    assert.match(terminal.text(), /\n\nLater: yearly 20\d\d-0\d-\d\d \d\d:\d\d\n$/)
  }),
)

schedule(
  'run() says how to write a schedule if there is none, and which days it can show',
  withKept(FILES, async ({ dir, env }) => {
    const options = { env, entries: `never: { script: './scripts/boom.ts' }` }
    const none = await here(dir, ['schedule', '--json'], options)
    assert.equal([none.status, none.stdout.trim()], [0, '[]'])
    assert.is(
      none.stderr,
      "No task runs by itself: give an entry of tasks.ts a schedule, such as schedule: { cron: '0 2 * * *', tz: 'Europe/Paris' }.\n",
    )
    for (const days of ['0', '32', 'x', '1.5']) {
      const { status, stderr } = await here(dir, ['schedule', '--days', days], options)
      assert.equal(
        [status, stderr],
        [2, 'error: Cannot show the schedule: --days needs a whole number from 1 to 31.\n'],
      )
    }
  }),
)

schedule.run()
