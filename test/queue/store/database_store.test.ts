import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../runtime/core/errors.ts'
import { addRun, readRuns } from '../../../runtime/queue/fleet_runs.ts'
import { createKept, keptSizes, readKept } from '../../../runtime/queue/store/kept.ts'
import { startPgBoss } from '../../../runtime/queue/store/pg_boss.ts'
import { type Job, MAX_WAITING, type NewJob, type Store } from '../../../runtime/queue/store.ts'
import type { RunRecord, RunSelection } from '../../../runtime/tasks/history/record.ts'
import type { StreamName } from '../../../runtime/tasks/kept/kept.ts'
import { rejects } from '../../_assert.ts'
import { notRun } from '../../_not_run.ts'
import { until } from '../_office.ts'
import {
  beginJob,
  fetchJob,
  HASH,
  newJob,
  newWorker,
  onPglite,
  onPostgres,
  runRow,
  storeHost,
  type Testbed,
} from './_store.ts'

const DONE = { exitCode: 0, durationMs: 12 }
const FAILED = { exitCode: 1, durationMs: 12, error: 'it went wrong' }
const OTHER_HASH = HASH.replaceAll('a', '9')

/** What runs the engine's maintenance: `maintain` in version 10, `supervise` in version 12. */
interface Maintained {
  maintain?(): Promise<void>
  supervise?(): Promise<void>
  stop(options: object): Promise<void>
}

/** A task for all that leaves nothing to fetch. Version 10 makes a queue of each task, with dozens of files. */
const SHARED = 'shared'

const databaseStore = suite('database_store')
const opened: Testbed[] = []

