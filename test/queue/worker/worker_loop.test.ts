/** What a worker does, with a clock of the test, a store in memory, and runs that end when the test says so. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Run } from '../../../runtime/queue/run/child.ts'
import type { Job, RunOutcome } from '../../../runtime/queue/store.ts'
import type { FailureReports } from '../../../runtime/queue/worker/failure_reports.ts'
import { LEASE_MS, RUN_LEASE_MS } from '../../../runtime/queue/worker/lease.ts'
import { createScheduler, type ScheduledTask } from '../../../runtime/queue/worker/scheduler.ts'
import { createWorkerLog } from '../../../runtime/queue/worker/worker_log.ts'
import { POLL_MS, runWorker } from '../../../runtime/queue/worker/worker_loop.ts'
import { defineTasks, type Task } from '../../../runtime/tasks/registry/registry.ts'
import { fakeHost } from '../../_host.ts'
import { HASH, type MemoryStore, memoryStore } from '../_memory_store.ts'

const worker = suite('cli/queue/worker_loop')

const LEASES = [`lease ${RUN_LEASE_MS - POLL_MS}`, `lease ${RUN_LEASE_MS}`, `lease ${RUN_LEASE_MS}`]

const REGISTRY = defineTasks('file:///project/tasks.ts', {
  plain: { script: './plain.ts' },
  other: { script: './other.ts' },
  again: { script: './again.ts', retry: { limit: 2, delaySeconds: 30 } },
  'key-a': { script: './a.ts', concurrencyKey: 'finance' },
  'key-b': { script: './b.ts', concurrencyKey: 'finance' },
})

const NO_REPORTS: FailureReports = { tick: async () => 0 }

interface StartedRun {
  readonly job: Job
  /** What the worker told it. */
  readonly told: string[]
  end(outcome?: Partial<RunOutcome>): Promise<void>
}

interface Bench {
  readonly store: MemoryStore
  /** Those that were started, oldest first. */
  readonly runs: StartedRun[]
  /** Names of the tasks that were started. */
  readonly started: () => string[]
  readonly said: () => string
  advance(ms: number): Promise<void>
  /** Lets the time pass while nothing is done, as when the computer sleeps. */
  freeze(ms: number): void
  stop(): void
  readonly isOver: () => boolean
  outdated: boolean
}

interface Given {
  concurrency?: number
  graceMs?: number
  scheduled?: (bench: { nowMs: () => number }) => readonly ScheduledTask[]
  reports?: (store: MemoryStore) => FailureReports
  /** Before the worker starts. */
  prepare?: (store: MemoryStore) => void
}

async function withWorker(given: Given, check: (bench: Bench) => Promise<void>): Promise<void> {
  const host = fakeHost({ random: () => 0.5 })
  const store = memoryStore(host.nowMs)
  const controller = new AbortController()
  const runs: StartedRun[] = []
  let over = false
  const bench: Bench = {
    ...{ store, runs, advance: host.advance, freeze: host.jump, outdated: false },
    started: () => runs.map(({ job }) => job.task),
    said: () => host.err,
    stop: () => controller.abort(),
    isOver: () => over,
  }
  given.prepare?.(store)
  const start = (job: Job, _task: Task, leaseMs: number | undefined): Run => {
    const told: string[] = []
    let resolve = (_outcome: RunOutcome): void => {}
    const ended = new Promise<RunOutcome>((done) => {
      resolve = done
    })
    runs.push({
      ...{ job, told },
      async end(outcome = {}) {
        resolve({ exitCode: 0, durationMs: 1500, ...outcome })
        await host.advance(0)
      },
    })
    if (leaseMs !== undefined) told.push(`lease ${leaseMs}`)
    const renew = (ms: number) => told.push(`lease ${ms}`)
    return { ended, renew, stop: () => told.push('stop'), end: () => told.push('end') }
  }
  const work = runWorker({
    ...{ host, store, start, signal: controller.signal },
    identity: { id: 'w1', hostname: 'here', pid: 7 },
    files: {
      taskFor: (name, hash) => (hash === HASH ? REGISTRY.find(name) : undefined),
      isOutdated: () => bench.outdated,
    },
    scheduler: createScheduler(host, store, given.scheduled?.(host) ?? []),
    reports: given.reports?.(store) ?? NO_REPORTS,
    log: createWorkerLog(host),
    concurrency: given.concurrency ?? 2,
    graceMs: given.graceMs ?? 30_000,
  }).finally(() => {
    over = true
  })
  await host.advance(0)
  try {
    await check(bench)
  } finally {
    bench.stop()
    store.down = false
    for (let round = 0; round < 20 && !over; round++) {
      for (const run of runs) await run.end()
      await host.advance(1000)
    }
    await work
  }
}

