/** Jobs as rows that people and programs read. */
import { timeText } from '../core/time_text.ts'
import { shortId } from '../tasks/history/run_id.ts'
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
  /** Why it failed, or cannot run. */
  readonly error: string | null
}

/** Returns the jobs that are not done: running, waiting, failed, then dead ones. */
export function rowsOf(jobs: readonly JobState[], files: Pick<TaskFiles, 'taskFor'>): JobRow[] {
  const shown = jobs.filter(({ state }) => state !== 'done')
  shown.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.queuedAt.getTime() - b.queuedAt.getTime())
  const known = new Map<string, boolean>()
  const isForeign = ({ task, hash }: JobState): boolean => {
    const key = `${task} ${hash}`
    if (!known.has(key)) known.set(key, !files.taskFor(task, hash))
    return known.get(key)!
  }
  const errorOf = (job: JobState): string | undefined =>
    job.state === 'waiting' && isForeign(job) ? OTHER_FILES : job.error
  return shown.map((job) => rowOf(job, errorOf(job)))
}

/** Returns a row that fits a terminal. */
export function shortRowOf({ id, state, task, queued, attempts, error }: JobRow, nowMs: number): object {
  return {
    id: shortId(id),
    state,
    task,
    queued: timeText(new Date(queued), nowMs),
    attempts,
    error: error === null ? null : reason(error),
  }
}

// --- internal ---

const ORDER: readonly JobState['state'][] = ['running', 'waiting', 'failed', 'dead']
const OTHER_FILES = 'The files here differ from those that it was queued with.'

function rowOf(
  { id, state, task, queuedAt, startedAt, endedAt, attempt, data }: JobState,
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
    error: error ?? null,
  }
}

function timeOf(date: Date | undefined): string | null {
  return date ? date.toISOString().replace(/\.\d+Z$/, 'Z') : null
}
