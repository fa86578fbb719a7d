/**
 * A process that has a store, for tests that kill it: begins a job of the task `held` and renews until it is ended.
 *
 *     … _holder.ts FOLDER RETRY_LIMIT [DATABASE_URL]
 */
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { openStore } from '../../../runtime/queue/store/open_store.ts'
import { fetchJob, newJob, newWorker, storeHost } from './_store.ts'

const [folder = '', retryLimit = '0', databaseUrl] = process.argv.slice(2)
const store = await openStore({ host: storeHost(), databaseUrl, folder, role: 'worker' })
const worker = newWorker()
await store.register(worker)
const { id } = await store.enqueue(newJob('held', { retryLimit: Number(retryLimit) }))
const job = await fetchJob(store, 'held')
await store.begin(job, worker)
process.stdout.write(`holds ${id}\n`)
for (;;) {
  await setTimeout(500)
  await store.renew(worker)
}