worker('the oldest job runs first, and no more run at once than there are places', () =>
  withWorker({}, async ({ store, runs, started, advance, said }) => {
    for (const task of ['plain', 'plain', 'other']) store.add(task)
    await advance(POLL_MS)
    assert.equal(started(), ['plain', 'plain'])
    await runs[1]!.end()
    assert.equal(started(), ['plain', 'plain', 'other'], 'a place that is free is taken at once')
    await runs[0]!.end({ exitCode: 1, error: 'It broke.\nAnd more.' })
    assert.equal(
      store.kept.map(({ state, outcome }) => [state, outcome?.exitCode]),
      [
        ['dead', 1],
        ['done', 0],
        ['running', undefined],
      ],
    )
    assert.match(said(), /^2026-01-01T00:00:01Z done plain 00000000 1\.5 s$/m)
    assert.match(said(), /^2026-01-01T00:00:01Z failed plain 00000000 1\.5 s: It broke\.$/m)
  }),
)

worker('a queued job is found within a second, and a job that another worker began is left alone', () =>
  withWorker({}, async ({ store, started, advance }) => {
    await advance(10_000)
    const job = store.add('plain')
    store.begunElsewhere.add(store.add('other').id)
    await advance(POLL_MS)
    assert.equal(started(), ['plain'])
    assert.is(store.kept.find(({ id }) => id === job.id)?.state, 'running')
  }),
)

worker('a job is begun at once when the database tells of it', () =>
  withWorker({}, async ({ store, started, advance }) => {
    store.add('plain')
    store.notify()
    await advance(0)
    assert.equal(started(), ['plain'])
  }),
)

worker('without word from the database, a job is found within a second', () =>
  withWorker({}, async ({ store, started, advance, said }) => {
    store.down = ['watch']
    await advance(10_000)
    store.add('plain')
    await advance(POLL_MS)
    assert.equal(started(), ['plain'])
    assert.not.match(said(), 'error')
  }),
)

worker('jobs of other files or unknown tasks are logged once and left', () =>
  withWorker({}, async ({ store, started, advance, said }) => {
    store.add('plain', { hash: 'b'.repeat(64) })
    store.add('gone')
    store.add('plain')
    await advance(5 * POLL_MS)
    assert.equal(started(), ['plain'])
    assert.is(said().split('bbbbbbbb').length, 2, said())
    assert.match(
      said(),
      /Jobs of "plain" are waiting that were queued with other files than this worker has \(bbbbbbbb\)\. It leaves them/,
    )
    assert.match(said(), /Jobs of "gone" are waiting/)
  }),
)

worker('a worker whose tasks.ts has changed begins nothing, and logs that once', () =>
  withWorker({}, async (bench) => {
    bench.outdated = true
    bench.store.add('plain')
    await bench.advance(3 * POLL_MS)
    assert.equal(bench.started(), [])
    assert.is(bench.said().split('tasks.ts has changed since this worker started').length, 2)
  }),
)

worker('tasks with the same key run one at a time, and do not block others', () =>
  withWorker({ concurrency: 4 }, async ({ store, runs, started, advance }) => {
    for (const task of ['key-a', 'key-a', 'key-b', 'plain']) store.add(task)
    await advance(POLL_MS)
    assert.equal(started(), ['key-a', 'plain'])
    await runs[0]!.end()
    assert.equal(started(), ['key-a', 'plain', 'key-a'])
    await runs[2]!.end({ exitCode: 1 })
    assert.equal(started(), ['key-a', 'plain', 'key-a', 'key-b'])
    await runs[3]!.end()
    assert.equal([...store.held], [])
  }),
)

worker('a worker waits for a key that another worker holds', () =>
  withWorker({ prepare: (store) => store.elsewhere.add('key:finance') }, async ({ store, started, advance }) => {
    store.add('key-a')
    await advance(5 * POLL_MS)
    assert.equal(started(), [])
    assert.is(store.kept[0]!.state, 'waiting', 'and the job is not taken')
    store.elsewhere.clear()
    await advance(POLL_MS)
    assert.equal(started(), ['key-a'])
  }),
)

worker('a failed job is retried after its delay, up to its limit', () =>
  withWorker({}, async ({ store, runs, started, advance }) => {
    store.add('again', { retryLimit: 1, retryDelaySeconds: 30 })
    await advance(POLL_MS)
    await runs[0]!.end({ exitCode: 4, error: 'No answer.' })
    await advance(29_000)
    assert.is(started().length, 1)
    await advance(2000)
    assert.is(started().length, 2)
    await runs[1]!.end({ exitCode: 4, error: 'No answer.' })
    await advance(60_000)
    assert.is(started().length, 2)
    assert.is(store.kept[0]!.state, 'dead')
  }),
)

