import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Reaped, Store, WorkerIdentity } from '../../../runtime/queue/store.ts'
import { needs, notRun, SLOW_UNDER_WINE, UNDER_WINE } from '../../_not_run.ts'
import { startHolder } from './_holding.ts'
import { beginJob, fetchJob, HASH, newJob, newWorker, onPglite, onPostgres, runRow, type Testbed } from './_store.ts'

const WATCH_MS = 1500

const workers = needs(!UNDER_WINE, SLOW_UNDER_WINE, suite('workers'))
let bed: Awaited<ReturnType<typeof onPostgres>>

/** One for all tests: to open PGlite takes longer than they do. */
let pglite: Testbed

workers.before(async () => {
  bed = await onPostgres()
  pglite = await onPglite()
})

workers.after(async () => {
  await bed?.close()
  await pglite.close()
})

/** Looks on as a worker does, for so long or until something was found. */
async function watch(store: Store, worker: WorkerIdentity, forMs: number): Promise<readonly Reaped[]> {
  for (const endMs = Date.now() + forMs; Date.now() < endMs; await setTimeout(100)) {
    await store.renew(worker)
    const reaped = await store.reap(worker)
    if (reaped.length > 0) return reaped
  }
  return []
}

async function watcher(on: Testbed): Promise<{ store: Store; worker: WorkerIdentity }> {
  const store = await on.open({ watchMs: WATCH_MS })
  const worker = newWorker()
  await store.register(worker)
  return { store, worker }
}

for (const retryLimit of [0, 1]) {
  const becomes = retryLimit ? 'is tried again' : 'is dead'
  workers(`PostgreSQL: what ran on a worker that was killed is interrupted and ${becomes}`, async () => {
    if (!bed) return notRun('workers on PostgreSQL')
    const holder = await startHolder({ databaseUrl: bed.server.url, retryLimit })
    const { store, worker } = await watcher(bed)
    assert.equal(await watch(store, worker, WATCH_MS + 1000), [], 'it lived')
    await holder.kill()
    const [reaped, ...others] = await watch(store, worker, 20_000)
    assert.is(others.length, 0)
    assert.is(reaped?.worker.pid, holder.pid)
    assert.equal(
      reaped?.jobs.map(({ id, task, attempt }) => [id, task, attempt]),
      [[holder.jobId, 'held', 0]],
    )
    const state = (await store.jobs(10)).find(({ id }) => id === holder.jobId)
    assert.is(state?.state, retryLimit ? 'failed' : 'dead')
    const [run] = await bed.sql.query('SELECT outcome, error FROM wfg.run WHERE job_id = $1', [holder.jobId])
    assert.is(run?.['outcome'], 'interrupted')
    assert.match(String(run?.['error']), `process ${holder.pid} on here`)
    if (retryLimit) assert.is((await fetchJob(store, 'held')).attempt, 1)
    assert.equal(await store.reap(worker), [], 'it was found twice')
    await store.close()
  })
}

workers('PostgreSQL: exactly one of many workers finds a dead worker', async () => {
  if (!bed) return notRun('workers on PostgreSQL')
  const holder = await startHolder({ databaseUrl: bed.server.url })
  const all = await Promise.all([watcher(bed), watcher(bed), watcher(bed)])
  await holder.kill()
  const found: Reaped[] = []
  for (const endMs = Date.now() + 4 * WATCH_MS; Date.now() < endMs; await setTimeout(100)) {
    await Promise.all(all.map(({ store, worker }) => store.renew(worker)))
    found.push(...(await Promise.all(all.map(({ store, worker }) => store.reap(worker)))).flat())
  }
  assert.is(found.length, 1)
  for (const { store } of all) await store.close()
})

