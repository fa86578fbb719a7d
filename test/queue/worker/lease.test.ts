import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  createLease,
  isLeased,
  LEASE_MS,
  RUN_LAST_MS,
  RUN_LEASE_MS,
  startStopwatch,
  TAKEOVER_MS,
} from '../../../runtime/queue/worker/lease.ts'
import { manualClock } from '../../_clock.ts'

const lease = suite('cli/queue/lease')

lease(
  'the worker ends its runs first, then they end themselves, then by force, and only then may others take over',
  () => {
    assert.ok(LEASE_MS < RUN_LEASE_MS)
    // A run is killed 2.5 s after its worker asked it to end, and looks at its own lease 4 times a second.
    assert.ok(LEASE_MS + 1000 + 2500 < TAKEOVER_MS - 4000)
    assert.ok(RUN_LEASE_MS + RUN_LAST_MS + 250 + 500 < TAKEOVER_MS - 4000)
  },
)

lease('only tasks with a retry or a key are leased', () => {
  assert.is(isLeased({ retry: { limit: 1, delaySeconds: 0 }, concurrencyKey: undefined }), true)
  assert.is(isLeased({ retry: undefined, concurrencyKey: 'k' }), true)
  assert.is(isLeased({ retry: undefined, concurrencyKey: undefined }), false)
})

lease('a stopwatch counts while the computer sleeps, and does not go back with the clock', async () => {
  const clock = manualClock()
  const elapsedMs = startStopwatch(clock)
  await clock.advance(1000)
  clock.jump(-3_600_000)
  assert.is(elapsedMs(), 1000)
  clock.jump(3_600_000)
  clock.jump(60_000)
  assert.is(elapsedMs(), 61_000)
})

lease('a lease ends its length after the last renewal', async () => {
  const clock = manualClock()
  const { renew, leftMs } = createLease(clock)
  assert.is(leftMs(), Number.POSITIVE_INFINITY)
  renew(clock.nowMs() + 1000)
  await clock.advance(900)
  renew(clock.nowMs() + 2000)
  await clock.advance(1900)
  assert.is(leftMs(), 100)
})

lease('a renewal that waited while the run was frozen gives only the time it had left', async () => {
  const clock = manualClock()
  const { renew, leftMs } = createLease(clock)
  renew(clock.nowMs() + 12_000)
  const said = clock.nowMs() + 12_000
  await clock.advance(11_000)
  renew(said)
  assert.is(leftMs(), 1000)
  const late = clock.nowMs() + 12_000
  await clock.advance(2000)
  renew(late)
  assert.is(leftMs(), -1000, 'once over, it stays over')
})

lease('a clock that was set back does not lengthen a lease', () => {
  const clock = manualClock()
  const { renew, leftMs } = createLease(clock)
  const said = clock.nowMs() + RUN_LEASE_MS
  clock.jump(-3_600_000)
  renew(said)
  assert.is(leftMs(), RUN_LEASE_MS)
})

lease.run()