worker('a worker that is told to stop begins nothing more, and waits for its runs', () =>
  withWorker({}, async ({ store, runs, started, advance, stop, isOver, said }) => {
    store.add('plain')
    await advance(POLL_MS)
    stop()
    store.add('other')
    await advance(20_000)
    assert.equal([started(), runs[0]!.told, isOver()], [['plain'], [], false])
    assert.match(said(), /stopping: 1 running, for 30 s more at most/)
    await runs[0]!.end()
    await advance(0)
    assert.equal([isOver(), store.kept[0]!.state, store.kept[1]!.state], [true, 'done', 'waiting'])
    assert.match(said(), /stopped\n$/)
  }),
)

worker('after the grace period, runs are asked to end, then ended, and count as interrupted', () =>
  withWorker({ graceMs: 5000 }, async ({ store, runs, advance, stop, isOver, said }) => {
    store.add('plain')
    await advance(POLL_MS)
    stop()
    await advance(4900)
    assert.equal(runs[0]!.told, [])
    await advance(200)
    assert.equal(runs[0]!.told, ['stop'])
    await advance(7000)
    assert.equal(runs[0]!.told, ['stop', 'end'])
    await runs[0]!.end({ exitCode: 143, error: 'Interrupted: the worker was told to stop.' })
    await advance(0)
    assert.equal([isOver(), store.kept[0]!.state, store.kept[0]!.outcome?.exitCode], [true, 'dead', 143])
    assert.match(said(), /interrupted plain 00000000 1\.5 s: Interrupted: the worker was told to stop\./)
  }),
)

worker('the worker renews its registration every 5 seconds until its last run has ended', () =>
  withWorker({}, async ({ store, advance, stop }) => {
    store.add('plain')
    await advance(POLL_MS)
    stop()
    const renewals = () => store.calls.filter((name) => name === 'renew').length
    const before = renewals()
    await advance(20_000)
    assert.is(renewals() - before, 4)
  }),
)

worker('the jobs of a dead worker are logged, each once', () =>
  withWorker({}, async ({ store, advance, said }) => {
    const job = store.add('plain', { hash: 'c'.repeat(64) })
    store.dead = [{ worker: { id: 'w0', hostname: 'there', pid: 9 }, jobs: [job] }]
    await advance(10_000)
    assert.is(said().split('interrupted plain 00000000: its worker on there (process 9) is gone or frozen').length, 2)
  }),
)

worker('while the database is away nothing is lost, and the outage is logged once', () =>
  withWorker({}, async ({ store, runs, started, advance, said }) => {
    store.add('plain')
    await advance(POLL_MS)
    store.down = true
    await runs[0]!.end({ exitCode: 1, error: 'It broke.' })
    store.add('other')
    await advance(60_000)
    assert.is(store.kept[0]!.state, 'running')
    assert.is(said().split('error: Cannot reach the database.').length, 2, said())
    store.down = false
    await advance(21_000)
    assert.equal([store.kept[0]!.state, started()], ['dead', ['plain', 'other']])
    assert.match(said(), /Everything works again\./)
  }),
)

worker('a job whose start could not be recorded is started later by the worker that fetched it', () =>
  withWorker({}, async ({ store, started, advance }) => {
    store.down = ['begin']
    store.add('plain')
    await advance(10_000)
    assert.equal([started(), store.kept[0]!.state], [[], 'running'])
    store.down = false
    await advance(21_000)
    assert.equal(started(), ['plain'])
  }),
)

worker(
  'without the database for 11 seconds, a run that another worker may repeat is ended before that, and no other',
  () =>
    withWorker({}, async ({ store, runs, advance, said }) => {
      store.add('again', { retryLimit: 2 })
      store.add('plain')
      await advance(POLL_MS)
      store.down = true
      await advance(LEASE_MS - 2 * POLL_MS)
      assert.equal(
        runs.map(({ told }) => told),
        [[`lease ${RUN_LEASE_MS - POLL_MS}`], []],
      )
      await advance(5 * POLL_MS)
      assert.equal(
        runs.map(({ told }) => told),
        [[`lease ${RUN_LEASE_MS - POLL_MS}`, 'stop', 'end'], []],
      )
      assert.match(
        said(),
        /again 00000000 is stopped: without the database this worker counts as dead, and another worker may take over/,
      )
    }),
)

worker('only a run with a retry or a key depends on renewals', () =>
  withWorker({ concurrency: 3 }, async ({ store, runs, advance }) => {
    store.add('again', { retryLimit: 2 })
    store.add('key-a')
    store.add('plain')
    await advance(POLL_MS)
    await advance(10_000)
    assert.equal(
      runs.map(({ told }) => told),
      [LEASES, LEASES, []],
    )
  }),
)