workers('PostgreSQL: a worker that lost its connections for a moment is left alone, and holds its keys', async () => {
  if (!bed) return notRun('workers on PostgreSQL')
  const { store, worker } = await watcher(bed)
  const other = await watcher(bed)
  const job = await beginJob(other.store, other.worker, newJob('goes-on'))
  const release = await other.store.lock('its-key')
  assert.ok(release)
  await bed.sql.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wfg' AND pid <> pg_backend_pid()",
  )
  for (const endMs = Date.now() + 2 * WATCH_MS; Date.now() < endMs; await setTimeout(100)) {
    for (const each of [other, { store, worker }]) await each.store.renew(each.worker).catch(() => {})
    assert.equal(await store.reap(worker).catch(() => []), [])
  }
  assert.is(await store.lock('its-key'), undefined, 'the key was free')
  await release()
  await other.store.complete(job, { exitCode: 0, durationMs: 1 })
  assert.is((await runRow(bed.sql, job.id))?.['outcome'], 'done')
  for (const each of [store, other.store]) await each.close()
})

workers(
  'PostgreSQL: a worker that is silent loses its job and its key, whatever its connections, and hears of it',
  async () => {
    if (!bed) return notRun('workers on PostgreSQL')
    const silent = await watcher(bed)
    const job = await beginJob(silent.store, silent.worker, newJob('frozen', { retryLimit: 1 }))
    assert.type(await silent.store.lock('frozen-key'), 'function')
    const { store, worker } = await watcher(bed)
    assert.is(await store.lock('frozen-key'), undefined)
    const [reaped] = await watch(store, worker, 20_000)
    assert.equal([reaped?.worker.id, reaped?.jobs[0]?.id], [silent.worker.id, job.id])
    const release = await store.lock('frozen-key')
    assert.type(release, 'function')
    const again = await fetchJob(store, 'frozen')
    assert.is(await silent.store.begin(job, silent.worker), false)
    assert.is(await silent.store.renew(silent.worker), false)
    assert.is(await silent.store.lock('frozen-key'), undefined)
    assert.is(await silent.store.fail(job, { exitCode: 143, durationMs: 1 }), false)
    assert.is(await silent.store.fail(job, { exitCode: 143, durationMs: 1 }), true, 'it is told once')
    assert.is(await store.begin(again, worker), true)
    assert.is(await store.complete(again, { exitCode: 0, durationMs: 1 }), true)
    await release!()
    for (const each of [store, silent.store]) await each.close()
  },
)

for (const retryLimit of [0, 1]) {
  workers(`a job that was done after all is repeated by nobody, with ${retryLimit} retries`, async () => {
    for (const on of [pglite, bed]) {
      if (!on) return notRun('workers on PostgreSQL')
      const silent = await watcher(on)
      const job = await beginJob(silent.store, silent.worker, newJob('late', { retryLimit }))
      const { store, worker } = await watcher(on)
      assert.is((await watch(store, worker, 20_000))[0]?.jobs[0]?.id, job.id)
      assert.is((await runRow(on.sql, job.id))?.['outcome'], 'interrupted')
      assert.is(await silent.store.complete(job, { exitCode: 0, durationMs: 1 }), false)
      assert.is((await runRow(on.sql, job.id))?.['outcome'], 'done')
      assert.not.ok((await store.jobs(100)).some(({ id }) => id === job.id))
      assert.equal([await store.retry(job.id), await store.fetch('late', HASH)], [false, undefined])
      for (const each of [store, silent.store]) await each.close()
    }
  })
}

workers('PostgreSQL: a worker that could not look for a while starts its watch again', async () => {
  if (!bed) return notRun('workers on PostgreSQL')
  const holder = await startHolder({ databaseUrl: bed.server.url })
  const { store, worker } = await watcher(bed)
  await store.reap(worker)
  await holder.kill()
  await setTimeout(WATCH_MS + 100)
  assert.equal(await store.reap(worker), [], 'it watched while it could see nothing')
  assert.is((await watch(store, worker, 20_000)).length, 1)
  await store.close()
})

workers('a worker that closes leaves no trace, and one that left a job behind is found', async () => {
  for (const on of [pglite, bed]) {
    if (!on) return notRun('workers on PostgreSQL')
    const store = await on.open()
    const worker = newWorker()
    await store.register(worker)
    assert.is((await on.sql.query('SELECT 1 FROM wfg.worker WHERE id = $1', [worker.id])).length, 1)
    await store.close()
    assert.is((await on.sql.query('SELECT 1 FROM wfg.worker WHERE id = $1', [worker.id])).length, 0)
  }
})

