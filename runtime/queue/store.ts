/** What is in the queue, and what workers and commands do with it. `store/` implements it on a database. */
import type { KeptPart, StreamName } from '../tasks/kept/kept.ts'

/** Everything a run needs except the settings, which each worker has itself. Never a secret. */
export interface JobData {
  /** Version of this shape. */
  readonly v: 1
  readonly task: string
  /** Checked when queued, and again when run. */
  readonly args: Readonly<Record<string, unknown>>
  /** Undefined for the settings without a profile. */
  readonly profile?: string
  /** Of the task's files, in full. */
  readonly hash: string
  /** The person who queued it confirmed the protected profile. */
  readonly confirmed?: true
  /** Answers the script's questions with yes. */
  readonly yes?: true
  /** File for the result, relative to `tasks.ts`. `{id}` is replaced by the id of the run. */
  readonly out?: string
  readonly queuedBy: { readonly host: string; readonly user: string }
  /** The task to queue once the last attempt has failed. */
  readonly onFailure?: string
}

export interface NewJob {
  /** A UUID. A job with a given id exists only once, whatever its hash. Default: a new one. */
  readonly id?: string
  readonly task: string
  readonly hash: string
  readonly data: JobData
  /** Further attempts after the first, 0 for none. */
  readonly retryLimit: number
  readonly retryDelaySeconds: number
  /** After this time a running attempt counts as failed; less than 24 hours. */
  readonly expireInSeconds: number
}

export interface Job {
  readonly id: string
  readonly task: string
  readonly hash: string
  readonly data: JobData
  /** 0, 1, … */
  readonly attempt: number
}

export interface JobState extends Job {
  /** A `failed` job is tried again by itself, a `dead` one only by `retry()`. */
  readonly state: 'waiting' | 'running' | 'failed' | 'dead' | 'done'
  readonly queuedAt: Date
  /** When a `failed` job is tried again, at the earliest. */
  readonly startAfter?: Date
  readonly startedAt?: Date
  readonly endedAt?: Date
  readonly error?: string
}

/** Where counting ends. */
export const MAX_WAITING = 1000

/** How many jobs with the same task and files are due, `MAX_WAITING` at most. */
export interface Waiting {
  readonly task: string
  readonly hash: string
  readonly count: number
}

export interface JobCounts {
  /** By state. A job that waits for its next attempt is `failed`, and `waiting` once that is due. */
  readonly jobs: Readonly<Record<'waiting' | 'running' | 'failed' | 'dead', number>>
  /** How long the oldest waiting job has been due; 0 if none waits. */
  readonly oldestSeconds: number
}

export interface WorkerIdentity {
  readonly id: string
  readonly hostname: string
  readonly pid: number
}

export interface RunOutcome {
  readonly exitCode: number
  readonly durationMs: number
  /** Redacted by the run itself. */
  readonly error?: string
  /** How many operations were sent, by kind. */
  readonly operations?: Readonly<Record<string, number>>
  /** The user in WorkflowGen. */
  readonly user?: string
}

/** The jobs that a dead or frozen worker had. */
export interface Reaped {
  readonly worker: WorkerIdentity
  readonly jobs: readonly Job[]
}

/** The last attempt of a dead job. */
export interface Failure extends Pick<Job, 'id' | 'task' | 'attempt' | 'data'> {
  readonly onFailure: string
  readonly exitCode: number
  /** As the history shows it. */
  readonly error: string
  /** Where it ran. */
  readonly hostname: string
}
export const OUTCOMES = ['done', 'failed', 'interrupted', 'timed out', 'refused'] as const

/** Returns what the log and the history call the end of a run. */
export function outcomeOf(exitCode: number): (typeof OUTCOMES)[number] {
  if (exitCode === 0) return 'done'
  if (exitCode === 7) return 'refused'
  if (exitCode === 124) return 'timed out'
  return exitCode === 130 || exitCode === 143 ? 'interrupted' : 'failed'
}

/** Returns a recorded error without its stack. */
export function withoutStack(error: string): string {
  return error.trim().split(/\n\s+at /, 1)[0]!
}

/**
 * The queue as commands use it. Every call may reject with a `TransportError` while the database, or the worker that owns it,
 * cannot be reached. The same store works again afterwards.
 */
export interface JobStore {
  /** `isNew` is false if a job with that id exists, or ran. */
  enqueue(job: NewJob): Promise<{ readonly id: string; readonly isNew: boolean }>
  /** First those that run or failed, then those that wait, then the others; within each group the newest first. */
  jobs(limit: number): Promise<readonly JobState[]>
  /** Lets a dead job wait again; false for any other. */
  retry(id: string): Promise<boolean>
  /** Removes a waiting or dead job; false for any other. */
  drop(id: string): Promise<boolean>
  close(): Promise<void>
}

/** The queue as a worker uses it. */
export interface Store extends JobStore {
  /** Calls `onWork` when a job may have become due. It may miss some. Call it again now and then; see `Sql.listen()`. */
  watch(onWork: () => void): Promise<void>
  /** Jobs that are due now, of all files, the oldest first. */
  waiting(): Promise<readonly Waiting[]>
  counts(): Promise<JobCounts>
  /** Takes the oldest due job; nobody else gets it. `begin()` comes next. */
  fetch(task: string, hash: string): Promise<Job | undefined>
  /**
   * Records the attempt before it starts; false if another worker has it. After an error, call it again until it answers:
   * the attempt may have been recorded for this worker.
   */
  begin(job: Job, worker: WorkerIdentity): Promise<boolean>
  /**
   * False if the job was taken from its worker. The record of the run says how it ended in any case. After an error, this
   * and `fail()` may be called again.
   */
  complete(job: Job, outcome: RunOutcome): Promise<boolean>
  /** The job is tried again as its `retryLimit` says. */
  fail(job: Job, outcome: RunOutcome): Promise<boolean>
  /** Keeps a part of what a run printed, for other computers. */
  keep(runId: string, name: StreamName, part: KeptPart): Promise<void>
  /**
   * For a registered worker. Returns a function that releases the lock and never rejects; undefined if the lock is taken.
   */
  lock(key: string): Promise<(() => Promise<void>) | undefined>
  /** Up to when the schedule of the task was handled. */
  lastCronTime(task: string): Promise<Date | undefined>
  setCronTime(task: string, time: Date): Promise<void>
  /** Call it once, before anything is fetched. */
  register(worker: WorkerIdentity): Promise<void>
  /**
   * Says that the worker lives; call it every 5 seconds. False if the worker had been taken for dead: its runs were failed,
   * and its locks are gone.
   */
  renew(worker: WorkerIdentity): Promise<boolean>
  /** Fails what ran on workers that died or are frozen; call it every few seconds. Returns those found now. */
  reap(worker: WorkerIdentity): Promise<readonly Reaped[]>
  /** Dead jobs whose `onFailure` task is one of these, until `told()`. Some of them, if there are many. */
  untold(tasks: readonly string[]): Promise<readonly Failure[]>
  told(failure: Pick<Job, 'id' | 'attempt'>): Promise<void>
}