worker('a worker that was frozen after fetching a job asks again before it starts it', () =>
  withWorker({}, async ({ store, runs, freeze, advance }) => {
    store.onBegin = () => freeze(60_000)
    store.add('plain')
    await advance(POLL_MS)
    assert.equal(store.calls.filter((name) => ['begin', 'renew'].includes(name)).slice(-3), ['begin', 'renew', 'begin'])
    assert.is(runs.length, 1)
    store.onBegin = (job) => {
      freeze(60_000)
      store.begunElsewhere.add(job.id)
    }
    store.add('other')
    await advance(2 * POLL_MS)
    assert.is(runs.length, 1, 'it was taken meanwhile')
  }),
)

worker('a worker that counted as dead stops the runs that another worker may have begun', () =>
  withWorker({}, async ({ store, runs, advance, said }) => {
    store.add('again', { retryLimit: 2 })
    store.add('plain')
    await advance(POLL_MS)
    store.taken = true
    await advance(5000)
    assert.equal(
      runs.map(({ told }) => told.filter((each) => !each.startsWith('lease'))),
      [['stop', 'end'], []],
    )
    assert.match(said(), /This worker was silent for 5 s, so another one took its jobs\./)
    assert.match(said(), /again 00000000 is stopped: this worker counts as dead, and another worker may take over/)
    assert.match(said(), /plain 00000000 goes on, but counts as interrupted until it ends; nobody repeats it/)
    store.taken = true
    await runs[1]!.end()
    assert.match(said(), /plain 00000000: the job was no longer this worker's when its run ended/)
  }),
)

worker('a worker ends even if the database does not answer its last call', () =>
  withWorker({ graceMs: 0 }, async ({ store, runs, advance, stop, isOver, said }) => {
    store.add('plain')
    await advance(POLL_MS)
    store.down = true
    stop()
    await advance(1000)
    await runs[0]!.end({ exitCode: 143, error: 'Interrupted.' })
    await advance(60_000)
    assert.is(isOver(), true)
    assert.match(said(), /plain 00000000: its outcome could not be recorded, so it will count as interrupted/)
  }),
)

worker('a health line is logged every minute', () =>
  withWorker({ concurrency: 1 }, async ({ store, advance, said }) => {
    for (const task of ['plain', 'plain', 'other']) store.add(task)
    await advance(121_000)
    assert.equal(said().match(/health: .*/g), ['health: 1 running, 2 waiting', 'health: 1 running, 2 waiting'])
  }),
)

/** `plain` every minute, by a worker of the same files. */
function everyMinute(): readonly ScheduledTask[] {
  const task = REGISTRY.find('plain') as Task
  const data = { v: 1, task: 'plain', args: {}, hash: HASH, queuedBy: { host: 'h', user: 'u' } } as const
  const newJob = async () => ({
    task: 'plain',
    hash: HASH,
    data,
    retryLimit: 0,
    retryDelaySeconds: 0,
    expireInSeconds: 60,
  })
  return [{ task, schedule: { cron: '* * * * *' }, newJob }]
}

worker('a scheduled task is queued at its time, and runs', () =>
  withWorker({ scheduled: everyMinute }, async ({ runs, started, advance, said }) => {
    await advance(59_000)
    assert.equal(started(), [])
    await advance(2000)
    assert.equal(started(), ['plain'])
    await runs[0]!.end()
    await advance(60_000)
    assert.equal(started(), ['plain', 'plain'])
    assert.match(said(), /health: 0 running, 0 waiting, next plain 2026-01-01T00:02Z/)
  }),
)

worker('a failure is reported after the jobs of dead workers were failed, and not by an outdated worker', () => {
  let failures = 1
  const reports = (store: MemoryStore): FailureReports => ({
    async tick() {
      assert.is(store.calls.at(-1), 'reap')
      if (failures > 0) store.add('other')
      return failures--
    },
  })
  return withWorker({ reports }, async (bench) => {
    await bench.advance(0)
    assert.equal(bench.started(), ['other'], 'it runs at once')
    bench.outdated = true
    await bench.advance(20_000)
    assert.is(failures, 0)
  })
})

worker('a worker that cannot reach the database at its start says so and ends', async () => {
  const host = fakeHost({ random: () => 0.5 })
  const store = memoryStore(host.nowMs)
  store.down = true
  const given = {
    ...{ host, store, concurrency: 1, graceMs: 0, signal: new AbortController().signal },
    identity: { id: 'w1', hostname: 'here', pid: 7 },
    files: { taskFor: () => undefined, isOutdated: () => false },
    scheduler: createScheduler(host, store, []),
    reports: NO_REPORTS,
    log: createWorkerLog(host),
    start: () => {
      throw new Error('nothing to start')
    },
  }
  let message = ''
  await runWorker(given).catch((error: Error) => {
    message = error.message
  })
  assert.is(message, 'Cannot reach the database.')
})

worker.run()
