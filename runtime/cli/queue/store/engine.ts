/** pg-boss, which keeps the jobs: version 10 (the last for Node 20) and 12, whose tables and options differ. */
import type { Host } from '../../../host.ts'
import { checkEngineSchema } from './engine_schema.ts'
import { optionalPackage } from './optional_package.ts'
import { QUEUES } from './queue_name.ts'
import type { Sql, Statements } from './sql.ts'
import { ENGINE_SCHEMA } from './tables.ts'

export interface EngineJob {
  readonly id: string
  readonly data: unknown
  /** How often it was fetched before. */
  readonly retryCount: number
}

export interface SendOptions {
  readonly id: string
  readonly retryLimit: number
  readonly retryDelay: number
  readonly expireInSeconds: number
  readonly startAfter?: Date
}

/** What is called inside `sql.transaction()` is part of it, but `createQueue()`, which cannot be. */
export interface Engine {
  /** Where it is missing. */
  createQueue(name: string): Promise<void>
  /** For as long as the transaction takes, the queue is not removed; false where it is missing. */
  keepQueue(name: string): Promise<boolean>
  /** Removes queues without jobs, a day after they were made: version 10 has a table for each. */
  removeEmptyQueues(): Promise<void>
  /** False where nothing was queued. */
  send(name: string, data: object, options: SendOptions): Promise<boolean>
  fetch(name: string): Promise<EngineJob | undefined>
  complete(name: string, id: string, output: object): Promise<void>
  fail(name: string, id: string, output: object): Promise<void>
  retry(name: string, id: string): Promise<void>
  deleteJob(name: string, id: string): Promise<void>
  stop(): Promise<void>
}

/**
 * @param maintains whether this process does the engine's housekeeping: expiry and removal of old jobs
 * @throws {ConfigError} without the package, or where the tables are of another version that cannot be left aside
 */
export async function startEngine(host: Pick<Host, 'runtime'>, sql: Sql, maintains: boolean): Promise<Engine> {
  const module = await optionalPackage<Module>('pg-boss', host.runtime)
  const Boss = module.PgBoss ?? module.default!
  const plans = (module.getConstructionPlans ?? Boss.getConstructionPlans!)(ENGINE_SCHEMA)
  const version = Number(/version\(version\)\s+VALUES\s*\('?(\d+)/i.exec(plans)?.[1])
  await checkEngineSchema(sql, version)
  const isOld = version < FIRST_VERSION_OF_12
  const options = {
    ...(isOld ? OPTIONS_OF_10 : OPTIONS_OF_12),
    ...(!isOld && sql.kind === 'pglite' ? { backend: 'pglite' } : {}),
    schema: ENGINE_SCHEMA,
    db: { executeSql: sql.executeSql },
    schedule: false,
    supervise: maintains,
  }
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      throw sql.failure(error)
    }
  }
  const boss = await guarded(() => started(Boss, options))
  const queueOptions = isOld ? QUEUE_OF_10 : QUEUE_OF_12
  const hasQueue = async (name: string) =>
    (await sql.query(`SELECT 1 FROM ${ENGINE_SCHEMA}.queue WHERE name = $1`, [name])).length > 0
  return {
    async createQueue(name) {
      if (await hasQueue(name)) return
      const make = () => boss.createQueue(name, { name, ...queueOptions })
      // Version 10 makes a table for each queue, and two at once are in each other's way; version 12 sees to it itself.
      await guarded(() => (isOld ? lockingQueues(sql, make) : make()))
    },
    async keepQueue(name) {
      await sql.query(`SELECT pg_advisory_xact_lock_shared(${QUEUES_LOCK})`)
      return hasQueue(name)
    },
    removeEmptyQueues: () => guarded(async () => (isOld ? removeEmptyQueues(sql, boss) : undefined)),
    send: (name, data, options) => guarded(async () => (await boss.send(name, data, { ...options })) !== null),
    fetch: (name) =>
      guarded(async () => {
        const statements = remembering(sql)
        try {
          const [job] = await boss.fetch(name, { includeMetadata: true, batchSize: 1, db: statements })
          // Version 10 keeps to itself what went wrong.
          if (!job && statements.error !== undefined) throw statements.error
          return job
        } catch (error) {
          if ((error as { code?: string }).code === NO_SUCH_QUEUE) return undefined
          throw error
        }
      }),
    complete: (name, id, output) => guarded(() => boss.complete(name, id, output)),
    fail: (name, id, output) => guarded(() => boss.fail(name, id, output)),
    retry: (name, id) => guarded(() => boss.retry(name, id)),
    deleteJob: (name, id) => guarded(() => boss.deleteJob(name, id)),
    stop: () => guarded(() => boss.stop({ close: false, graceful: false })),
  }
}

