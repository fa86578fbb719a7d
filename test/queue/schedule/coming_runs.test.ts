import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { comingRuns } from '../../../runtime/queue/schedule/coming_runs.ts'
import { scheduleLines } from '../../../runtime/queue/schedule/schedule_lines.ts'
import { dueTimes } from '../../../runtime/queue/worker/due_times.ts'
import type { Schedule } from '../../../runtime/tasks/registry/entry.ts'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import { REPOSITORY } from '../../_cli.ts'

const schedule = suite('queue/schedule')

interface Given {
  readonly from: string
  readonly to: string
  readonly localZone?: string
  readonly minutes?: Readonly<Record<string, number>>
}

type Entry = Schedule & { readonly concurrencyKey?: string }

function coming(entries: Readonly<Record<string, Entry>>, { from, to, localZone = 'UTC', minutes = {} }: Given) {
  const written = Object.entries(entries).map(([name, { concurrencyKey, ...each }]) => [
    name,
    { needs: [], schedule: each, concurrencyKey },
  ])
  const { tasks, problems } = defineTasks(pathToFileURL(`${REPOSITORY}/tasks.ts`).href, Object.fromEntries(written))
  assert.equal(problems, [])
  const durationsMs = new Map(Object.entries(minutes).map(([name, each]) => [name, each * 60_000]))
  return comingRuns(tasks.values(), { after: new Date(from), until: new Date(to), durationsMs, localZone })
}

/** What a terminal of 80 columns shows. */
function shown(entries: Readonly<Record<string, Entry>>, given: Given): string[] {
  const keys = new Map(Object.entries(entries).flatMap(([name, { concurrencyKey: key }]) => (key ? [[name, key]] : [])))
  return scheduleLines(coming(entries, given), keys, 80)
}

const DAY = { from: '2026-11-30T00:00Z', to: '2026-12-01T00:00Z' }

schedule(
  'comingRuns() gives the times after the start and before the end, in UTC, in their zone and in local time',
  () => {
    const runs = coming(
      { late: { cron: '0 20 * * *', tz: 'America/New_York' }, early: { cron: '0 1,2 * * *' } },
      { from: '2026-11-30T01:00Z', to: '2026-12-01T01:00Z', localZone: 'Europe/Berlin' },
    )
    const early = { task: 'early', zone: 'UTC', overlaps: [] }
    assert.equal(runs, [
      // At the start, `late` of the day before is over.
      { ...early, time: '2026-11-30T02:00:00.000Z', zoneTime: '2026-11-30 02:00', localTime: '2026-11-30 03:00' },
    ])
    const [first] = coming(
      { late: { cron: '0 20 * * *', tz: 'America/New_York' } },
      { from: '2026-11-30T00:59Z', to: '2026-12-01T00:00Z', localZone: 'Europe/Berlin' },
    )
    assert.equal(first, {
      time: '2026-11-30T01:00:00.000Z',
      task: 'late',
      zone: 'America/New_York',
      zoneTime: '2026-11-29 20:00',
      localTime: '2026-11-30 02:00',
      overlaps: [],
    })
  },
)

/** Which runs overlap, such as `08:00 a: b`. */
function overlaps(entries: Readonly<Record<string, Entry>>, minutes: Given['minutes'] = {}): string[] {
  return coming(entries, { ...DAY, minutes })
    .filter((run) => run.overlaps.length > 0)
    .map((run) => `${run.localTime.slice(11)} ${run.task}: ${run.overlaps.join(' ')}`)
}

schedule('comingRuns() finds overlaps by the durations that are known, else by the same start', () => {
  const entries = { a: { cron: '0 8,12 * * *' }, b: { cron: '0 8 * * *' }, c: { cron: '30 12 * * *' } }
  assert.equal(overlaps(entries), ['08:00 a: b', '08:00 b: a'])
  const known = { a: 30.1, c: 600 }
  assert.equal(overlaps(entries, known), ['08:00 a: b', '08:00 b: a', '12:00 a: c', '12:30 c: a'])
  assert.equal(overlaps(entries, { a: 30 }), ['08:00 a: b', '08:00 b: a'], 'it ends when the other starts')
})

schedule('comingRuns() finds a task that overlaps its own next run', () => {
  assert.equal(overlaps({ a: { cron: '0,10 8 * * *' } }, { a: 10 }), [])
  assert.equal(overlaps({ a: { cron: '0,10 8 * * *' } }, { a: 11 }), ['08:00 a: a', '08:10 a: a'])
})

