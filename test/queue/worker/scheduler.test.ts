import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { NewJob } from '../../../runtime/queue/store.ts'
import { createScheduler, type ScheduledTask } from '../../../runtime/queue/worker/scheduler.ts'
import type { Schedule } from '../../../runtime/tasks/registry/entry.ts'
import { defineTasks, type Task } from '../../../runtime/tasks/registry/registry.ts'
import { rejects } from '../../_assert.ts'
import { manualClock } from '../../_clock.ts'
import { HASH, memoryStore } from '../_memory_store.ts'

const scheduler = suite('cli/queue/scheduler')

const REGISTRY = defineTasks('file:///project/tasks.ts', { a: { script: './a.ts' }, b: { script: './b.ts' } })

function scheduled(name: string, schedule: Schedule, hash = HASH): ScheduledTask {
  const task = REGISTRY.find(name) as Task
  const data = { v: 1, task: name, args: {}, hash, queuedBy: { host: 'h', user: 'u' } } as const
  const job: NewJob = { task: name, hash, data, retryLimit: 0, retryDelaySeconds: 0, expireInSeconds: 60 }
  return { task, schedule, newJob: async () => job }
}

scheduler('each scheduled time becomes one job, however many workers look', async () => {
  const clock = manualClock()
  const store = memoryStore(clock.nowMs)
  const tasks = [scheduled('a', { cron: '*/2 * * * *' }), scheduled('b', { cron: '*/3 * * * *' })]
  const workers = Array.from({ length: 4 }, () => createScheduler(clock, store, tasks))
  for (let second = 0; second <= 360; second++) {
    await Promise.all(workers.map((each) => each.tick()))
    await clock.advance(1000)
  }
  const found = store.kept.map(({ task }) => task)
  assert.equal([found.filter((task) => task === 'a').length, found.filter((task) => task === 'b').length], [3, 2])
  assert.equal([...store.held], [])
})

scheduler('workers with different files queue a scheduled time once', async () => {
  const clock = manualClock()
  const store = memoryStore(clock.nowMs)
  const workers = [HASH, 'b'.repeat(64)].map((hash) =>
    createScheduler(clock, store, [scheduled('a', { cron: '* * * * *' }, hash)]),
  )
  for (const each of workers) await each.tick()
  await clock.advance(60_000)
  for (const each of workers) await each.tick()
  assert.is(store.kept.length, 1)
})

scheduler('the database is not asked between scheduled times', async () => {
  const clock = manualClock()
  const store = memoryStore(clock.nowMs)
  const { tick } = createScheduler(clock, store, [scheduled('a', { cron: '0 * * * *' })])
  await tick()
  const before = store.calls.length
  for (let minute = 0; minute < 59; minute++) {
    await clock.advance(60_000)
    assert.equal(await tick(), [])
  }
  assert.is(store.calls.length, before)
  await clock.advance(60_000)
  assert.is((await tick()).length, 1)
})

scheduler('a corrected clock is followed', async () => {
  const clock = manualClock()
  const store = memoryStore(clock.nowMs)
  const { tick } = createScheduler(clock, store, [scheduled('a', { cron: '0 * * * *' })])
  await tick()
  clock.jump(86_400_000) // wrong by a day, and seen
  await tick()
  clock.jump(-86_400_000)
  await tick()
  await clock.advance(3_600_000)
  assert.is((await tick()).length, 1, 'it does not wait for tomorrow')
})

scheduler('times missed while no worker ran are skipped, or made up for once', async () => {
  const clock = manualClock()
  const store = memoryStore(clock.nowMs)
  const tasks = [scheduled('a', { cron: '* * * * *' }), scheduled('b', { cron: '*/10 * * * *', missed: 'once' })]
  await createScheduler(clock, store, tasks).tick()
  await clock.advance(3_600_000 - 30_000)
  const queued = await createScheduler(clock, store, tasks).tick()
  assert.equal(
    queued.map(({ task }) => task),
    ['a', 'b'],
  )
})

scheduler('a task that cannot be queued stays due for a minute', async () => {
  const clock = manualClock()
  const store = memoryStore(clock.nowMs)
  const task = scheduled('a', { cron: '0 * * * *' })
  let broken = true
  const newJob = async (time: Date) => {
    if (broken) throw new Error('the file is just being replaced')
    return task.newJob(time)
  }
  const { tick } = createScheduler(clock, store, [{ ...task, newJob }, scheduled('b', { cron: '0 * * * *' })])
  await tick()
  await clock.advance(3_600_000)
  await rejects(() => tick(), { message: 'the file is just being replaced' })
  assert.equal([...store.held], [], 'and nobody else is kept from it')
  assert.equal(
    store.kept.map((job) => job.task),
    ['b'],
  )
  broken = false
  await clock.advance(1000)
  assert.is((await tick()).length, 1)
})

scheduler('next() returns the earliest time of all tasks', async () => {
  const clock = manualClock()
  const tasks = [scheduled('a', { cron: '0 5 * * *' }), scheduled('b', { cron: '0 4 * * *' })]
  const store = memoryStore(clock.nowMs)
  assert.equal(createScheduler(clock, store, tasks).next(), { task: 'b', time: new Date('2026-01-01T04:00:00Z') })
  assert.is(createScheduler(clock, store, []).next(), undefined)
})

scheduler.run()
