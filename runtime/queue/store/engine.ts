/** The engine that keeps the jobs: pg-boss, the same for both of its versions. */
import type { Host } from '../../host/host.ts'
import type { Sql, Statements } from '../database/sql.ts'
import { type FetchedJob, type PgBoss, startPgBoss } from './pg_boss.ts'
import { ENGINE_SCHEMA } from './tables.ts'

/** Matches the name of each of our queues. Other code may have queues beside them. */
export const QUEUES = 'wfg.%'

/** Each state of a task's files has its own queue, so that a worker gets only jobs with its own files. */
export function queueName(task: string, hash: string): string {
  return `wfg.${task.replaceAll(':', '.')}.${hash.slice(0, 12)}`
}

export interface SendOptions {
  readonly id: string
  readonly retryLimit: number
  readonly retryDelay: number
  readonly expireInSeconds: number
}

/** Calls inside `sql.transaction()` are part of it, except `createQueue()`. */
export interface Engine extends Pick<PgBoss, 'complete' | 'fail' | 'retry' | 'deleteJob'> {
  /** Does nothing if the queue exists. */
  createQueue(name: string): Promise<void>
  /** Keeps the queue from being removed until the transaction ends; false if it does not exist. */
  keepQueue(name: string): Promise<boolean>
  /** Removes those that are older than a day, and only if each queue costs a table. */
  removeEmptyQueues(): Promise<void>
  /** False if nothing was queued. */
  send(name: string, data: object, options: SendOptions): Promise<boolean>
  fetch(name: string): Promise<FetchedJob | undefined>
  stop(): Promise<void>
}

/** See `startPgBoss()`. */
export async function startEngine(host: Pick<Host, 'runtime'>, sql: Sql, maintains: boolean): Promise<Engine> {
  const { guarded } = sql
  const { boss, hasQueueTables, queueOptions } = await guarded(() => startPgBoss(host, sql, maintains))
  const hasQueue = async (name: string) =>
    (await sql.query(`SELECT 1 FROM ${ENGINE_SCHEMA}.queue WHERE name = $1`, [name])).length > 0

  return {
    async createQueue(name) {
      if (await hasQueue(name)) return
      const make = () => boss.createQueue(name, { name, ...queueOptions })
      // Two processes that make tables at once block each other.
      await guarded(() => (hasQueueTables ? lockingQueues(sql, make) : make()))
    },
    async keepQueue(name) {
      await sql.query(`SELECT pg_advisory_xact_lock_shared(${QUEUES_LOCK})`)
      return hasQueue(name)
    },
    removeEmptyQueues: () => guarded(async () => (hasQueueTables ? removeEmptyQueues(sql, boss) : undefined)),
    send: (name, data, options) => guarded(async () => (await boss.send(name, data, options)) !== null),
    fetch: (name) => guarded(() => fetchOne(sql, boss, name)),
    complete: (name, id, output) => guarded(() => boss.complete(name, id, output)),
    fail: (name, id, output) => guarded(() => boss.fail(name, id, output)),
    retry: (name, id) => guarded(() => boss.retry(name, id)),
    deleteJob: (name, id) => guarded(() => boss.deleteJob(name, id)),
    stop: () => guarded(() => boss.stop({ close: false, graceful: false })),
  }
}

// --- internal ---

/** Thrown by version 12. Version 10 just finds no job. */
const NO_SUCH_QUEUE = 'PGBOSS_QUEUE_NOT_FOUND'
const QUEUES_LOCK = "hashtextextended('wfg.queues', 0)"

function lockingQueues(sql: Sql, work: () => Promise<void>): Promise<void> {
  return sql.transaction(async () => {
    await sql.query(`SELECT pg_advisory_xact_lock(${QUEUES_LOCK})`)
    await work()
  })
}

async function removeEmptyQueues(sql: Sql, boss: PgBoss): Promise<void> {
  await lockingQueues(sql, async () => {
    const empty = await sql.query<{ name: string }>(`
      SELECT name FROM ${ENGINE_SCHEMA}.queue AS queue
        WHERE name LIKE '${QUEUES}' AND created_on < now() - interval '1 day'
          AND NOT EXISTS (SELECT 1 FROM ${ENGINE_SCHEMA}.job WHERE job.name = queue.name)`)
    for (const { name } of empty) await boss.deleteQueue(name)
  })
}

async function fetchOne(sql: Sql, boss: PgBoss, name: string): Promise<FetchedJob | undefined> {
  const statements = remembering(sql)
  try {
    const [job] = await boss.fetch(name, { includeMetadata: true, batchSize: 1, db: statements })
    // Version 10 swallows the error.
    if (!job && statements.error !== undefined) throw statements.error
    return job
  } catch (error) {
    if ((error as { code?: string }).code === NO_SUCH_QUEUE) return undefined
    throw error
  }
}

function remembering(sql: Statements): Statements & { readonly error: unknown } {
  let error: unknown
  return {
    get error() {
      return error
    },
    executeSql: (text, values) =>
      sql.executeSql(text, values).catch((thrown) => {
        error = thrown
        throw thrown
      }),
  }
}
