/** Registers workers, and takes the jobs from those that died or are frozen. */
import type { Host } from '../../host/host.ts'
import type { Sql } from '../database/sql.ts'
import type { Job, Reaped, Store, WorkerIdentity } from '../store.ts'
import { isCurrent } from './attempts.ts'
import { type Engine, QUEUES } from './engine.ts'
import { lockJob } from './jobs.ts'
import { dropOldKept } from './kept.ts'
import { createLocks } from './locks.ts'
import { ENGINE_SCHEMA } from './tables.ts'

export interface Workers extends Pick<Store, 'lock' | 'register' | 'renew' | 'reap'> {
  /** Removes the registered worker, unless it still has jobs. */
  unregister(): Promise<void>
}

/**
 * @param watchMs how long another worker must be silent before its jobs are taken; 0 if no other worker can live. Measured by
 *   this worker's clock, because the database's may jump. It starts anew after an outage, when all workers were silent
 */
export function createWorkers(
  { monotonicMs }: Pick<Host, 'monotonicMs'>,
  sql: Sql,
  engine: Engine,
  watchMs: number,
): Workers {
  const locks = createLocks(sql)
  const watched = new Map<string, Watched>()
  let registered: WorkerIdentity | undefined
  let tidiedAtMs = 0
  let lookedAtMs = 0

  async function renew({ id, hostname, pid }: WorkerIdentity): Promise<boolean> {
    const [row] = await sql.query<{ is_new: boolean }>(
      `INSERT INTO wfg.worker (id, hostname, pid, started_at, seen_at) VALUES ($1, $2, $3, now(), clock_timestamp())
        ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp() RETURNING xmax = 0 AS is_new`,
      [id, hostname, pid],
    )
    return row?.is_new !== true
  }

  async function tidy(): Promise<void> {
    tidiedAtMs = monotonicMs()
    await dropOldRuns(sql)
    await dropOldKept(sql)
    await engine.removeEmptyQueues()
  }

  function isSilent({ id, written }: WorkerRow): boolean {
    const before = watched.get(id)
    if (before?.written === written) return lookedAtMs - before.sinceMs >= watchMs
    watched.set(id, { written, sinceMs: lookedAtMs })
    return watchMs === 0
  }

  return {
    lock: async (key) => (registered ? locks.take(key, registered.id) : undefined),
    async register(worker) {
      registered = worker
      await renew(worker)
      await tidy()
    },
    async renew(worker) {
      const isAlive = await renew(worker)
      await locks.tidy(worker.id)
      if (monotonicMs() - tidiedAtMs >= TIDY_MS) await tidy()
      return isAlive
    },
    async reap(worker) {
      const others = await sql.query<WorkerRow>(
        'SELECT id, hostname, pid, xmin::text AS written FROM wfg.worker WHERE id <> $1 ORDER BY seen_at',
        [worker.id],
      )
      const nowMs = monotonicMs()
      const isBlind = nowMs - lookedAtMs > watchMs / 2
      for (const id of watched.keys()) if (isBlind || !others.some((other) => other.id === id)) watched.delete(id)
      lookedAtMs = nowMs
      const reaped: Reaped[] = []
      for (const other of others.filter(isSilent)) {
        const jobs = await takeJobs(sql, engine, other)
        if (jobs) reaped.push({ worker: { id: other.id, hostname: other.hostname, pid: other.pid }, jobs })
      }
      await requeueUnbegun(sql, engine)
      return reaped
    },
    async unregister() {
      if (!registered) return
      await sql.query(
        `DELETE FROM wfg.worker WHERE id = $1
          AND NOT EXISTS (SELECT 1 FROM wfg.run WHERE worker_id = $1 AND outcome = 'running')`,
        [registered.id],
      )
    },
  }
}

// --- internal ---

const TIDY_MS = 3_600_000
/** How long the history keeps a run: longer than the queue keeps its job. */
const KEPT_DAYS = 90
/** Generous: `begin()` follows `fetch()` at once. */
const UNBEGUN_SECONDS = 60

/** `written` is the transaction that wrote the row; each renewal changes it. */
type WorkerRow = { id: string; hostname: string; pid: number; written: string }

interface Watched extends Pick<WorkerRow, 'written'> {
  readonly sinceMs: number
}

/** Keeps what still runs. A run by hand without an end counts as running for a day. */
async function dropOldRuns(sql: Sql): Promise<void> {
  await sql.query(
    `UPDATE wfg.run SET outcome = 'interrupted'
      WHERE outcome = 'running' AND job_id IS NULL AND started_at < now() - interval '1 day'`,
  )
  await sql.query(
    `DELETE FROM wfg.run WHERE started_at < now() - interval '${KEPT_DAYS} days' AND outcome <> 'running'`,
  )
}

/** Fails the jobs of a silent worker. Undefined if it has renewed after all, or another worker was quicker. */
function takeJobs(sql: Sql, engine: Engine, other: WorkerRow): Promise<Job[] | undefined> {
  return sql.transaction(async () => {
    const gone = await sql.query('DELETE FROM wfg.worker WHERE id = $1 AND xmin::text = $2 RETURNING 1', [
      ...[other.id, other.written],
    ])
    if (gone.length === 0) return undefined
    const error = `the worker that ran it is gone or frozen (process ${other.pid} on ${other.hostname})`
    const runs = await sql.query<{ job_id: string; attempt: number }>(
      `UPDATE wfg.run SET outcome = 'interrupted', ended_at = now(), error = $2
        WHERE worker_id = $1 AND outcome = 'running' RETURNING job_id, attempt`,
      [other.id, error],
    )
    const jobs: Job[] = []
    for (const { job_id: id, attempt } of runs) {
      const found = await lockJob(sql, id)
      if (!found || !isCurrent(found, { attempt })) continue
      await engine.fail(found.name, id, { error })
      jobs.push({ id, attempt, data: found.data, task: found.data.task, hash: found.data.hash })
    }
    return jobs
  })
}

/** Queues jobs again that a worker fetched but never began, because it died. */
async function requeueUnbegun(sql: Sql, engine: Engine): Promise<void> {
  const lost = await sql.query<{ id: string }>(`
    SELECT id FROM ${ENGINE_SCHEMA}.job AS job
      WHERE name LIKE '${QUEUES}' AND state = 'active' AND started_on < now() - interval '${UNBEGUN_SECONDS} seconds'
        AND NOT EXISTS (SELECT 1 FROM wfg.run WHERE job_id = job.id AND attempt = job.retry_count)`)
  for (const { id } of lost) {
    await sql.transaction(async () => {
      const job = await lockJob(sql, id)
      if (job?.state !== 'active') return
      const begun = await sql.query('SELECT 1 FROM wfg.run WHERE job_id = $1 AND attempt = $2', [id, job.attempt])
      if (begun.length > 0) return
      await engine.fail(job.name, id, { error: 'its worker ended before the run began' })
      const failed = await lockJob(sql, id)
      if (failed?.state === 'failed') await engine.retry(failed.name, id)
    })
  }
}
