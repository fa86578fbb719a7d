import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createAlarm } from '../../../runtime/queue/worker/alarm.ts'
import { createRetries } from '../../../runtime/queue/worker/retries.ts'
import { manualClock } from '../../_clock.ts'

const retries = suite('queue/retries')

function bench() {
  const clock = manualClock()
  const said: string[] = []
  const controller = new AbortController()
  const log = { info: (text: string) => said.push(text), problem: (text: string) => said.push(text) }
  return { ...createRetries({ after: clock.after, random: () => 1 }, log), clock, said, controller }
}

retries('repeat() works at its interval until the signal aborts', async () => {
  const { repeat, clock, controller } = bench()
  const times: number[] = []
  const end = repeat(async () => void times.push(clock.monotonicMs()), 1000, controller.signal)
  await clock.advance(2500)
  controller.abort()
  await end
  assert.equal([times, clock.pending], [[0, 1000, 2000], 0])
})

retries(
  'repeat() goes on after a failure with growing pauses up to 5 s, and logs its start and its end once',
  async () => {
    const { repeat, clock, controller, said } = bench()
    const times: number[] = []
    let works = false
    const work = async () => {
      times.push(clock.monotonicMs())
      if (!works) throw new Error('Cannot reach it.')
    }
    const both = [1, 2].map(() => repeat(work, 1000, controller.signal))
    await clock.advance(60_000)
    assert.equal(said, ['error: Cannot reach it.'])
    const gaps = [...new Set(times)].map((time, index, all) => time - (all[index - 1] ?? 0)).slice(1)
    assert.equal(gaps.slice(0, 7), [700, 900, 1300, 2100, 3700, 5000, 5000])
    works = true
    await clock.advance(25_000)
    assert.equal(said, ['error: Cannot reach it.', 'Everything works again.'])
    controller.abort()
    await Promise.all(both)
  },
)

retries('a different failure is logged too', async () => {
  const { repeat, clock, controller, said } = bench()
  let message = 'One.'
  const end = repeat(() => Promise.reject(new Error(message)), 1000, controller.signal)
  await clock.advance(1000)
  message = 'Two.'
  await clock.advance(10_000)
  controller.abort()
  await end
  assert.equal(said, ['error: One.', 'error: Two.'])
})

retries('retry() resolves to true when the work succeeds, and to false when the signal aborts', async () => {
  const { retry, clock, controller } = bench()
  let left = 3
  const work = async () => {
    if (left-- > 0) throw new Error('not yet')
  }
  const done = retry(work, controller.signal)
  await clock.advance(10_000)
  assert.is(await done, true)
  const never = retry(() => Promise.reject(new Error('never')), controller.signal)
  await clock.advance(10_000)
  controller.abort()
  assert.is(await never, false)
})

retries('an alarm ends the present pause, or the next one', async () => {
  const { clock, controller } = bench()
  const { ring, wait } = createAlarm(clock)
  const first = wait(1000, controller.signal)
  ring()
  await first
  ring()
  await wait(1000, controller.signal)
  const third = wait(1000, controller.signal).then(() => clock.monotonicMs())
  await clock.advance(1000)
  assert.is(await third, 1000)
  controller.abort()
  await wait(1000, controller.signal)
  assert.is(clock.pending, 0)
})

retries.run()
