/** What a worker and the commands of the queue need of a database, whichever it is. */
import type { RunSelection } from '../../tasks/history/record.ts'

/** What a job holds: everything a run needs but the settings, which the worker has of its own. Never a secret. */
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
  /** Of the first attempt; those after it append `.1`, `.2`, … */
  readonly runId: string
  /** The protected profile was confirmed by whoever queued it. */
  readonly confirmed?: true
  /** The script's questions are answered with yes. */
  readonly yes?: true
  readonly queuedBy: { readonly host: string; readonly user: string }
}

export interface NewJob {
  /** A UUID. With one given, the job exists once for ever, whatever its hash; default: a new one. */
  readonly id?: string
  readonly task: string
  readonly hash: string
  readonly data: JobData
  /** Further attempts after the first, 0 for none. */
  readonly retryLimit: number
  readonly retryDelaySeconds: number
  /** From when on a running attempt counts as failed, in seconds; less than 24 hours. */
  readonly expireInSeconds: number
  /** Not before; default at once. */
  readonly startAfter?: Date
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
  /** `failed` will be tried again by itself; `dead` only by `retry()`. */
  readonly state: 'waiting' | 'running' | 'failed' | 'dead' | 'done'
  readonly queuedAt: Date
  readonly startedAt?: Date
  readonly endedAt?: Date
  readonly error?: string
}

/** Jobs of a task and its files that are due. */
export interface Waiting {
  readonly task: string
  readonly hash: string
  readonly count: number
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
  /** Sent, by kind. */
  readonly operations?: Readonly<Record<string, number>>
  /** Who it acted as. */
  readonly user?: string
}

/** One attempt of a job, or a run started by hand. */
export interface RunRow {
  readonly id: string
  /** Undefined for a run started by hand. */
  readonly jobId?: string
  readonly attempt?: number
  readonly task: string
  readonly profile?: string
  /** Without the secret ones. */
  readonly args?: Readonly<Record<string, unknown>>
  readonly hostname: string
  /** Who started or queued it, of that computer. */
  readonly osUser?: string
  /** Who it acted as. */
  readonly user?: string
  readonly startedAt: Date
  readonly endedAt?: Date
  readonly outcome: 'running' | 'done' | 'failed' | 'interrupted' | 'timed out' | 'refused'
  readonly exitCode?: number
  readonly durationMs?: number
  readonly operations?: Readonly<Record<string, number>>
  readonly error?: string
  readonly commit?: string
  /** Which process of that computer runs it, if it was started by hand and has not ended. */
  readonly process?: { readonly pid: number; readonly start?: string | undefined }
}

/** What was running on a worker that is no more. */
export interface Reaped {
  readonly worker: WorkerIdentity
  readonly jobs: readonly Job[]
}

/**
 * Every call may reject with a `TransportError` while the database, or the worker that owns it, cannot be reached; the
 * same store works again afterwards.
 */
export interface Store {
  /** `isNew` is false where a job of that id is there, or ran. */
  enqueue(job: NewJob): Promise<{ readonly id: string; readonly isNew: boolean }>
  /** What is due now, of all files, the oldest first. */
  waiting(): Promise<readonly Waiting[]>
  /** Takes the oldest due job; nobody else gets it. `begin()` comes next. */
  fetch(task: string, hash: string): Promise<Job | undefined>
  /**
   * Records the attempt before it starts; false when it may not be started, because somebody else has it. After an error
   * it is to be called again until it answers: the attempt may have been recorded as this worker's.
   */
  begin(job: Job, worker: WorkerIdentity): Promise<boolean>
  /**
   * False if the job was taken from its worker meanwhile; the run's record says how it ended in any case. After an error it
   * may be called again, as `fail()` may.
   */
  complete(job: Job, outcome: RunOutcome): Promise<boolean>
  /** The job is tried again as its `retryLimit` says. */
  fail(job: Job, outcome: RunOutcome): Promise<boolean>
  /** First those that are not done, for which somebody may have to do something; of each kind the newest first. */
  jobs(limit: number): Promise<readonly JobState[]>
  /** A dead job waits again; false for any other. */
  retry(id: string): Promise<boolean>
  /** A waiting or dead job is gone; false for any other. */
  drop(id: string): Promise<boolean>
  /** For a registered worker: held until what it gives is called, which never rejects; undefined while anybody holds it. */
  lock(key: string): Promise<(() => Promise<void>) | undefined>
  lastCronTime(task: string): Promise<Date | undefined>
  setCronTime(task: string, time: Date): Promise<void>
  /** To be called once, before anything is fetched. */
  register(worker: WorkerIdentity): Promise<void>
  /**
   * To be called every 5 seconds: says that the worker lives. False if it had been taken for dead: what it ran was failed,
   * and its locks are gone.
   */
  renew(worker: WorkerIdentity): Promise<boolean>
  /** To be called every few seconds: fails what ran on workers that died or are frozen. Gives those found now. */
  reap(worker: WorkerIdentity): Promise<readonly Reaped[]>
  /** The newest first. */
  runs(limit: number, choice?: RunSelection): Promise<readonly RunRow[]>
  /** By its id, or the beginning of it where only one begins so. */
  run(id: string): Promise<RunRow | undefined>
  /** Adds a run that was started by hand, or how it ended. */
  addRun(row: RunRow): Promise<void>
  close(): Promise<void>
}
