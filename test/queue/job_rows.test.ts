import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { timeText } from '../../runtime/core/time_text.ts'
import { rowsOf, shortRowOf } from '../../runtime/queue/job_rows.ts'
import type { JobState } from '../../runtime/queue/store.ts'

const rows = suite('cli/queue/job_rows')

function job(state: JobState['state'], minute: number, more: Partial<JobState> = {}): JobState {
  const data = {
    v: 1,
    task: 'a',
    args: {},
    profile: 'p',
    hash: 'h',
    queuedBy: { host: 'pc', user: 'ada' },
  } as const
  const queuedAt = new Date(Date.UTC(2026, 0, 1, 0, minute))
  return { id: `${state}-${minute}-id`, task: 'a', hash: 'h', data, attempt: 0, state, queuedAt, ...more }
}

const files = { taskFor: (name: string) => (name === 'a' ? ({} as never) : undefined) }

rows('active jobs come first, then waiting, retrying and dead ones, the oldest of each first', () => {
  const jobs = [
    job('dead', 1),
    job('failed', 9),
    job('waiting', 3),
    job('done', 0),
    job('waiting', 2),
    job('running', 5),
  ]
  assert.equal(
    rowsOf(jobs, files).map(({ id }) => id),
    ['running-5-id', 'waiting-2-id', 'waiting-3-id', 'failed-9-id', 'dead-1-id'],
  )
})

rows('a row has every field as JSON, and fits a terminal as a table', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second, 5))
  const failed = job('dead', 0, { attempt: 1, startedAt: at(1), endedAt: at(2), error: 'One.\nTwo.' })
  const row = {
    ...{ id: 'dead-0-id', state: 'dead' as const, task: 'a', queued: '2026-01-01T00:00:00Z' },
    ...{ started: '2026-01-01T00:00:01Z', ended: '2026-01-01T00:00:02Z', attempts: 2, profile: 'p', args: {} },
    ...{ by: 'ada@pc', next: null, error: 'One.\nTwo.' },
  }
  assert.equal(rowsOf([failed], files), [row])
  assert.equal(shortRowOf(row, Date.UTC(2026, 0, 1, 0, 5)), {
    ...{ id: 'dead-0-i', state: 'dead', task: 'a', queued: '5 min ago', attempts: 2, error: 'One.' },
  })
})

rows('a job that waits for other files says so', () => {
  const [waits, failed] = rowsOf(
    [job('waiting', 0, { task: 'b' }), job('dead', 1, { task: 'b', error: 'It broke.' })],
    files,
  )
  assert.equal(
    [waits?.error, failed?.error],
    ['The files here differ from those that it was queued with.', 'It broke.'],
  )
})

rows('a job that waits for its key, or for its time, says so', () => {
  const keyed = { taskFor: (name: string) => ({ concurrencyKey: name === 'free' ? 'other' : 'k' }) as never }
  const again = new Date(Date.UTC(2026, 0, 2, 3, 4))
  const [runs, waits, free, failed] = rowsOf(
    [
      job('running', 0),
      job('waiting', 1, { task: 'b' }),
      job('waiting', 2, { task: 'free' }),
      job('failed', 3, { error: 'It broke.', startAfter: again }),
    ],
    keyed,
  )
  assert.equal(
    [runs, waits, free, failed].map((row) => [row?.next, row?.error]),
    [
      [null, null],
      [null, 'a running- runs, which has the same concurrencyKey.'],
      [null, null],
      ['2026-01-02T03:04:00Z', 'It broke.'],
    ],
  )
  const nowMs = Date.UTC(2026, 0, 1)
  assert.is((shortRowOf(failed!, nowMs) as { error: string }).error, `again ${timeText(again, nowMs)}: It broke.`)
})

rows.run()
