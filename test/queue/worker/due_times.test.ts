import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cronJobId, type Due, dueTimes } from '../../../runtime/queue/worker/due_times.ts'
import type { Schedule } from '../../../runtime/tasks/registry/entry.ts'
import { nextTime } from '../../../runtime/tasks/registry/next_time.ts'

const times = suite('queue/due_times')

/** What is due, as texts. */
function due(schedule: Schedule, last: string | undefined, now: string): string[] | undefined {
  return textsOf(dueTimes(schedule, last === undefined ? undefined : new Date(last), new Date(now)))
}

function textsOf(found: Due | undefined): string[] | undefined {
  return found?.times.map((time) => time.toISOString().replace(':00.000Z', 'Z'))
}

/** What one worker queues that looks every minute while the clock goes from one time to the other. */
function queued(schedule: Schedule, from: string, to: string): string[] {
  const end = new Date(to).getTime()
  const found: string[] = []
  let last: Date | undefined = new Date(from)
  for (let now = last.getTime(); now <= end; now += 60_000) {
    const next = dueTimes(schedule, last, new Date(now))
    found.push(...(textsOf(next) ?? []))
    last = next?.handled ?? last
  }
  return found
}

times('a new schedule begins now, and no past time is due', () => {
  const found = dueTimes({ cron: '* * * * *', missed: 'once' }, undefined, new Date('2026-01-01T00:00:30Z'))
  assert.equal(found, { times: [], handled: new Date('2026-01-01T00:00:30Z') })
})

times('a time is due from its first millisecond, once', () => {
  const hourly = { cron: '0 * * * *' }
  assert.is(due(hourly, '2026-01-01T00:00:00Z', '2026-01-01T00:59:59.999Z'), undefined)
  assert.equal(due(hourly, '2026-01-01T00:00:00Z', '2026-01-01T01:00:00.000Z'), ['2026-01-01T01:00Z'])
  assert.is(due(hourly, '2026-01-01T01:00:00Z', '2026-01-01T01:00:00.001Z'), undefined)
  assert.equal(queued(hourly, '2026-01-01T00:30:00.5Z', '2026-01-01T03:00:01Z'), [
    '2026-01-01T01:00Z',
    '2026-01-01T02:00Z',
    '2026-01-01T03:00Z',
  ])
})

times('a time seen up to a minute late is not missed', () => {
  const daily = { cron: '0 2 * * *' }
  assert.equal(due(daily, '2026-01-01T00:00:00Z', '2026-01-01T02:01:00Z'), ['2026-01-01T02:00Z'])
  const late = dueTimes(daily, new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T02:01:00.001Z'))
  assert.equal(late, { times: [], handled: new Date('2026-01-01T02:00:00Z') })
})

times('thousands of missed minutes are skipped, and only the present time is due', () => {
  const everyMinute = { cron: '* * * * *' }
  assert.equal(due(everyMinute, '2025-01-01T00:00:00Z', '2026-01-01T00:05:30Z'), ['2026-01-01T00:05Z'])
  assert.equal(due(everyMinute, '2025-01-01T00:00:00Z', '2026-01-01T00:05:00Z'), [
    '2026-01-01T00:04Z',
    '2026-01-01T00:05Z',
  ])
})

times('missed: "once" makes one job for all missed times, with the latest time', () => {
  const once = (cron: string): Schedule => ({ cron, missed: 'once' })
  assert.equal(due(once('* * * * *'), '2025-01-01T00:00:00Z', '2026-01-01T00:05:30Z'), ['2026-01-01T00:05Z'])
  assert.equal(due(once('0 2 * * *'), '2025-12-24T02:00:00Z', '2026-01-01T01:00:00Z'), ['2025-12-31T02:00Z'])
  assert.is(due(once('0 2 * * *'), '2025-12-31T02:00:00Z', '2026-01-01T01:00:00Z'), undefined)
})

times('a clock that was set back makes nothing due twice', () => {
  assert.is(due({ cron: '* * * * *' }, '2026-01-01T00:03:00Z', '2026-01-01T00:02:30Z'), undefined)
})

times('a clock that was wrong by more than a minute stops no schedule', () => {
  const now = new Date('2026-01-01T00:02:30Z')
  const found = dueTimes({ cron: '* * * * *' }, new Date('2027-01-01T00:00:00Z'), now)
  assert.equal(found, { times: [], handled: now })
})

times('the fields are in the named time zone, or in UTC', () => {
  const at = (tz?: string) => nextTime({ cron: '30 8 * * 1', tz }, new Date('2026-07-01T00:00:00Z'))?.toISOString()
  assert.is(at(), '2026-07-06T08:30:00.000Z')
  assert.is(at('Europe/Paris'), '2026-07-06T06:30:00.000Z')
  assert.is(at('America/New_York'), '2026-07-06T12:30:00.000Z')
  assert.is(at('Asia/Kathmandu'), '2026-07-06T02:45:00.000Z')
})

const BERLIN = { tz: 'Europe/Berlin' }
/** Clocks go from 02:00 to 03:00 at 01:00 UTC. */
const SPRING = ['2026-03-28T22:00:00Z', '2026-03-30T02:00:00Z'] as const
/** Clocks go from 03:00 to 02:00 at 01:00 UTC. */
const AUTUMN = ['2026-10-24T22:00:00Z', '2026-10-26T02:00:00Z'] as const

times('a time skipped by daylight saving runs once, after the change', () => {
  const found = queued({ cron: '30 2 * * *', ...BERLIN }, ...SPRING)
  assert.equal(found, ['2026-03-29T01:00Z', '2026-03-30T00:30Z'])
})

times('a time repeated by daylight saving runs once', () => {
  assert.equal(queued({ cron: '30 2 * * *', ...BERLIN }, ...AUTUMN), ['2026-10-25T00:30Z', '2026-10-26T01:30Z'])
  assert.equal(queued({ cron: '0,30 2 * * *', ...BERLIN }, ...AUTUMN), [
    '2026-10-25T00:00Z',
    '2026-10-25T00:30Z',
    '2026-10-26T01:00Z',
    '2026-10-26T01:30Z',
  ])
})

times('an hourly schedule runs through both changes of the clock', () => {
  const hourly = { cron: '0 * * * *', ...BERLIN }
  for (const [from, to] of [SPRING, AUTUMN]) {
    const found = queued(hourly, from, to).map((text) => Date.parse(text))
    assert.is(found.length, 28)
    for (const [index, time] of found.slice(1).entries()) assert.is(time - found[index]!, 3_600_000)
  }
})

times('with "once", nights with a change of the clock are made up for as any other', () => {
  const nightly: Schedule = { cron: '30 2 * * *', ...BERLIN, missed: 'once' }
  assert.equal(due(nightly, '2026-03-28T01:30:00Z', '2026-03-29T09:00:00Z'), ['2026-03-29T01:00Z'])
  assert.equal(due(nightly, '2026-10-24T00:30:00Z', '2026-10-25T09:00:00Z'), ['2026-10-25T00:30Z'])
  assert.is(due(nightly, '2026-10-25T00:30:00Z', '2026-10-25T09:00:00Z'), undefined)
})

times('a scheduled time has a UUID that is the same everywhere, and unique to its task and time', () => {
  const [a, b] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:01:00Z')]
  assert.match(cronJobId('x', a), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.is(cronJobId('x', a), cronJobId('x', new Date(a)))
  assert.is(new Set([cronJobId('x', a), cronJobId('x', b), cronJobId('y', a)]).size, 3)
})

times.run()
