/** Workers that live, and what becomes of the jobs of those that died. */
import type { Host } from '../../../host.ts'
import { isCurrent } from './attempts.ts'
import type { Engine } from './engine.ts'
import { lockJob } from './jobs.ts'
import type { Locks } from './locks.ts'
import { QUEUES } from './queue_name.ts'
import { dropOldRuns } from './runs.ts'
import type { Sql } from './sql.ts'
import type { Job, Reaped, Store, WorkerIdentity } from './store.ts'
import { ENGINE_SCHEMA } from './tables.ts'

export interface Workers extends Pick<Store, 'register' | 'renew' | 'reap'> {
  /** Of the one that was registered, unless it leaves jobs behind. */
  unregister(): Promise<void>
}

/**
 * @param watchMs how long another worker must have said nothing, while this one looked on without a break, before it may
 *   be dead; 0 where no other can live
 */
export function createWorkers(
  host: Pick<Host, 'monotonicMs'>,
  sql: Sql,
  engine: Engine,
  locks: Locks,
  watchMs: number,
): Workers {
  let registered: WorkerIdentity | undefined
  let tidiedAtMs = 0
  const watched = new Map<string, Watched>()

  async function renew({ id, hostname, pid }: WorkerIdentity): Promise<boolean> {
    await locks.renew()
    // On the connection that has the lock: what says that it lives is what proves it.
    const [row] = await sql.session.query<{ is_new: boolean }>(
      `INSERT INTO wfg.worker (id, hostname, pid, started_at, seen_at) VALUES ($1, $2, $3, now(), clock_timestamp())
        ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp() RETURNING xmax = 0 AS is_new`,
      [id, hostname, pid],
    )
    return row?.is_new !== true
  }

  async function tidy(): Promise<void> {
    tidiedAtMs = host.monotonicMs()
    await dropOldRuns(sql)
    await engine.removeEmptyQueues()
  }

  /** Whether it may be dead: its lock has the last word. */
  function isSilent({ id, seen }: WorkerRow): boolean {
    const nowMs = host.monotonicMs()
    const { connection } = sql.session
    const before = watched.get(id)
    if (before?.seen === seen && before.connection === connection) return nowMs - before.sinceMs >= watchMs
    watched.set(id, { seen, connection, sinceMs: nowMs })
    return watchMs === 0
  }

  return {
    async register(worker) {
      registered = worker
      await locks.keep(lockOf(worker))
      await renew(worker)
      await tidy()
    },
    async renew(worker) {
      const isAlive = await renew(worker)
      if (host.monotonicMs() - tidiedAtMs >= TIDY_MS) await tidy()
      return isAlive
    },
    async reap(worker) {
      const others = await sql.session.query<WorkerRow>(
        'SELECT id, hostname, pid, seen_at::text AS seen FROM wfg.worker WHERE id <> $1 ORDER BY seen_at',
        [worker.id],
      )
      for (const id of watched.keys()) if (!others.some((other) => other.id === id)) watched.delete(id)
      const reaped: Reaped[] = []
      for (const other of others.filter(isSilent)) {
        const jobs = await bury(sql, engine, other)
        if (jobs) reaped.push({ worker: { id: other.id, hostname: other.hostname, pid: other.pid }, jobs })
      }
      await giveBack(sql, engine)
      return reaped
    },
    async unregister() {
      if (!registered) return
      await sql.query(
        `DELETE FROM wfg.worker WHERE id = $1
          AND NOT EXISTS (SELECT 1 FROM wfg.run WHERE worker_id = $1 AND outcome = 'running')`,
        [registered.id],
      )
      await locks.release(lockOf(registered))
    },
  }
}

// --- internal ---

const TIDY_MS = 3_600_000
/** Between `fetch()` and `begin()` there is nothing to wait for. */
const UNBEGUN_SECONDS = 60

type WorkerRow = { id: string; hostname: string; pid: number; seen: string }

interface Watched {
  readonly seen: string
  readonly connection: number
  readonly sinceMs: number
}

function lockOf({ id }: { id: string }): string {
  return `wfg.worker.${id}`
}

/** Undefined where it lives after all, or somebody else was quicker. */
function bury(sql: Sql, engine: Engine, other: WorkerRow): Promise<Job[] | undefined> {
  return sql.transaction(async () => {
    const [lock] = await sql.query<{ free: boolean }>(
      'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free',
      [lockOf(other)],
    )
    if (!lock?.free) return undefined
    const gone = await sql.query('DELETE FROM wfg.worker WHERE id = $1 AND seen_at::text = $2 RETURNING 1', [
      ...[other.id, other.seen],
    ])
    if (gone.length === 0) return undefined
    const error = `the worker that ran it ended meanwhile (process ${other.pid} on ${other.hostname})`
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

/** A job that was fetched by a worker which died before it began is as if it had not been fetched. */
async function giveBack(sql: Sql, engine: Engine): Promise<void> {
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
      await engine.fail(job.name, id, { error: 'its worker ended before it began' })
      const failed = await lockJob(sql, id)
      if (failed?.state === 'failed') await engine.retry(failed.name, id)
    })
  }
}
