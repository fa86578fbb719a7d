/** Workers that die or fall silent on PostgreSQL; what needs no wait is in database_store.test.ts, for both databases. */
import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Reaped, Store, WorkerIdentity } from '../../../runtime/queue/store.ts'
import { needs, notRun, SLOW_UNDER_WINE, UNDER_WINE } from '../../_not_run.ts'
import { startHolder } from './_holding.ts'
import { beginJob, fetchJob, newJob, newWorker, onPostgres, runRow, type Testbed } from './_store.ts'

const WATCH_MS = 1500

const workers = needs(!UNDER_WINE, SLOW_UNDER_WINE, suite('workers'))
let bed: Awaited<ReturnType<typeof onPostgres>>

workers.before(async () => {
  bed = await onPostgres()
})

workers.after(() => bed?.close())

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

workers('what ran on a worker that was killed is interrupted and is tried again', async () => {
  if (!bed) return notRun('workers on PostgreSQL')
  const holder = await startHolder({ databaseUrl: bed.server.url, retryLimit: 1 })
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
  assert.is((await store.jobs(10)).find(({ id }) => id === holder.jobId)?.state, 'failed')
  const run = await runRow(bed.sql, holder.jobId)
  assert.is(run?.['outcome'], 'interrupted')
  assert.match(String(run?.['error']), `process ${holder.pid} on here`)
  assert.is((await fetchJob(store, 'held')).attempt, 1)
  assert.equal(await store.reap(worker), [], 'it was found twice')
  await store.close()
})

workers('exactly one of many workers finds a dead one, whose job is dead without a retry', async () => {
  if (!bed) return notRun('workers on PostgreSQL')
  const holder = await startHolder({ databaseUrl: bed.server.url })
  const all = await Promise.all([watcher(bed), watcher(bed), watcher(bed)])
  await holder.kill()
  const found: Reaped[] = []
  const look = async () => {
    await Promise.all(all.map(({ store, worker }) => store.renew(worker)))
    found.push(...(await Promise.all(all.map(({ store, worker }) => store.reap(worker)))).flat())
    await setTimeout(100)
  }
  while (found.length === 0) await look()
  for (let time = 0; time < 5; time++) await look()
  assert.is(found.length, 1)
  assert.is((await all[0]!.store.jobs(10)).find(({ id }) => id === holder.jobId)?.state, 'dead')
  for (const { store } of all) await store.close()
})

workers('a worker that lost its connections for a moment is left alone, and holds its keys', async () => {
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

workers('a worker that is silent loses its job and its key, whatever its connections, and hears of it', async () => {
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
})

workers('a worker that could not look for a while starts its watch again', async () => {
  if (!bed) return notRun('workers on PostgreSQL')
  const [silent, { store, worker }] = [await watcher(bed), await watcher(bed)]
  await store.reap(worker)
  await setTimeout(WATCH_MS + 100)
  assert.equal(await store.reap(worker), [], 'it watched while it could see nothing')
  assert.is((await watch(store, worker, 20_000)).length, 1)
  for (const each of [store, silent.store]) await each.close()
})

workers.run()
