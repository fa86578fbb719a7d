import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { backoffMs, retryAfterMs } from '../../runtime/core/backoff.ts'

const backoff = suite('backoff')

const NOW_MS = Date.UTC(2026, 0, 1)

backoff('backoffMs() doubles its limit with each attempt, up to 20 seconds', () => {
  const almostOne = () => 1
  const limits = [1, 2, 3, 7, 8, 50, 5000].map((attempt) => backoffMs(attempt, almostOne))
  assert.equal(limits, [200, 400, 800, 12_800, 20_000, 20_000, 20_000])
})

backoff('backoffMs() waits anything from nothing to the limit', () => {
  assert.is(
    backoffMs(1, () => 0),
    0,
  )
  assert.is(
    backoffMs(2, () => 0.25),
    100,
  )
})

for (const [header, expectedMs] of [
  ['0', 0],
  ['120', 120_000],
  [' 3 ', 3000],
  ['1.5', 1500],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
  ['Thu Jan  1 00:00:30 2026', 30_000],
  ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
] as const) {
  backoff(`retryAfterMs() reads ${JSON.stringify(header)}`, () => {
    assert.is(retryAfterMs(header, NOW_MS), expectedMs)
  })
}

for (const header of [
  '',
  'soon',
  'soon 5',
  'x 2030',
  '-1',
  '1e3',
  '0x10',
  '+5',
  '120, 120',
  '5s',
  'NaN',
  '2027-01-01',
]) {
  backoff(`retryAfterMs() takes ${JSON.stringify(header)} for no time`, () => {
    assert.is(retryAfterMs(header, NOW_MS), undefined)
  })
}

backoff('retryAfterMs() takes a date that does not exist for no time', () => {
  assert.is(retryAfterMs('Thu, 01 Foo 2026 00:00:30 GMT', NOW_MS), undefined)
})

backoff('retryAfterMs() gives undefined when there is no header', () => {
  assert.is(retryAfterMs(undefined, NOW_MS), undefined)
})

backoff.run()