// --- internal ---

/** Below it are the tables of pg-boss 10, which 12 cannot take over. */
const FIRST_VERSION_OF_12 = 25
/** How long what is done or dead can be looked at. */
const KEPT_DAYS = 14
/** How long a job may wait before the engine drops it: the most that it takes. */
const WAITS_DAYS = 364
const DAY_SECONDS = 86_400

const OPTIONS_OF_10 = { archiveCompletedAfterSeconds: KEPT_DAYS * DAY_SECONDS, deleteAfterDays: 1 }
const QUEUE_OF_10 = { retentionMinutes: WAITS_DAYS * 24 * 60 }
const OPTIONS_OF_12 = { registerInstance: false, reindex: false, monitorVacuum: false }
const QUEUE_OF_12 = { retentionSeconds: WAITS_DAYS * DAY_SECONDS, deleteAfterSeconds: KEPT_DAYS * DAY_SECONDS }

interface Boss {
  on(event: 'error', handler: () => void): void
  start(): Promise<unknown>
  stop(options: object): Promise<void>
  createQueue(name: string, options: object): Promise<void>
  deleteQueue(name: string): Promise<void>
  send(name: string, data: object, options: object): Promise<string | null>
  fetch(name: string, options: object): Promise<EngineJob[]>
  complete(name: string, id: string, output: object): Promise<void>
  fail(name: string, id: string, output: object): Promise<void>
  retry(name: string, id: string): Promise<void>
  deleteJob(name: string, id: string): Promise<void>
}

type Plans = (schema: string) => string

interface BossClass {
  new (options: object): Boss
  getConstructionPlans?: Plans
}

interface Module {
  /** Of version 10. */
  default?: BossClass
  /** Of version 12. */
  PgBoss?: BossClass
  getConstructionPlans?: Plans
}

async function started(Boss: BossClass, options: object, mayBeBeaten = true): Promise<Boss> {
  const boss = new Boss(options)
  // Of its housekeeping, which is tried again; what matters to a caller is thrown to the caller.
  boss.on('error', () => {})
  try {
    await boss.start()
    return boss
  } catch (error) {
    // Of several that make the tables at once, all but one may be told that they are there.
    if (mayBeBeaten && IS_THERE.test((error as { code?: string }).code ?? '')) return started(Boss, options, false)
    throw error
  }
}

/** A unique violation in the catalog; duplicate schema, table, or type. */
const IS_THERE = /^(23505|42P06|42P07|42710)$/

/** Of version 12. */
const NO_SUCH_QUEUE = 'PGBOSS_QUEUE_NOT_FOUND'
const QUEUES_LOCK = "hashtextextended('wfg.queues', 0)"

function lockingQueues(sql: Sql, work: () => Promise<void>): Promise<void> {
  return sql.transaction(async () => {
    await sql.query(`SELECT pg_advisory_xact_lock(${QUEUES_LOCK})`)
    await work()
  })
}

async function removeEmptyQueues(sql: Sql, boss: Boss): Promise<void> {
  await lockingQueues(sql, async () => {
    const empty = await sql.query<{ name: string }>(`
      SELECT name FROM ${ENGINE_SCHEMA}.queue AS queue
        WHERE name LIKE '${QUEUES}' AND created_on < now() - interval '1 day'
          AND NOT EXISTS (SELECT 1 FROM ${ENGINE_SCHEMA}.job WHERE job.name = queue.name)`)
    for (const { name } of empty) await boss.deleteQueue(name)
  })
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
