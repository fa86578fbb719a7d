/** The metrics of a worker, in the OpenMetrics format. */
import { readFileSync } from 'node:fs'
import type { Host } from '../../host/host.ts'
import { withPackages } from '../../host/optional_packages.ts'
import { type JobCounts, OUTCOMES, type outcomeOf } from '../store.ts'

export interface Metrics {
  readonly contentType: string
  ran(task: string, outcome: ReturnType<typeof outcomeOf>, durationMs?: number): void
  /** @param counts undefined if the jobs cannot be counted */
  text(counts: JobCounts | undefined): Promise<string>
}

/**
 * @param tasks begin with a count of 0, because a rate needs a first value
 * @throws {MissingPackages} without the package
 */
export async function createMetrics(
  { nowMs, runtime, versions }: Pick<Host, 'nowMs' | 'runtime' | 'versions'>,
  tasks: Iterable<string>,
): Promise<Metrics> {
  const { Counter, Gauge, Histogram, openMetricsContentType, Registry } = await withPackages(
    'metrics',
    runtime,
    () => import('prom-client'),
  )
  const registry = new Registry<typeof openMetricsContentType>()
  registry.setContentType(openMetricsContentType)
  const registers = [registry]
  const jobs = new Gauge({
    ...{ name: 'wfg_jobs', help: 'Jobs in the queue, the same on every worker.', labelNames: ['state'], registers },
  })
  const oldest = new Gauge({
    name: 'wfg_oldest_waiting_job_age_seconds',
    ...{ help: 'How long the oldest waiting job has been due, the same on every worker.', registers },
  })
  const runs = new Counter({
    ...{ name: 'wfg_runs_total', help: 'Runs that ended on this worker.', labelNames: ['task', 'outcome'], registers },
  })
  const durations = new Histogram({
    name: 'wfg_run_duration_seconds',
    ...{ help: 'How long the runs of this worker took.', labelNames: ['task'], buckets: BUCKETS, registers },
  })
  const info = new Gauge({
    ...{ name: 'wfg_worker_info', help: 'What the worker is.', labelNames: ['version', 'runtime'], registers },
  })
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  info.set({ version, runtime: versions }, 1)
  const start = new Gauge({ name: 'wfg_worker_start_time_seconds', help: 'When this worker started.', registers })
  start.set(nowMs() / 1000)
  for (const task of tasks) for (const outcome of OUTCOMES) runs.inc({ task, outcome }, 0)
  return {
    contentType: openMetricsContentType,
    ran(task, outcome, durationMs) {
      runs.inc({ task, outcome })
      if (durationMs !== undefined) durations.observe({ task }, durationMs / 1000)
    },
    text(counts) {
      jobs.reset()
      oldest.remove()
      if (counts) oldest.set(counts.oldestSeconds)
      for (const [state, count] of Object.entries(counts?.jobs ?? {})) jobs.set({ state }, count)
      return registry.metrics()
    },
  }
}

// --- internal ---

const BUCKETS = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600]
