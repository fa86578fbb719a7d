/** Jobs as rows that people and programs read. */
import { timeText } from '../core/time_text.ts'
import { shortId } from '../tasks/history/run_id.ts'
import type { Task } from '../tasks/registry/registry.ts'
import type { JobState } from './store.ts'
import type { TaskFiles } from './task_files.ts'
import { reason } from './worker/worker_log.ts'

export interface JobRow {
  readonly id: string
  readonly state: JobState['state']
  readonly task: string
  /** In ISO 8601; null if it has not happened. */
  readonly queued: string
  readonly started: string | null
  readonly ended: string | null
  /** How often it was started. */
  readonly attempts: number
  readonly profile: string
  readonly args: Readonly<Record<string, unknown>>
  readonly by: string
  /** When it is tried again, at the earliest; null if it is not waiting for a time. */
  readonly next: string | null
  /** Why it failed, or why it waits. */
  readonly error: string | null
}

/** Returns the jobs that are not done: running, waiting, failed, then dead ones. */
export function rowsOf(jobs: readonly JobState[], files: Pick<TaskFiles, 'taskFor'>): JobRow[] {
  const shown = jobs.filter(({ state }) => state !== 'done')
  shown.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.queuedAt.getTime() - b.queuedAt.getTime())
  const known = new Map<string, Task | undefined>()
  const taskOf = ({ task, hash }: JobState): Task | undefined => {
    const key = `${task} ${hash}`
    if (!known.has(key)) known.set(key, files.taskFor(task, hash))
    return known.get(key)
  }
  const holders = new Map<string, JobState>()
  for (const job of shown.filter(({ state }) => state === 'running')) {
    const key = taskOf(job)?.concurrencyKey
    if (key !== undefined) holders.set(key, job)
  }
  /** Why it waits, or failed. */
  const errorOf = (job: JobState): string | undefined => {
    if (job.state !== 'waiting') return job.error
    const task = taskOf(job)
    if (!task) return OTHER_FILES
    const holder = task.concurrencyKey === undefined ? undefined : holders.get(task.concurrencyKey)
    return holder && `${holder.task} ${shortId(holder.id)} runs, which has the same concurrencyKey.`
  }
  return shown.map((job) => rowOf(job, errorOf(job)))
}

/** Returns a row that fits a terminal. */
export function shortRowOf({ id, state, task, queued, attempts, next, error }: JobRow, nowMs: number): object {
  const again = next === null ? '' : `again ${timeText(new Date(next), nowMs)}: `
  return {
    id: shortId(id),
    state,
    task,
    queued: timeText(new Date(queued), nowMs),
    attempts,
    error: error === null ? null : `${again}${reason(error)}`,
  }
}

// --- internal ---

const ORDER: readonly JobState['state'][] = ['running', 'waiting', 'failed', 'dead']
const OTHER_FILES = 'The files here differ from those that it was queued with.'

function rowOf(
  { id, state, task, queuedAt, startAfter, startedAt, endedAt, attempt, data }: JobState,
  error: string | undefined,
): JobRow {
  return {
    id,
    state,
    task,
    queued: timeOf(queuedAt)!,
    started: timeOf(startedAt),
    ended: timeOf(endedAt),
    attempts: startedAt ? attempt + 1 : attempt,
    profile: data.profile ?? '',
    args: data.args,
    by: `${data.queuedBy.user}@${data.queuedBy.host}`,
    next: timeOf(startAfter),
    error: error ?? null,
  }
}

function timeOf(date: Date | undefined): string | null {
  return date ? date.toISOString().replace(/\.\d+Z$/, 'Z') : null
}