/** The times that a worker queues that looks once a minute. */
function queued(each: Schedule, from: string, to: string): string[] {
  const times: string[] = []
  for (let ms = Date.parse(from) + 60_000; ms < Date.parse(to); ms += 60_000) {
    const due = dueTimes(each, new Date(ms - 60_000), new Date(ms))
    times.push(...(due?.times ?? []).map((time) => time.toISOString()))
  }
  return times
}

// In Berlin 02:00 to 03:00 does not exist on 29 March 2026, and exists twice on 25 October.
for (const [from, to] of [
  ['2026-03-28T23:00Z', '2026-03-29T03:00Z'],
  ['2026-10-24T23:00Z', '2026-10-25T03:00Z'],
] as const) {
  for (const cron of ['30 2 * * *', '*/15 1-3 * * *', '0 * * * *']) {
    schedule(`comingRuns() gives what a worker queues when clocks change: ${cron} from ${from}`, () => {
      const each = { cron, tz: 'Europe/Berlin' }
      const times = coming({ each }, { from, to }).map(({ time }) => time)
      assert.ok(times.length > 0)
      assert.equal(times, queued(each, from, to))
    })
  }
}

schedule('scheduleLines() has a heading a day, and the time in the zone if it differs', () => {
  const entries = {
    'pending-actions': { cron: '0 8 * * *', tz: 'Europe/Berlin' },
    paris: { cron: '0 9 * * 1', tz: 'Europe/Paris' },
    utc: { cron: '30 9 * * 1' },
    late: { cron: '0 22 * * *', tz: 'America/New_York' },
  }
  const given = { from: '2026-11-30T00:00Z', to: '2026-12-02T00:00Z' }
  assert.equal(shown(entries, given), [
    'Mon 30 Nov',
    '  03:00  late             (Sun 22:00 America/New_York)',
    '  07:00  pending-actions  (08:00 Europe/Berlin)',
    '  08:00  paris            (09:00 Europe/Paris)',
    '  09:30  utc',
    '',
    'Tue 1 Dec',
    '  03:00  late             (Mon 22:00 America/New_York)',
    '  07:00  pending-actions  (08:00 Europe/Berlin)',
  ])
  assert.equal(shown(entries, { ...given, localZone: 'Europe/Berlin' }).slice(0, 4), [
    'Mon 30 Nov',
    '  04:00  late             (Sun 22:00 America/New_York)',
    '  08:00  pending-actions',
    '  09:00  paris',
  ])
})

schedule('scheduleLines() has one line a day for a task that runs often', () => {
  const entries = { sync: { cron: '*/5 * * * *' }, some: { cron: '0 8-10,14,18 * * *' }, few: { cron: '0 8-11 * * *' } }
  assert.equal(shown(entries, DAY), [
    'Mon 30 Nov',
    '  00:05  sync  every 5 min until 23:55, 287 times',
    '  08:00  some  until 18:00, 5 times',
    ...['  08:00  few', '  09:00  few', '  10:00  few', '  11:00  few'],
  ])
  // The day on which an hour exists twice.
  const hourly = { hourly: { cron: '0 * * * *', tz: 'Europe/Berlin' } }
  const autumn = { from: '2026-10-24T21:59Z', to: '2026-10-25T23:00Z', localZone: 'Europe/Berlin' }
  assert.equal(shown(hourly, autumn), ['Sun 25 Oct', '  00:00  hourly  every 1 h until 23:00, 25 times'])
})

schedule('scheduleLines() marks what overlaps and what takes turns', () => {
  const entries = {
    a: { cron: '0 8 * * *', concurrencyKey: 'k' },
    b: { cron: '0 8 * * *', concurrencyKey: 'k' },
    c: { cron: '10 8 * * *' },
    often: { cron: '*/10 * * * *' },
  }
  assert.equal(shown(entries, { ...DAY, minutes: { a: 20, often: 15 } }), [
    'Mon 30 Nov',
    '  00:10  often  every 10 min until 23:50, 143 times  overlaps itself',
    '  08:00  a      overlaps c  takes turns with b',
    '  08:00  b      takes turns with a',
    '  08:10  c      overlaps a',
  ])
})

schedule('scheduleLines() keeps to the width of the terminal', () => {
  const names = Array.from({ length: 9 }, (_, index) => `a-task-with-a-long-name-${index}`)
  const entries = Object.fromEntries(names.map((name) => [name, { cron: '0 8 * * *', tz: 'Europe/Berlin' }]))
  const lines = shown(entries, DAY)
  for (const name of names) assert.is(lines.filter((line) => line.includes(name)).length >= 9, true, name)
  assert.equal(
    lines.filter((line) => line.length > 80 || line !== line.trimEnd()),
    [],
  )
})

schedule.run()
