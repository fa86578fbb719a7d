/** Queues, lists, fetches, retries and drops jobs. */
import { randomUUID } from 'node:crypto'
import type { Sql } from '../database/sql.ts'
import { type JobData, type JobState, MAX_WAITING, type NewJob, type Store, type Waiting } from '../store.ts'
import { type Engine, QUEUES, queueName } from './engine.ts'
import { ENGINE_SCHEMA, NOTIFY } from './tables.ts'

type Jobs = Pick<Store, 'enqueue' | 'watch' | 'waiting' | 'fetch' | 'jobs' | 'retry' | 'drop'>

export function createJobs(sql: Sql, engine: Engine): Jobs {
  return {
    async enqueue(job) {
      const id = job.id ?? randomUUID()
      const name = queueName(job.task, job.hash)
      for (;;) {
        const isNew = await sql.transaction(() => enqueue(sql, engine, name, id, job))
        if (isNew !== undefined) return { id, isNew }
        await engine.createQueue(name)
      }
    },

    watch: (onWork) => sql.listen(ENGINE_SCHEMA, onWork),

    waiting: () =>
      sql.query<Waiting & Record<string, unknown>>(
        `SELECT task, hash, count FROM ${ENGINE_SCHEMA}.queue AS queue
          CROSS JOIN LATERAL (SELECT data->>'task' AS task, data->>'hash' AS hash, start_after ${DUE}
            ORDER BY start_after LIMIT 1) AS oldest
          CROSS JOIN LATERAL (SELECT count(*)::int AS count FROM (SELECT 1 ${DUE} LIMIT ${MAX_WAITING}) AS due) AS counted
          WHERE queue.name LIKE '${QUEUES}' ORDER BY start_after`,
      ),

    async fetch(task, hash) {
      const job = await engine.fetch(queueName(task, hash))
      if (!job) return undefined
      const data = job.data as JobData
      return { id: job.id, task: data.task, hash: data.hash, data, attempt: job.retryCount }
    },

    async jobs(limit) {
      const rows = await sql.query<JobRow>(
        `SELECT job.id, job.data, job.state::text, job.retry_count, job.created_on, job.start_after, job.started_on, job.completed_on,
            coalesce(job.output->>'error', job.output->>'message', job.output->'value'->>'message') AS error,
            coalesce(run.requeued, false) AS requeued
          FROM ${ENGINE_SCHEMA}.job AS job LEFT JOIN wfg.run AS run ON run.job_id = job.id AND run.attempt = job.retry_count
          WHERE job.name LIKE '${QUEUES}' ORDER BY job.state = 'completed', job.state = 'created', job.created_on DESC, job.id LIMIT $1`,
        [limit],
      )
      return rows.map(toJobState)
    },

    retry: (id) =>
      onJob(sql, id, async ({ name, state, attempt }) => {
        if (state !== 'failed') return false
        await engine.retry(name, id)
        await sql.query(NOTIFY)
        await sql.query('UPDATE wfg.run SET requeued = true WHERE job_id = $1 AND attempt = $2', [id, attempt])
        return true
      }),

    drop: (id) =>
      onJob(sql, id, async ({ name, state }) => {
        if (!['created', 'retry', 'failed', 'cancelled'].includes(state)) return false
        await engine.deleteJob(name, id)
        return true
      }),
  }
}

/** A job as the engine has it. Nobody else can change it until the transaction ends. */
export interface LockedJob {
  readonly name: string
  readonly state: string
  readonly attempt: number
  readonly data: JobData
}

/** Call it inside a transaction. Undefined if there is no such job. */
export async function lockJob(sql: Sql, id: string): Promise<LockedJob | undefined> {
  const [job] = await sql.query<LockedJob & Record<string, unknown>>(
    `SELECT name, state::text, retry_count AS attempt, data FROM ${ENGINE_SCHEMA}.job
      WHERE id = $1 AND name LIKE '${QUEUES}' FOR UPDATE`,
    [id],
  )
  return job
}

// --- internal ---

/** Finds the due jobs of one queue by an index of the engine. */
const DUE = `FROM ${ENGINE_SCHEMA}.job WHERE job.name = queue.name AND state < 'active' AND start_after <= now()`

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Undefined if the queue does not exist. */
async function enqueue(sql: Sql, engine: Engine, name: string, id: string, job: NewJob): Promise<boolean | undefined> {
  await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`wfg.job.${id}`])
  // The engine's ids are unique only within a queue, and it drops jobs that ran; their runs stay.
  const known = await sql.query(
    `SELECT 1 FROM ${ENGINE_SCHEMA}.job WHERE id = $1 UNION ALL SELECT 1 FROM wfg.run WHERE job_id = $1 LIMIT 1`,
    [id],
  )
  if (known.length > 0) return false
  if (!(await engine.keepQueue(name))) return undefined
  const { data, retryLimit, retryDelaySeconds: retryDelay, expireInSeconds } = job
  await sql.query(NOTIFY)
  return engine.send(name, data, { id, retryLimit, retryDelay, expireInSeconds })
}

async function onJob(sql: Sql, id: string, work: (job: LockedJob) => Promise<boolean>): Promise<boolean> {
  if (!UUID.test(id)) return false
  return sql.transaction(async () => {
    const job = await lockJob(sql, id)
    return job ? work(job) : false
  })
}

type JobRow = {
  id: string
  data: JobData
  state: 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed'
  retry_count: number
  created_on: Date
  start_after: Date
  started_on: Date | null
  completed_on: Date | null
  error: string | null
  requeued: boolean
}

const STATES = {
  created: 'waiting',
  retry: 'failed',
  active: 'running',
  completed: 'done',
  cancelled: 'dead',
  failed: 'dead',
} as const

function toJobState(row: JobRow): JobState {
  const { id, data, state, retry_count: attempt, created_on: queuedAt, started_on, completed_on, error, requeued } = row
  const { task, hash } = data
  // For the engine, a job that was retried by hand has failed and will be tried again.
  const found = state === 'retry' && requeued ? 'waiting' : STATES[state]
  const { start_after: startAfter } = row
  const isOver = found === 'done' || found === 'dead'
  return {
    ...{ id, task, hash, data, attempt, state: found, queuedAt },
    ...(found === 'failed' ? { startAfter } : {}),
    ...(started_on && found !== 'waiting' ? { startedAt: started_on } : {}),
    ...(completed_on && isOver ? { endedAt: completed_on } : {}),
    ...(error && (isOver || found === 'failed') ? { error } : {}),
  }
}
