/** A worker: takes what is due from the store, one run at a time for each of its places, until it is told to stop. */
import type { Host } from '../../host.ts'
import type { Task } from '../../tasks/registry.ts'
import { createAlarm } from './alarm.ts'
import type { Run } from './child.ts'
import { createPersistence } from './persistent.ts'
import type { Scheduler } from './scheduler.ts'
import type { Job, RunOutcome, Store, WorkerIdentity } from './store/store.ts'
import type { TaskFiles } from './task_files.ts'
import { firstLine, shortId, type WorkerLog } from './worker_log.ts'

export interface WorkerOptions {
  readonly host: Pick<Host, 'after' | 'monotonicMs' | 'random'>
  readonly store: Store
  readonly identity: WorkerIdentity
  readonly files: TaskFiles
  readonly scheduler: Scheduler
  readonly log: WorkerLog
  /** Runs at once, 1 to 50. */
  readonly concurrency: number
  /** How long runs may go on after the signal aborted. */
  readonly graceMs: number
  readonly signal: AbortSignal
  start(job: Job, task: Task): Run
}

/** How long an idle worker waits before it looks again. */
export const POLL_MS = 1000
const RENEW_MS = 5000
const HEALTH_MS = 60_000
/** Without the database for so long, a worker must expect that its runs are given to another one. */
export const LEASE_MS = 12_000
/** What a run that was told to stop may take; its own limit is shorter. */
const STOP_MS = 7000
/** For the outcomes of the last runs, where the database cannot be reached. */
const LAST_WORDS_MS = 10_000

/**
 * Resolves when the signal has aborted and nothing runs any more.
 *
 * @throws {TransportError} where the database cannot be reached at the start
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { host, store, identity, files, scheduler, log, signal } = options
  const { repeat, insist } = createPersistence(host, log)
  const over = new AbortController()
  const work = createAlarm(host)
  const running = new Map<string, Running>()
  const follows = new Set<Promise<void>>()
  let leaseMs = host.monotonicMs()
  let waiting = 0

  const renew = async (): Promise<void> => {
    const beforeMs = host.monotonicMs()
    await store.renew(identity)
    leaseMs = beforeMs
  }
  const reap = async (): Promise<void> => {
    for (const { worker, jobs } of await store.reap(identity)) for (const job of jobs) log.interrupted(job, worker)
  }
  const schedule = async (): Promise<void> => {
    if (files.isOutdated()) return
    if ((await scheduler.tick()).length > 0) work.ring()
  }
  const health = async (): Promise<void> => {
    const next = scheduler.next()
    const then = next ? `, next ${next.task} ${next.time.toISOString().slice(0, 16)}Z` : ''
    log.info(`health: ${running.size} running, ${waiting} waiting${then}`)
  }
  /** Another worker may begin what was lost sight of, so here it must have ended by then. */
  const watchLease = async (): Promise<void> => {
    if (host.monotonicMs() - leaseMs < LEASE_MS) return
    for (const each of running.values()) {
      if (!each.task.retry || each.isStopped) continue
      log.problem(
        `${each.task.name} ${shortId(each.job.id)} is stopped: the database could not be reached, and another worker may run it again`,
      )
      stop(each, LEASE_STOP_MS)
    }
  }
  const stop = (each: Running, withinMs: number): void => {
    if (each.isStopped) return
    each.isStopped = true
    each.run.stop()
    host.after(withinMs, () => {
      if (running.has(each.job.id)) each.run.end()
    })
  }

  const poll = async (): Promise<void> => {
    if (files.isOutdated()) {
      log.once('tasks.ts has changed since this worker started: it begins nothing more. Start it again.')
      return
    }
    const due = await store.waiting()
    waiting = due.reduce((sum, { count }) => sum + count, 0)
    for (const { task: name, hash, count } of due) {
      const task = files.taskFor(name, hash)
      if (!task)
        log.once(
          `Jobs of ${JSON.stringify(name)} wait that were queued with other files than those of this worker (${shortId(hash)}): it leaves them to one that has them.`,
        )
      for (let left = task ? count : 0; left > 0 && hasRoom(); left--) if (!(await take(task!, hash))) break
    }
  }
  const hasRoom = (): boolean => running.size < options.concurrency && !signal.aborted
  const take = async (task: Task, hash: string): Promise<boolean> => {
    const release = await placeFor(task)
    if (!release) return false
    let job: Job | undefined
    try {
      job = await store.fetch(task.name, hash)
      if (job && (await store.begin(job, identity))) {
        const follow = carryOut(job, task, release).finally(() => follows.delete(follow))
        follows.add(follow)
        return true
      }
    } catch (error) {
      // It counts as running with nobody who runs it.
      if (job) follows.add(giveBack(job))
      await release().catch(() => {})
      throw error
    }
    await release()
    return job !== undefined
  }
  const placeFor = async ({ concurrencyKey }: Task): Promise<(() => Promise<void>) | undefined> => {
    if (concurrencyKey === undefined) return async () => {}
    return store.lock(`key:${concurrencyKey}`)
  }
  const carryOut = async (job: Job, task: Task, release: () => Promise<void>): Promise<void> => {
    const run = options.start(job, task)
    running.set(job.id, { job, task, run, isStopped: false })
    const outcome = await run.ended
    log.ended(job, outcome)
    await settle(job, outcome)
    await release().catch(() => {})
    running.delete(job.id)
    work.ring()
  }
  const settle = async (job: Job, outcome: RunOutcome): Promise<void> => {
    const store_ = outcome.exitCode === 0 ? store.complete : store.fail
    const isKept = await insist(() => store_.call(store, job, outcome), over.signal, createAlarm(host))
    if (!isKept)
      log.problem(
        `${job.task} ${shortId(job.id)}: how it ended could not be kept: ${firstLine(outcome.error) || 'done'}`,
      )
  }
  const giveBack = (job: Job): Promise<void> =>
    settle(job, { exitCode: 1, durationMs: 0, error: 'The database was lost before the run could be started.' })

  await store.register(identity)
  leaseMs = host.monotonicMs()
  const living = [
    repeat(renew, RENEW_MS, over.signal, createAlarm(host)),
    repeat(watchLease, POLL_MS, over.signal, createAlarm(host)),
  ]
  await Promise.all([
    repeat(poll, POLL_MS, signal, work),
    repeat(reap, RENEW_MS, signal, createAlarm(host)),
    repeat(schedule, POLL_MS, signal, createAlarm(host)),
    createAlarm(host)
      .wait(HEALTH_MS, signal)
      .then(() => repeat(health, HEALTH_MS, signal, createAlarm(host))),
  ])
  await drain()
  over.abort()
  await Promise.all(living)

  async function drain(): Promise<void> {
    if (running.size > 0) log.info(`stopping: ${running.size} running, for ${options.graceMs / 1000} s more at most`)
    const all = () => Promise.all(follows)
    if (await within(all(), options.graceMs)) return
    for (const each of running.values()) stop(each, STOP_MS)
    if (await within(all(), STOP_MS + LAST_WORDS_MS)) return
    over.abort()
    await all()
  }

  async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
    const late = new AbortController()
    const isDone = await Promise.race([
      work.then(() => true),
      createAlarm(host)
        .wait(ms, late.signal)
        .then(() => false),
    ])
    late.abort()
    return isDone
  }
}

// --- internal ---

interface Running {
  readonly job: Job
  readonly task: Task
  readonly run: Run
  isStopped: boolean
}

/** Well before another worker may begin it. */
const LEASE_STOP_MS = 2000
