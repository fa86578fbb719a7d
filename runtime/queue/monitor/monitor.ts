/** Serves what others need to watch a worker: `/health` for probes, and `/metrics`. */
import type { Host } from '../../host/host.ts'
import { type JobCounts, outcomeOf, type Store } from '../store.ts'
import type { TaskFiles } from '../task_files.ts'
import { LEASE_MS, startStopwatch } from '../worker/lease.ts'
import type { WorkerLog } from '../worker/worker_log.ts'
import { type Pages, servePages } from './http_pages.ts'
import { createMetrics } from './metrics.ts'

export interface Monitor extends Pick<Pages, 'close'> {
  /** Returns the store and the log for the worker: it is healthy while the store answers, and its log counts the runs. */
  watch(store: Store): { readonly store: Store; readonly log: WorkerLog }
}

export interface MonitorOptions {
  /** 0 for a free one. */
  readonly port: number
  /** Default: only this computer can reach it. */
  readonly address: string | undefined
  readonly tasks: Iterable<string>
  readonly files: Pick<TaskFiles, 'isOutdated'>
  /** Aborts when the worker is to stop. */
  readonly signal: AbortSignal
}

/**
 * @throws {UsageError} if it cannot listen there
 * @throws {MissingPackages} without the package
 */
export async function startMonitor(
  host: Pick<Host, 'after' | 'monotonicMs' | 'nowMs' | 'runtime' | 'versions'>,
  log: WorkerLog,
  { port, address = '127.0.0.1', tasks, files, signal }: MonitorOptions,
): Promise<Monitor> {
  const metrics = await createMetrics(host, tasks)
  let silentMs = () => Number.POSITIVE_INFINITY
  let counting: Promise<JobCounts | undefined> | undefined
  let count = async (): Promise<JobCounts | undefined> => undefined

  const problem = (): string | undefined => {
    if (signal.aborted) return 'the worker is stopping'
    if (files.isOutdated()) return 'tasks.ts has changed since the worker started'
    return silentMs() >= LEASE_MS ? 'the worker is not in contact with its database' : undefined
  }
  /** One query at a time, however many ask. */
  const counts = () => {
    counting ??= count()
      .catch(() => undefined)
      .finally(() => {
        counting = undefined
      })
    const late = new Promise<undefined>((resolve) => host.after(COUNT_MS, () => resolve(undefined), { holds: false }))
    return Promise.race([counting, late])
  }
  const pages = await servePages(port, address, {
    async '/health'() {
      const reason = problem()
      const body = `${JSON.stringify(reason === undefined ? { ok: true } : { ok: false, reason })}\n`
      return { status: reason === undefined ? 200 : 503, type: 'application/json', body }
    },
    async '/metrics'() {
      return { status: 200, type: metrics.contentType, body: await metrics.text(await counts()) }
    },
  })
  const place = `/health and /metrics are at ${pages.url}`
  if (pages.isLoopback) log.info(place)
  else log.problem(`${place}: everybody who can reach this address can read the names of the tasks`)
  return {
    close: pages.close,
    watch(store) {
      count = store.counts
      const renew: Store['renew'] = async (worker) => {
        const sinceAskedMs = startStopwatch(host)
        const isAlive = await store.renew(worker)
        silentMs = sinceAskedMs
        return isAlive
      }
      const ended: WorkerLog['ended'] = (job, outcome) => {
        metrics.ran(job.task, outcomeOf(outcome.exitCode), outcome.durationMs)
        log.ended(job, outcome)
      }
      const interrupted: WorkerLog['interrupted'] = (job, worker) => {
        metrics.ran(job.task, 'interrupted')
        log.interrupted(job, worker)
      }
      return { store: { ...store, renew }, log: { ...log, ended, interrupted } }
    },
  }
}

// --- internal ---

/** A scrape has some ten seconds. */
const COUNT_MS = 5000
