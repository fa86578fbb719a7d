/** The runs of one worker, from taking a job to recording its outcome. */
import type { Host } from '../../host/host.ts'
import { shortId } from '../../tasks/history/run_id.ts'
import type { Task } from '../../tasks/registry/registry.ts'
import type { Run } from '../run/child.ts'
import type { Job, Store, WorkerIdentity } from '../store.ts'
import { isLeased } from './lease.ts'
import type { Retries } from './retries.ts'
import type { WorkerLog } from './worker_log.ts'

export interface ActiveRunsOptions {
  readonly host: Pick<Host, 'after'>
  readonly store: Pick<Store, 'begin' | 'complete' | 'fail' | 'fetch' | 'lock'>
  readonly identity: WorkerIdentity
  readonly log: WorkerLog
  readonly retry: Retries['retry']
  /** How long a run that starts now may go on until the next `renew()`; 0 or less if it may not start. */
  leaseMs(): number
  /** Tells the database that this worker lives. */
  renew(): Promise<void>
  /** Aborts when no new run may begin. */
  readonly signal: AbortSignal
  /** @param leaseMs undefined for a run without a lease */
  start(job: Job, task: Task, leaseMs: number | undefined): Run
  /** Called when a run has ended. */
  onEnd(): void
}

export interface ActiveRuns {
  readonly size: number
  /** Takes a job of the task and begins it. False if there is none, or if another run holds the task's key. */
  take(task: Task, hash: string): Promise<boolean>
  /** Renews the leased runs for `leaseMs()`. */
  renew(): void
  /** Returns the jobs of the runs that are not leased. */
  unleased(): readonly Job[]
  /** Asks the selected runs to stop and ends them after `withinMs`. Returns the jobs of those that this call asked. */
  stop(isMeant: (task: Task) => boolean, withinMs: number): readonly Job[]
  /** Gives up outcomes that cannot be recorded. */
  giveUp(): void
  /** Resolves when no run is left and every outcome is recorded. */
  settled(): Promise<void>
}

export function createActiveRuns(options: ActiveRunsOptions): ActiveRuns {
  const { host, store, identity, log, retry, signal } = options
  const active = new Map<string, Active>()
  const ending = new Set<Promise<void>>()
  const givenUp = new AbortController()

  /** Asks until the database answers: if its answer is lost, the job may be recorded for this worker. */
  async function begins(job: Job): Promise<boolean> {
    let begun = false
    const ask = async () => {
      begun = await store.begin(job, identity)
    }
    for (;;) {
      if (!(await retry(ask, signal)) || !begun) return false
      if (options.leaseMs() > 0) return true
      // This worker was frozen, and another one may have the job by now.
      if (!(await retry(options.renew, signal))) return false
    }
  }

  async function carryOut(job: Job, task: Task, release: Release): Promise<void> {
    const run = options.start(job, task, isLeased(task) ? options.leaseMs() : undefined)
    active.set(job.id, { job, task, run, isStopped: false })
    const outcome = await run.ended
    log.ended(job, outcome)
    let isOwn = true
    const keep = async () => {
      isOwn = await (outcome.exitCode === 0 ? store.complete(job, outcome) : store.fail(job, outcome))
    }
    const name = `${job.task} ${shortId(job.id)}`
    if (!(await retry(keep, givenUp.signal))) {
      log.problem(`${name}: its outcome could not be recorded, so it will count as interrupted`)
    }
    if (!isOwn) log.problem(`${name}: the job was no longer this worker's when its run ended`)
    active.delete(job.id)
    await release()
  }

  return {
    get size() {
      return active.size
    },
    async take(task, hash) {
      const key = task.concurrencyKey
      const release = key === undefined ? async () => {} : await store.lock(`key:${key}`)
      if (!release) return false
      let end: Promise<void> | undefined
      try {
        const job = await store.fetch(task.name, hash)
        if (job && (await begins(job))) {
          end = carryOut(job, task, release).finally(() => {
            ending.delete(end!)
            options.onEnd()
          })
          ending.add(end)
        }
        return job !== undefined
      } finally {
        if (!end) await release()
      }
    },
    renew() {
      for (const { task, run, isStopped } of active.values()) {
        if (isLeased(task) && !isStopped) run.renew(options.leaseMs())
      }
    },
    unleased: () => [...active.values()].filter(({ task }) => !isLeased(task)).map(({ job }) => job),
    stop(isMeant, withinMs) {
      const meant = [...active.values()].filter((each) => isMeant(each.task) && !each.isStopped)
      for (const each of meant) {
        each.isStopped = true
        each.run.stop()
        host.after(withinMs, () => {
          if (active.get(each.job.id) === each) each.run.end()
        })
      }
      return meant.map(({ job }) => job)
    },
    giveUp: () => givenUp.abort(),
    async settled() {
      while (ending.size > 0) await Promise.all(ending)
    },
  }
}

// --- internal ---

type Release = () => Promise<void>

interface Active {
  readonly job: Job
  readonly task: Task
  readonly run: Run
  isStopped: boolean
}
