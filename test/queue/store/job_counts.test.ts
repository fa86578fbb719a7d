import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { notRun } from '../../_not_run.ts'
import { beginJob, newJob, newWorker, onPglite, onPostgres } from './_store.ts'

const counts = suite('queue/job_counts')

for (const [title, start] of [
  ['PGlite', onPglite],
  ['PostgreSQL', onPostgres],
] as const) {
  counts(`${title}: jobs are counted by state, and the oldest that waits is known`, async () => {
    const bed = await start()
    if (!bed) return notRun('the counts on PostgreSQL need its initdb and pg_ctl')
    try {
      const store = await bed.open()
      const worker = newWorker()
      await store.register(worker)
      assert.equal(await store.counts(), { jobs: { waiting: 0, running: 0, failed: 0, dead: 0 }, oldestSeconds: 0 })
      const failed = { exitCode: 1, durationMs: 1 }
      await store.complete(await beginJob(store, worker, newJob('done')), { exitCode: 0, durationMs: 1 })
      await store.fail(await beginJob(store, worker, newJob('dead')), failed)
      const later = newJob('failed', { retryLimit: 1, retryDelaySeconds: 3600 })
      await store.fail(await beginJob(store, worker, later), failed)
      const due = newJob('due', { retryLimit: 1 })
      await store.fail(await beginJob(store, worker, due), failed)
      await beginJob(store, worker, newJob('running'))
      for (const task of ['a', 'b']) await store.enqueue(newJob(task))
      await bed.sql.query("UPDATE wfg_queue.job SET start_after = now() - interval '1 hour' WHERE data->>'task' = 'a'")
      const { jobs, oldestSeconds } = await store.counts()
      // A second attempt without a delay is due at once.
      assert.equal(jobs, { waiting: 3, running: 1, failed: 1, dead: 1 })
      assert.ok(oldestSeconds >= 3600 && oldestSeconds < 7200, `${oldestSeconds}`)
    } finally {
      await bed.close()
    }
  })
}

counts.run()