for (const [title, start] of [
  ['PGlite', onPglite],
  ['PostgreSQL', onPostgres],
] as const) {
  let bed: Testbed | undefined
  let store: Store

  const check = (what: string, work: () => Promise<void>) =>
    databaseStore(`${title}: ${what}`, async () => {
      if (!bed) {
        bed = await start()
        if (bed) {
          opened.push(bed)
          store = await bed.open()
        }
      }
      if (!bed) return notRun(`"${what}" needs PostgreSQL's initdb and pg_ctl`)
      await work()
    })

  // On PGlite a file has it.
  if (title === 'PostgreSQL') {
    check('what a run printed is kept in parts, of a log the last MiB, and for 14 days', async () => {
      const sql = bed!.sql
      const { keep } = createKept(sql)
      const text = async (name: StreamName, from = 0) =>
        (await readKept(sql, 'printed', name, from)).map(({ at, data }) => [at, Buffer.from(data).toString().length])
      // With what a text in the database cannot have.
      await keep('printed', 'output', { at: 0, data: Buffer.from('\u0000ü\n') })
      await keep('printed', 'output', { at: 0, data: Buffer.from('sent twice') })
      await keep('printed', 'output', { at: 4, data: Buffer.from('x') })
      assert.equal(await text('output'), [
        [0, 3],
        [4, 1],
      ])
      assert.equal(await text('output', 4), [[4, 1]])
      const block = 300_000
      for (let at = 0; at < 6 * block; at += block) await keep('printed', 'log', { at, data: Buffer.alloc(block, 'y') })
      assert.equal(
        await text('log'),
        [3, 4, 5].map((number) => [number * block, block]),
      )
      assert.equal(await keptSizes(sql, 'printed'), { output: 5, log: 3 * block })
      await sql.query("UPDATE wfg.kept SET kept_at = now() - interval '15 days' WHERE stream = 'log'")
      await store.register(newWorker())
      assert.equal(await keptSizes(sql, 'printed'), { output: 5, log: 0 })
    })
  }

  check('a job is queued, seen, fetched, begun and completed, and then both job and run say so', async () => {
    const worker = newWorker()
    const job = newJob('whole:way', { args: { when: '2026-01-01', startedAt: '2026-01-01T00:00:00Z' } })
    const { id, isNew } = await store.enqueue(job)
    assert.is(isNew, true)
    assert.is((await store.jobs(10)).find((each) => each.id === id)?.state, 'waiting')
    const fetched = await fetchJob(store, 'whole:way')
    assert.equal(fetched, { id, task: 'whole:way', hash: HASH, data: job.data, attempt: 0 })
    assert.is(await store.begin(fetched, worker), true)
    assert.is((await store.jobs(10)).find((each) => each.id === id)?.state, 'running')
    assert.is((await runRow(bed!.sql, job.id))?.['outcome'], 'running')
    await store.complete(fetched, { ...DONE, operations: { query: 2 }, user: 'wfgen' })
    const state = (await store.jobs(10)).find((each) => each.id === id)
    assert.is(state?.state, 'done')
    assert.instance(state?.endedAt, Date)
    const [run] = await readRuns(storeHost(), bed!.sql, 'folder', 1, { idStart: job.id })
    const { startedAt, ...record } = run!
    assert.ok(Date.now() - Date.parse(startedAt) < 60_000)
    assert.equal(JSON.parse(JSON.stringify(record)), {
      ...{ v: 1, id: job.id, task: 'whole:way', profile: 'test', args: job.data.args, directory: 'folder' },
      ...{ host: 'here', osUser: 'somebody', actingUser: 'wfgen', outcome: 'done', operations: { query: 2 }, ...DONE },
    })
    const row = await runRow(bed!.sql, job.id)
    assert.equal([row?.['job_id'], row?.['attempt']], [id, 0])
    assert.ok((row!['ended_at'] as Date) >= (row!['started_at'] as Date))
  })

  check('watch() tells when a job is queued, tried again, or may have its key', async () => {
    let calls = 0
    const told = async (work: () => Promise<unknown>) => {
      const before = calls
      await work()
      await until('it is told', () => (calls > before ? true : undefined), 10)
    }
    const watching = await bed!.open()
    const worker = newWorker()
    await store.register(worker)
    for (let time = 0; time < 2; time++) await watching.watch(() => calls++)
    const job = newJob('told')
    await told(() => store.enqueue(job))
    await store.begin(await fetchJob(store, 'told'), worker)
    await store.fail({ ...job, attempt: 0 }, FAILED)
    await told(() => store.retry(job.id))
    const release = await store.lock('key:told')
    await told(release!)
    assert.is(calls, 3, 'once each')
  })

  check('waiting() counts no further than it must, and jobs() has what waits last', async () => {
    const running = await beginJob(store, newWorker(), newJob('counted'))
    await bed!.sql.query(
      `INSERT INTO wfg_queue.job (id, name, data) SELECT gen_random_uuid(), name, data
        FROM wfg_queue.job, generate_series(1, ${MAX_WAITING + 5}) WHERE id = $1`,
      [running.id],
    )
    const counts = (await store.waiting()).filter(({ task }) => task === 'counted').map(({ count }) => count)
    assert.equal(counts, [MAX_WAITING])
    assert.ok((await store.jobs(100)).some(({ id }) => id === running.id))
    await bed!.sql.query("DELETE FROM wfg_queue.job WHERE data->>'task' = 'counted'")
  })

  check('waiting() counts what is due by task and files, the oldest first, and nothing else', async () => {
    for (const hash of [HASH, OTHER_HASH, HASH]) await store.enqueue(newJob('waits', { hash }))
    const { id } = await store.enqueue(newJob('waits'))
    await bed!.sql.query("UPDATE wfg_queue.job SET start_after = now() + interval '1 hour' WHERE id = $1", [id])
    await setTimeout(50)
    const found = (await store.waiting()).filter(({ task }) => task === 'waits')
    assert.equal(found, [
      { task: 'waits', hash: HASH, count: 2 },
      { task: 'waits', hash: OTHER_HASH, count: 1 },
    ])
    for (const hash of [HASH, HASH, OTHER_HASH]) assert.is((await fetchJob(store, 'waits', hash)).hash, hash)
    assert.is(await store.fetch('waits', HASH), undefined, 'one that is not due was fetched')
  })

  check('a job of an id exists once, whatever its files, also after it ran', async () => {
    const id = randomUUID()
    const both = await Promise.all([store.enqueue(newJob('once', { id })), store.enqueue(newJob('once', { id }))])
    assert.equal(both.map(({ isNew }) => isNew).sort(), [false, true])
    assert.equal(await store.enqueue(newJob('once', { id, hash: OTHER_HASH })), { id, isNew: false })
    const job = await fetchJob(store, 'once')
    assert.is(await store.begin(job, newWorker()), true)
    await store.complete(job, DONE)
    await bed!.sql.query('DELETE FROM wfg_queue.job WHERE id = $1', [id])
    assert.equal(await store.enqueue(newJob('once', { id })), { id, isNew: false })
  })

  check('20 jobs taken by four stores at once are each taken once', async () => {
    const stores = [store, await bed!.open(), await bed!.open(), await bed!.open()]
    for (let count = 0; count < 20; count += 1) await store.enqueue(newJob(SHARED, { args: { count } }))
    await setTimeout(50)
    const taken: string[] = []
    await Promise.all(
      stores.map(async (each) => {
        const worker = newWorker()
        for (;;) {
          const job = await each.fetch(SHARED, HASH)
          if (!job) return
          if (await each.begin(job, worker)) taken.push(job.id)
          await each.complete(job, DONE)
        }
      }),
    )
    assert.is(taken.length, 20)
    assert.is(new Set(taken).size, 20)
  })

  check('an attempt is begun by one worker only', async () => {
    const [mine, other] = [newWorker(), newWorker()]
    const job = await beginJob(store, mine, newJob(SHARED))
    assert.is(await store.begin(job, other), false)
    assert.is(await store.begin(job, mine), true, 'the answer to the first call may have been lost')
    await store.complete(job, DONE)
    assert.is(await store.begin(job, mine), false)
  })

  check('without a retry a job that failed is dead, with its error, until it is queued again', async () => {
    const worker = newWorker()
    const job = await beginJob(store, worker, newJob(SHARED))
    await store.fail(job, FAILED)
    const state = async () => (await store.jobs(50)).find(({ id }) => id === job.id)!
    assert.is((await state()).state, 'dead')
    assert.is((await state()).error, 'it went wrong')
    assert.is(await store.fetch(SHARED, HASH), undefined)
    assert.is(await store.retry(job.id), true)
    assert.is(await store.retry(job.id), false, 'it waits already')
    assert.is((await state()).state, 'waiting')
    assert.is((await state()).error, undefined)
    const again = await fetchJob(store, SHARED)
    assert.equal([again.id, again.attempt], [job.id, 1])
    assert.is(await store.begin(again, worker), true)
    await store.fail(again, FAILED)
    assert.is((await state()).state, 'dead', 'what a person queued again is tried once')
    assert.is((await runRow(bed!.sql, `${job.id}.2`))?.['outcome'], 'failed')
  })

  check('with a retry it is tried again that often, and after the delay', async () => {
    const worker = newWorker()
    const job = await beginJob(store, worker, newJob(SHARED, { retryLimit: 1, retryDelaySeconds: 60 }))
    await store.fail(job, FAILED)
    const failed = (await store.jobs(50)).find(({ id }) => id === job.id)
    assert.is(failed?.state, 'failed')
    assert.ok(Math.abs(failed!.startAfter!.getTime() - Date.now() - 60_000) < 30_000)
    assert.is(await store.fetch(SHARED, HASH), undefined, 'it was tried before the delay was over')
    await bed!.sql.query("UPDATE wfg_queue.job SET start_after = start_after - interval '60 seconds' WHERE id = $1", [
      job.id,
    ])
    const second = await fetchJob(store, SHARED)
    assert.is(second.attempt, 1)
    assert.is(await store.begin(second, worker), true)
    await store.fail(second, FAILED)
    assert.is((await store.jobs(50)).find(({ id }) => id === job.id)?.state, 'dead')
  })

  check('the end of an attempt that is over changes no later one, and may be told twice', async () => {
    const worker = newWorker()
    const first = await beginJob(store, worker, newJob(SHARED, { retryLimit: 1 }))
    await store.fail(first, FAILED)
    const second = await fetchJob(store, SHARED)
    assert.is(await store.begin(second, worker), true)
    await store.fail(first, FAILED)
    await store.complete(first, DONE)
    assert.is((await store.jobs(50)).find(({ id }) => id === first.id)?.state, 'running')
    await store.complete(second, DONE)
    await store.complete(second, DONE)
    await store.fail(second, FAILED)
    assert.is((await store.jobs(50)).find(({ id }) => id === first.id)?.state, 'done')
  })

  check('a waiting or dead job can be dropped, a running one and an unknown one cannot', async () => {
    const { id } = await store.enqueue(newJob(SHARED))
    assert.is(await store.drop(id), true)
    assert.is(await store.drop(id), false)
    const job = await beginJob(store, newWorker(), newJob(SHARED))
    assert.is(await store.drop(job.id), false)
    await store.fail(job, FAILED)
    assert.is(await store.drop(job.id), true)
    assert.is(await store.drop('no id'), false)
    assert.is(await store.retry(randomUUID()), false)
  })

  check('a key is held by one at a time', async () => {
    const other = title === 'PGlite' ? store : await bed!.open()
    for (const each of new Set([store, other])) await each.register(newWorker())
    const release = await store.lock('reports')
    assert.type(release, 'function')
    assert.is(await store.lock('reports'), undefined, 'the same store got it twice')
    assert.is(await other.lock('reports'), undefined)
    const another = await other.lock('exports')
    assert.type(another, 'function')
    await release!()
    const again = await other.lock('reports')
    assert.type(again, 'function')
    await again!()
    await another!()
  })

  check(
    'the time up to which the schedule was handled is what was said last, as a clock may have been wrong',
    async () => {
      assert.is(await store.lastCronTime('nightly'), undefined)
      const [earlier, later] = [new Date('2026-03-29T01:00:00Z'), new Date('2026-03-29T02:00:00Z')]
      for (const time of [later, earlier]) await store.setCronTime('nightly', time)
      assert.equal(await store.lastCronTime('nightly'), earlier)
    },
  )

  check('runs by hand are listed with the others, and each choice selects some of them', async () => {
    const { sql } = bed!
    const run: RunRecord = {
      ...{ v: 1, id: 'b7f1aa', task: 'by-hand', args: { a: [1] }, commit: 'c0ffee', directory: 'folder', host: 'desk' },
      ...{ startedAt: '2031-01-01T00:00:00.000Z', outcome: 'done', operations: {} },
    }
    await addRun(sql, run)
    await addRun(sql, { ...run, id: 'b7f1bb' })
    await addRun(sql, { ...run, id: 'b7f1bb', task: 'twice' })
    await addRun(sql, {
      ...{ ...run, id: 'b7f2', task: 'later', startedAt: '2031-01-02T00:00:00.000Z', outcome: 'failed' },
      ...{ osUser: 'Ada', actingUser: 'bob', host: 'DESK-2' },
    })
    const found = (limit: number, choice: RunSelection) => readRuns(storeHost(), sql, 'folder', limit, choice)
    const ids = async (limit: number, choice: RunSelection) => (await found(limit, choice)).map(({ id }) => id).sort()
    assert.equal(await ids(3, {}), ['b7f1aa', 'b7f1bb', 'b7f2'])
    assert.equal(JSON.parse(JSON.stringify(await found(1, { idStart: 'b7f1a' }))), [run])
    assert.equal(await ids(1, { task: 'by-hand', idStart: 'b7f1a' }), ['b7f1aa'])
    assert.equal(await ids(1, { isFailed: true }), ['b7f2'])
    assert.equal(await ids(1, { task: 'by-hand', isFailed: true }), [])
    assert.equal(await ids(9, { idStart: 'b7f1' }), ['b7f1aa', 'b7f1bb'])
    assert.equal(await ids(9, { idStart: 'b7f1bb', task: 'by-hand' }), ['b7f1bb'])
    assert.equal(await ids(9, { idStart: '%' }), [])
    for (const choice of [{ since: new Date('2031-01-02T00:00:00Z') }, { by: 'ada' }, { by: 'BOB' }, { on: 'desk-2' }])
      assert.equal(await ids(9, choice), ['b7f2'])
    assert.equal(await ids(9, { by: 'ada', on: 'desk' }), [])
  })

  check(
    'a run by hand is added when it starts and completed when it ends; the run of a job is left alone',
    async () => {
      const { sql } = bed!
      const started: RunRecord = {
        ...{ v: 1, id: 'c0ffee01', task: 'by-hand', directory: 'folder', host: 'desk', operations: {} },
        ...{ startedAt: '2031-02-01T00:00:00.000Z', outcome: 'running', process: { pid: 7, start: '12' } },
      }
      const row = async (id: string) => {
        const { outcome, exit_code, duration_ms, ended_at, acting_user, process } = (await runRow(sql, id))!
        return [outcome, exit_code, duration_ms, ended_at, acting_user, process]
      }
      await addRun(sql, started)
      assert.equal(await row('c0ffee01'), ['running', null, null, null, null, started.process])
      await addRun(sql, { ...started, outcome: 'interrupted' })
      await addRun(sql, { ...started, outcome: 'done', exitCode: 0, durationMs: 1000, actingUser: 'ada' })
      await addRun(sql, { ...started, outcome: 'interrupted' })
      assert.equal(await row('c0ffee01'), [
        ...['done', 0, 1000, new Date('2031-02-01T00:00:01Z'), 'ada', started.process],
      ])
      const job = await beginJob(store, newWorker(), newJob(SHARED))
      await addRun(sql, { ...started, id: job.id, host: 'here', outcome: 'interrupted' })
      assert.is((await row(job.id))[0], 'running')
      await store.complete(job, DONE)
    },
  )

  /** A job that is begun, and names whom to tell. */
  const beginTelling = (task: string, given: Partial<NewJob> = {}) => {
    const job = newJob(task, given)
    return beginJob(store, newWorker(), { ...job, data: { ...job.data, onFailure: `tell-${task}` } })
  }
  const untold = async (task: string) => (await store.untold([`tell-${task}`])).map(({ id, attempt }) => [id, attempt])

  check('untold() gives a dead job with its failure until it is told, and again after an attempt by hand', async () => {
    const job = await beginTelling('tells')
    assert.equal(await untold('tells'), [], 'it runs')
    const error = 'It broke.\n    at run (/srv/x.ts:1:1)'
    await store.fail(job, { ...FAILED, exitCode: 4, error })
    assert.equal(await store.untold(['tell-tells', 'other']), [
      {
        ...{ id: job.id, attempt: 0, task: 'tells', data: job.data, onFailure: 'tell-tells' },
        ...{ exitCode: 4, error: 'It broke.', hostname: 'here' },
      },
    ])
    assert.equal(await store.untold(['other']), [])
    await store.told(job)
    assert.equal(await untold('tells'), [])
    assert.is(await store.retry(job.id), true)
    const again = await fetchJob(store, 'tells')
    await store.begin(again, newWorker())
    await store.fail(again, FAILED)
    assert.equal(await untold('tells'), [[job.id, 1]])
  })

  check('untold() gives no job that is done, dropped, or tried again', async () => {
    const first = await beginTelling('tries', { retryLimit: 1 })
    await store.fail(first, FAILED)
    assert.equal(await untold('tries'), [])
    const second = await fetchJob(store, 'tries')
    await store.begin(second, newWorker())
    await store.fail(second, FAILED)
    assert.equal(await untold('tries'), [[first.id, 1]])
    assert.is(await store.drop(first.id), true)
    assert.equal(await untold('tries'), [])
    await store.complete(await beginTelling('tries'), DONE)
    assert.equal(await untold('tries'), [])
  })

  check('untold() gives a job that the engine failed, because it expired, once its run has ended', async () => {
    const { sql } = bed!
    const [fails, ends] = [await beginTelling('expires'), await beginTelling('expires')]
    await sql.query("UPDATE wfg_queue.job SET started_on = now() - interval '1 day' WHERE id = ANY ($1::uuid[])", [
      [fails.id, ends.id],
    ])
    const { boss } = (await startPgBoss(storeHost(), sql, false)) as unknown as { boss: Maintained }
    const dead = async () =>
      (await store.jobs(1000)).filter(({ task, state }) => task === 'expires' && state === 'dead')
    for (let tries = 0; tries < 20 && (await dead()).length < 2; tries += 1) {
      if (boss.maintain) await boss.maintain()
      else {
        // Version 12 looks at a queue once a minute.
        await sql.query('UPDATE wfg_queue.queue SET monitor_claim_on = NULL, monitor_on = NULL')
        await boss.supervise!()
      }
    }
    await boss.stop({ close: false, graceful: false })
    assert.is((await dead()).length, 2)
    assert.equal(await untold('expires'), [], 'they may still be done')
    assert.is(await store.fail(fails, { ...FAILED, exitCode: 124 }), false)
    assert.is(await store.complete(ends, DONE), false)
    assert.equal(await untold('expires'), [[fails.id, 0]])
  })

  /** A worker with a store of its own. Without `watchMs` it takes the jobs of all others as soon as it looks. */
  const startWorker = async (watchMs = 0) => {
    const own = await bed!.open({ watchMs })
    const worker = newWorker()
    await own.register(worker)
    return { own, worker }
  }
  type Started = Awaited<ReturnType<typeof startWorker>>
  const takenFrom = async (other: Started, { own, worker }: Started) =>
    (await own.reap(worker)).find(({ worker: { id } }) => id === other.worker.id)?.jobs

  check('the next worker takes what another one ran and tells of it, and the other hears of that once', async () => {
    const [dead, next] = [await startWorker(), await startWorker()]
    const cutOff = newJob(SHARED)
    const told = { ...cutOff, data: { ...cutOff.data, onFailure: 'tell-cut-off' } }
    const job = await beginJob(dead.own, dead.worker, told)
    assert.equal(await takenFrom(dead, next), [job])
    const [failure] = await next.own.untold(['tell-cut-off'])
    assert.equal([failure?.id, failure?.exitCode], [job.id, 143])
    assert.match(String(failure?.error), /^the worker that ran it is gone or frozen/)
    assert.is((await store.jobs(1000)).find(({ id }) => id === job.id)?.state, 'dead')
    assert.equal([await dead.own.renew(dead.worker), await dead.own.renew(dead.worker)], [false, true])
    for (const { own } of [dead, next]) await own.close()
  })

  for (const retryLimit of [0, 1]) {
    check(`a job that was done after all is repeated by nobody, with ${retryLimit} retries`, async () => {
      const [silent, next] = [await startWorker(), await startWorker()]
      const job = await beginJob(silent.own, silent.worker, newJob(SHARED, { retryLimit }))
      assert.equal(await takenFrom(silent, next), [job])
      assert.is((await runRow(bed!.sql, job.id))?.['outcome'], 'interrupted')
      assert.is(await silent.own.complete(job, DONE), false)
      assert.is((await runRow(bed!.sql, job.id))?.['outcome'], 'done')
      assert.not.ok((await store.jobs(1000)).some(({ id, state }) => id === job.id && state !== 'done'))
      assert.equal([await store.retry(job.id), await store.fetch(SHARED, HASH)], [false, undefined])
      for (const { own } of [silent, next]) await own.close()
    })
  }

  check('a worker that closes leaves no trace, and one that leaves a job behind is found', async () => {
    const [tidy, other] = [await startWorker(), await startWorker()]
    await beginJob(other.own, other.worker, newJob(SHARED))
    for (const { own } of [tidy, other]) await own.close()
    const left = await bed!.sql.query('SELECT id FROM wfg.worker WHERE id IN ($1, $2)', [
      ...[tidy.worker.id, other.worker.id],
    ])
    assert.equal(left, [{ id: other.worker.id }])
  })

  check('a job that was fetched but not started is given back, even without a retry', async () => {
    const { own, worker } = await startWorker()
    const begun = await beginJob(own, worker, newJob(SHARED))
    const { id } = await own.enqueue(newJob('unbegun'))
    await fetchJob(own, 'unbegun')
    await own.reap(worker)
    assert.is(await own.fetch('unbegun', HASH), undefined, 'it was given back too early')
    await bed!.sql.query("UPDATE wfg_queue.job SET started_on = now() - interval '2 minutes' WHERE id IN ($1, $2)", [
      ...[begun.id, id],
    ])
    await own.reap(worker)
    const again = await fetchJob(own, 'unbegun')
    assert.is(again.id, id)
    assert.is(await own.begin(again, worker), true)
    assert.is(await own.fetch(SHARED, HASH), undefined)
    for (const job of [begun, again]) await own.complete(job, DONE)
    assert.is((await runRow(bed!.sql, `${again.id}.2`))?.['outcome'], 'done')
    await own.close()
  })

  check('runs older than 90 days are dropped when a worker starts', async () => {
    const { sql } = bed!
    await sql.query(
      `INSERT INTO wfg.run (id, task, hostname, outcome, started_at) VALUES
        ('old', 'a', 'here', 'done', now() - interval '91 days'), ('new', 'a', 'here', 'done', now() - interval '89 days')`,
    )
    await store.register(newWorker())
    assert.equal(await sql.query("SELECT id FROM wfg.run WHERE task = 'a'"), [{ id: 'new' }])
  })

  check('queues in which nothing is left are removed when a worker starts, and made again when needed', async () => {
    const { sql } = bed!
    const { id } = await store.enqueue(newJob('emptied'))
    await store.enqueue(newJob('used'))
    assert.is(await store.drop(id), true)
    const ours = "name ~ '^wfg.(emptied|used)'"
    const names = async () =>
      (await sql.query<{ name: string }>(`SELECT name FROM wfg_queue.queue WHERE ${ours} ORDER BY 1`)).map(
        ({ name }) => name.split('.')[1],
      )
    const isOld = (await sql.query<{ version: number }>('SELECT version FROM wfg_queue.version'))[0]!.version < 25
    await store.register(newWorker())
    assert.equal(await names(), ['emptied', 'used'], 'it was removed on its first day')
    await sql.query(`UPDATE wfg_queue.queue SET created_on = now() - interval '2 days' WHERE ${ours}`)
    await store.register(newWorker())
    assert.equal(await names(), isOld ? ['used'] : ['emptied', 'used'], 'version 12 has no table for each')
    assert.is(await store.fetch('emptied', HASH), undefined)
    const again = await store.enqueue(newJob('emptied'))
    assert.is((await fetchJob(store, 'emptied')).id, again.id)
  })

  check('jobs() leaves out what is done before anything that somebody may have to look at', async () => {
    const { id } = await store.enqueue(newJob('waits'))
    await store.complete(await beginJob(store, newWorker(), newJob(SHARED)), DONE)
    const states = (await store.jobs(1000)).map(({ state }) => state)
    assert.is(
      states.slice(states.indexOf('done')).some((state) => state !== 'done'),
      false,
    )
    assert.is(await store.drop(id), true)
  })

  check('a text that the database cannot hold is refused without quoting it', async () => {
    const error = await rejects(store.enqueue(newJob(SHARED, { args: { text: 'private\u0000text' } })), {
      instance: UsageError,
    })
    assert.not.match(error.message, 'private')
    const job: Job = await beginJob(store, newWorker(), newJob(SHARED))
    await store.fail(job, { ...FAILED, error: 'cut\u0000here' })
    assert.is((await runRow(bed!.sql, job.id))?.['error'], 'cuthere')
  })

  check('a job of other code in the same tables is neither seen nor touched', async () => {
    const { sql } = bed!
    const id = randomUUID()
    await sql.query(`SELECT wfg_queue.create_queue('theirs', '{"policy":"standard"}')`)
    await sql.query(`INSERT INTO wfg_queue.job (id, name, data) VALUES ($1, 'theirs', '{"task":"theirs"}')`, [id])
    assert.not.ok((await store.waiting()).some(({ task }) => task === 'theirs'))
    assert.not.ok((await store.jobs(1000)).some((job) => job.id === id))
    assert.is(await store.drop(id), false)
    assert.is(await store.retry(id), false)
    assert.is((await sql.query('SELECT 1 FROM wfg_queue.job WHERE id = $1', [id])).length, 1)
  })
}

databaseStore.after(async () => {
  for (const bed of opened) await bed.close()
})

databaseStore.run()