workers('PGlite: the next worker finds at once what ran when the last one ended', async () => {
  const on = pglite
  const [first, second] = [await on.open(), await on.open()]
  const [dead, worker] = [newWorker(), newWorker()]
  await first.register(dead)
  const cutOff = newJob('cut-off')
  const job = await beginJob(first, dead, { ...cutOff, data: { ...cutOff.data, onFailure: 'tell' } })
  await second.register(worker)
  const [reaped] = await second.reap(worker)
  assert.equal(reaped?.jobs, [job])
  const [failure] = await second.untold(['tell'])
  assert.equal([failure?.id, failure?.exitCode], [job.id, 143])
  assert.match(String(failure?.error), /^the worker that ran it is gone or frozen/)
  assert.is((await second.jobs(1))[0]?.state, 'dead')
  assert.equal([await first.renew(dead), await first.renew(dead)], [false, true], 'it hears of that once')
  for (const each of [first, second]) await each.close()
})

workers('a job that was fetched but not started is given back, even without a retry', async () => {
  for (const on of [pglite, bed]) {
    if (!on) return notRun('workers on PostgreSQL')
    const store = await on.open()
    const worker = newWorker()
    await store.register(worker)
    const begun = await beginJob(store, worker, newJob('begun'))
    const { id } = await store.enqueue(newJob('unbegun'))
    await fetchJob(store, 'unbegun')
    await store.reap(worker)
    assert.is(await store.fetch('unbegun', HASH), undefined, 'it was given back too early')
    await on.sql.query("UPDATE wfg_queue.job SET started_on = now() - interval '2 minutes' WHERE state = 'active'")
    await store.reap(worker)
    const again = await fetchJob(store, 'unbegun')
    assert.is(again.id, id)
    assert.is(await store.begin(again, worker), true)
    assert.is(await store.fetch('begun', HASH), undefined)
    for (const job of [begun, again]) await store.complete(job, { exitCode: 0, durationMs: 1 })
    assert.is((await runRow(on.sql, `${again.id}.2`))?.['outcome'], 'done')
    await store.close()
  }
})

workers('runs older than 90 days are dropped when a worker starts', async () => {
  const on = pglite
  const store = await on.open()
  await on.sql.query(
    `INSERT INTO wfg.run (id, task, hostname, outcome, started_at) VALUES
      ('old', 'a', 'here', 'done', now() - interval '91 days'), ('new', 'a', 'here', 'done', now() - interval '89 days')`,
  )
  await store.register(newWorker())
  assert.equal(await on.sql.query("SELECT id FROM wfg.run WHERE task = 'a'"), [{ id: 'new' }])
  await store.close()
})

workers('queues in which nothing is left are removed when a worker starts, and made again when needed', async () => {
  const on = pglite
  const store = await on.open()
  for (const task of ['emptied', 'used']) await store.enqueue(newJob(task))
  assert.is(await store.drop((await store.jobs(9)).find(({ task }) => task === 'emptied')!.id), true)
  const names = async () =>
    (
      await on.sql.query<{ name: string }>(
        "SELECT name FROM wfg_queue.queue WHERE name ~ '^wfg.(emptied|used)' ORDER BY 1",
      )
    ).map(({ name }) => name.split('.')[1])
  const isOld = (await on.sql.query<{ version: number }>('SELECT version FROM wfg_queue.version'))[0]!.version < 25
  await store.register(newWorker())
  assert.equal(await names(), ['emptied', 'used'], 'it was removed on its first day')
  await on.sql.query("UPDATE wfg_queue.queue SET created_on = now() - interval '2 days'")
  await store.register(newWorker())
  assert.equal(await names(), isOld ? ['used'] : ['emptied', 'used'], 'version 12 has no table for each')
  assert.is(await store.fetch('emptied', HASH), undefined)
  const { id } = await store.enqueue(newJob('emptied'))
  assert.is((await fetchJob(store, 'emptied')).id, id)
  await store.close()
})

workers.run()
