/** Both databases, for the same tests on each. */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { createRedactor } from '../../../runtime/core/redact.ts'
import { systemHost } from '../../../runtime/host/host.ts'
import { openPglite } from '../../../runtime/queue/database/pglite.ts'
import { openPostgres } from '../../../runtime/queue/database/postgres.ts'
import type { Sql } from '../../../runtime/queue/database/sql.ts'
import { createDatabaseStore, type DatabaseStoreOptions } from '../../../runtime/queue/store/database_store.ts'
import type { StoreHost } from '../../../runtime/queue/store/open_store.ts'
import type { Job, JobData, NewJob, Store, WorkerIdentity } from '../../../runtime/queue/store.ts'
import { temporaryFolder } from '../../_cli.ts'
import { type Postgres, startPostgres } from '../../_postgres.ts'
import { RUNTIME, runtimeArgs } from '../../_runtime.ts'
import { makeDatabase } from '../_pglite.ts'

export { runtimeArgs }

export interface Testbed {
  readonly title: string
  /** For looking at tables. */
  readonly sql: Sql
  /** A further store on the same database. On PGlite, which has one user, they share it. */
  open(options?: Partial<DatabaseStoreOptions>): Promise<Store>
  close(): Promise<void>
}

/** The real one, with a redactor of its own. */
export function storeHost(given: Partial<StoreHost> = {}): StoreHost {
  const { hostname, isAllowed, isRunning, monotonicMs, nowMs, onExit, pid, platform, sleep, userId } = systemHost()
  return {
    ...{ hostname, isAllowed, isRunning, monotonicMs, nowMs, onExit, pid, platform, sleep, userId },
    redactor: createRedactor(),
    runtime: RUNTIME,
    ...given,
  }
}

/** A new PGlite database with the tables of a queue, which is gone once it is closed. */
export async function newPglite(): Promise<Sql> {
  const folder = temporaryFolder()
  await makeDatabase(join(folder, 'data'))
  const sql = await openPglite(storeHost(), join(folder, 'data'))
  return { ...sql, close: () => sql.close().finally(() => rmSync(folder, { recursive: true })) }
}

export async function onPglite(): Promise<Testbed> {
  const host = storeHost()
  const sql = await newPglite()
  const shared: Sql = { ...sql, close: async () => {} }
  const stores: Store[] = []
  return {
    ...{ title: 'PGlite', sql },
    async open(options) {
      const store = await createDatabaseStore(host, shared, { role: 'worker', ...options })
      stores.push(store)
      return store
    },
    async close() {
      await Promise.all(stores.map((store) => store.close()))
      await sql.close()
    },
  }
}

/** Undefined without PostgreSQL. */
export async function onPostgres(): Promise<(Testbed & { readonly server: Postgres }) | undefined> {
  const server = await startPostgres()
  if (!server) return undefined
  const host = storeHost()
  const sql = await openPostgres(host, server.url)
  const stores: Store[] = []
  return {
    ...{ title: 'PostgreSQL', sql, server },
    async open(options) {
      const store = await createDatabaseStore(host, await openPostgres(host, server.url), {
        role: 'worker',
        ...options,
      })
      stores.push(store)
      return store
    },
    async close() {
      await Promise.all(stores.map((store) => store.close()))
      await sql.close()
      await server.remove()
    },
  }
}

export const HASH = 'a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2'

export function newJob(
  task: string,
  given: Partial<NewJob> & { args?: JobData['args'] } = {},
): NewJob & { id: string } {
  const { args = { n: 1 }, ...rest } = given
  const hash = rest.hash ?? HASH
  const data: JobData = {
    ...{ v: 1, task, args, profile: 'test', hash },
    queuedBy: { host: 'here', user: 'somebody' },
  }
  return { id: randomUUID(), task, hash, data, retryLimit: 0, retryDelaySeconds: 0, expireInSeconds: 3600, ...rest }
}

export function newWorker(): WorkerIdentity {
  return { id: randomUUID(), hostname: 'here', pid: process.pid }
}

/** Queues a job and begins it. */
export async function beginJob(store: Store, worker: WorkerIdentity, job: NewJob): Promise<Job> {
  const { id } = await store.enqueue(job)
  const fetched = await fetchJob(store, job.task)
  if (fetched.id !== id || !(await store.begin(fetched, worker))) throw new Error('another job was there')
  return fetched
}

/** A run as the table has it. */
export async function runRow(sql: Sql, id: string): Promise<Record<string, unknown> | undefined> {
  return (await sql.query('SELECT * FROM wfg.run WHERE id = $1', [id]))[0]
}

/** A database whose clock is coarse shows a job only at its next tick. */
export async function fetchJob(store: Store, task: string, hash = HASH): Promise<Job> {
  for (let tries = 0; tries < 100; tries += 1) {
    const job = await store.fetch(task, hash)
    if (job) return job
    await setTimeout(20)
  }
  throw new Error(`no job of ${task} came`)
}

/** What a process of its own does with the store: see the file. */
export const HOLDER = join(import.meta.dirname, '_holder.ts')
