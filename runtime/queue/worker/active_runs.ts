/** The runs of one worker, from the job that is taken to the outcome that is kept. */
import type { Host } from '../../host/host.ts'
import type { Task } from '../../tasks/registry/registry.ts'
import type { Job, Store, WorkerIdentity } from '../store.ts'
import type { Run } from './child.ts'
import { isLeased } from './lease.ts'
import type { Persistence } from './persistent.ts'
import { shortId, type WorkerLog } from './worker_log.ts'

export interface ActiveRunsOptions {
  readonly host: Pick<Host, 'after'>
  readonly store: Pick<Store, 'begin' | 'complete' | 'fail' | 'fetch' | 'lock'>
  readonly identity: WorkerIdentity
  readonly log: WorkerLog
  readonly insist: Persistence['insist']
  /** How long a run that starts now may go on without a further word of the database; 0 or less if it may not start. */
  leaseMs(): number
  /** Tells the database that this worker lives. */
  renew(): Promise<void>
  /** Aborts when nothing new may begin. */
  readonly signal: AbortSignal
  /** @param leaseMs undefined if the run may go on for ever */
  start(job: Job, task: Task, leaseMs: number | undefined): Run
  /** A run ended, so there is room for another one. */
  onEnd(): void
}

export interface ActiveRuns {
  readonly size: number
  /** Takes a job of that task and begins it; false where there is none, or the task's key is held elsewhere. */
  take(task: Task, hash: string): Promise<boolean>
  /** Gives the leased runs the time of `leaseMs()` once more. */
  renew(): void
  /** Jobs of the runs that are not leased. */
  unleased(): readonly Job[]
  /** Asks those that `isMeant` to end, and ends those that have not after `withinMs`. Gives those that were asked by this call. */
  stop(isMeant: (task: Task) => boolean, withinMs: number): readonly Job[]
  /** Outcomes that cannot be kept are given up. */
  giveUp(): void
  /** Resolves when nothing runs and every outcome is kept. */
  settled(): Promise<void>
}

export function createActiveRuns(options: ActiveRunsOptions): ActiveRuns {
  const { host, store, identity, log, insist, signal } = options
  const active = new Map<string, Active>()
  const ending = new Set<Promise<void>>()
  const givenUp = new AbortController()

  /** Until the database says yes or no: with the answer lost, the job would be nobody's. */
  async function begins(job: Job): Promise<boolean> {
    let begun = false
    const ask = async () => {
      begun = await store.begin(job, identity)
    }
    for (;;) {
      if (!(await insist(ask, signal)) || !begun) return false
      if (options.leaseMs() > 0) return true
      // This worker was frozen, and the job may be another one's by now.
      if (!(await insist(options.renew, signal))) return false
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
    if (!(await insist(keep, givenUp.signal))) {
      log.problem(`${name}: how it ended could not be kept, so it will count as interrupted`)
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
