/** A worker: takes due jobs from the store and runs up to `concurrency` of them at once, until it is told to stop. */
import type { Host } from '../../host/host.ts'
import { shortId } from '../../tasks/history/run_id.ts'
import type { Task } from '../../tasks/registry/registry.ts'
import type { Run } from '../run/child.ts'
import { type Job, MAX_WAITING, type Store, type WorkerIdentity } from '../store.ts'
import type { TaskFiles } from '../task_files.ts'
import { type ActiveRuns, createActiveRuns } from './active_runs.ts'
import { createAlarm } from './alarm.ts'
import type { FailureReports } from './failure_reports.ts'
import { isLeased, LEASE_MS, RUN_LEASE_MS, startStopwatch } from './lease.ts'
import { createRetries } from './retries.ts'
import type { Scheduler } from './scheduler.ts'
import type { WorkerLog } from './worker_log.ts'

export interface WorkerOptions {
  readonly host: Pick<Host, 'after' | 'monotonicMs' | 'nowMs' | 'random'>
  readonly store: Store
  readonly identity: WorkerIdentity
  readonly files: Pick<TaskFiles, 'isOutdated' | 'taskFor'>
  readonly scheduler: Scheduler
  readonly reports: FailureReports
  readonly log: WorkerLog
  /** How many runs at once, 1 to 50. */
  readonly concurrency: number
  /** How long runs may go on after the signal aborted. */
  readonly graceMs: number
  readonly signal: AbortSignal
  /** @param leaseMs how long the run may go on without `Run.renew()`; undefined for a run without a lease */
  start(job: Job, task: Task, leaseMs: number | undefined): Run
}

/** How long an idle worker waits before it looks again. */
export const POLL_MS = 1000
/** How long a run may take to stop. Its own limit is shorter. */
const STOP_MS = 7000
/** How long a last call may wait for a database that may not answer. */
const LAST_WORDS_MS = 10_000
/** The longest that a worker goes on after the grace period. */
export const LAST_MS = STOP_MS + 4 * LAST_WORDS_MS

/**
 * Resolves when the signal has aborted and no run is left.
 *
 * @throws {TransportError} if the database cannot be reached at the start
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { host, store, identity, files, scheduler, reports, log, signal, concurrency } = options
  const { repeat, retry } = createRetries(host, log)
  const work = createAlarm(host)
  const over = new AbortController()
  let silentMs = startStopwatch(host)
  const leaseMs = () => RUN_LEASE_MS - silentMs()
  const runs = createActiveRuns({ ...options, retry, leaseMs, renew, onEnd: work.ring })
  let waiting = '0'

  async function poll(): Promise<void> {
    if (files.isOutdated()) {
      return log.once('tasks.ts has changed since this worker started: it begins nothing more. Restart it.')
    }
    const due = await store.waiting()
    waiting =
      due.reduce((sum, { count }) => sum + count, 0) + (due.some(({ count }) => count === MAX_WAITING) ? '+' : '')
    for (const { task: name, hash, count } of due) {
      const task = files.taskFor(name, hash)
      if (!task) log.once(otherFiles(name, hash))
      for (let left = task ? count : 0; left > 0 && hasRoom(); left--) if (!(await runs.take(task!, hash))) break
    }
  }

  function hasRoom(): boolean {
    return runs.size < concurrency && !signal.aborted
  }

  async function renew(): Promise<void> {
    const sinceAskedMs = startStopwatch(host)
    const isAlive = await store.renew(identity)
    if (!isAlive) onTaken()
    silentMs = sinceAskedMs
    runs.renew()
  }

  function onTaken(): void {
    log.problem(`This worker was silent for ${Math.round(silentMs() / 1000)} s, so another one took its jobs.`)
    stopLeased(0, 'this worker counts as dead')
    for (const { task, id } of runs.unleased()) {
      log.problem(`${task} ${shortId(id)} goes on, but counts as interrupted until it ends; nobody repeats it`)
    }
  }

  function stopLeased(withinMs: number, why: string): void {
    for (const { task, id } of runs.stop(isLeased, withinMs)) {
      log.problem(`${task} ${shortId(id)} is stopped: ${why}, and another worker may take over`)
    }
  }

  /** Stops the leased runs in time before another worker takes over their jobs. */
  async function watchLease(): Promise<void> {
    if (silentMs() >= LEASE_MS) stopLeased(LEASE_STOP_MS, 'without the database this worker counts as dead')
  }

  async function reap(): Promise<void> {
    for (const { worker, jobs } of await store.reap(identity)) for (const job of jobs) log.interrupted(job, worker)
    if (!files.isOutdated() && (await reports.tick()) > 0) work.ring()
  }

  async function schedule(): Promise<void> {
    if (!files.isOutdated() && (await scheduler.tick()).length > 0) work.ring()
  }

  async function health(): Promise<void> {
    const next = scheduler.next()
    const then = next ? `, next ${next.task} ${next.time.toISOString().slice(0, 16)}Z` : ''
    log.info(`health: ${runs.size} running, ${waiting} waiting${then}`)
  }

  /** If it fails, jobs are still found, within `POLL_MS`. */
  async function listen(): Promise<void> {
    await store.watch(work.ring).catch(() => {})
  }

  await store.register(identity)
  const living = [repeat(renew, RENEW_MS, over.signal), repeat(watchLease, POLL_MS, over.signal)]
  const working = [
    repeat(poll, POLL_MS, signal, work),
    repeat(listen, RENEW_MS, signal),
    repeat(reap, RENEW_MS, signal),
    repeat(schedule, POLL_MS, signal),
    pause(host, HEALTH_MS, signal).then(() => repeat(health, HEALTH_MS, signal)),
  ]
  await pause(host, FOREVER_MS, signal)
  await within(host, Promise.all(working), LAST_WORDS_MS)
  if (runs.size > 0) log.info(`stopping: ${runs.size} running, for ${options.graceMs / 1000} s more at most`)
  await drain(host, runs, options.graceMs)
  over.abort()
  await within(host, Promise.all(living), LAST_WORDS_MS)
  log.info('stopped')
}

// --- internal ---

const RENEW_MS = 5000
const HEALTH_MS = 60_000
/** The longest time that a timer can have. */
const FOREVER_MS = 2_147_483_647
/** Short enough that a run has ended before another worker may begin its job. */
const LEASE_STOP_MS = 1500

type LoopHost = WorkerOptions['host']

function otherFiles(name: string, hash: string): string {
  return `Jobs of ${JSON.stringify(name)} are waiting that were queued with other files than this worker has (${shortId(hash)}). It leaves them to a worker with those files. If there is none, drop them with the command queue, and queue them again.`
}

async function drain(host: LoopHost, runs: ActiveRuns, graceMs: number): Promise<void> {
  if (await within(host, runs.settled(), graceMs)) return
  runs.stop(() => true, STOP_MS)
  if (await within(host, runs.settled(), STOP_MS + LAST_WORDS_MS)) return
  runs.giveUp()
  await within(host, runs.settled(), LAST_WORDS_MS)
}

function pause(host: LoopHost, ms: number, signal: AbortSignal): Promise<void> {
  return createAlarm(host).wait(ms, signal)
}

async function within(host: LoopHost, what: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new AbortController()
  const isDone = await Promise.race([what.then(() => true), pause(host, ms, late.signal).then(() => false)])
  late.abort()
  return isDone
}
