/** The pg-boss package, and the differences between its versions: 10 is the last for Node 20, 12 is the newest. */
import type { Host } from '../../host/host.ts'
import { withPackages } from '../../host/optional_packages.ts'
import type { Sql, Statements } from '../database/sql.ts'
import { checkEngineSchema } from './engine_schema.ts'
import { ENGINE_SCHEMA } from './tables.ts'

export interface FetchedJob {
  readonly id: string
  readonly data: unknown
  /** How often it was fetched before this time. */
  readonly retryCount: number
}

/** The part of both versions that is used here. */
export interface PgBoss {
  on(event: 'error', handler: () => void): void
  start(): Promise<unknown>
  stop(options: { close: boolean; graceful: boolean }): Promise<void>
  createQueue(name: string, options: object): Promise<void>
  deleteQueue(name: string): Promise<void>
  send(name: string, data: object, options: object): Promise<string | null>
  fetch(name: string, options: { includeMetadata: true; batchSize: number; db: Statements }): Promise<FetchedJob[]>
  complete(name: string, id: string, output: object): Promise<void>
  fail(name: string, id: string, output: object): Promise<void>
  retry(name: string, id: string): Promise<void>
  deleteJob(name: string, id: string): Promise<void>
}

export interface Started {
  readonly boss: PgBoss
  /** Version 10 makes a table for each queue. */
  readonly hasQueueTables: boolean
  /** For `createQueue()`. */
  readonly queueOptions: object
}

/**
 * @param maintains true if this process expires and removes old jobs
 * @throws {ConfigError} without the package, or as `checkEngineSchema()`
 */
export async function startPgBoss(host: Pick<Host, 'runtime'>, sql: Sql, maintains: boolean): Promise<Started> {
  const module = await withPackages<Module>(sql.kind, host.runtime, () => import(PACKAGE))
  const Boss = module.PgBoss ?? module.default!
  const plans = (module.getConstructionPlans ?? Boss.getConstructionPlans!)(ENGINE_SCHEMA)
  const version = Number(/version\(version\)\s+VALUES\s*\('?(\d+)/i.exec(plans)?.[1])
  await checkEngineSchema(sql, version)
  const isOld = module.PgBoss === undefined
  const options = {
    ...(isOld ? OPTIONS_OF_10 : OPTIONS_OF_12),
    ...(!isOld && sql.kind === 'pglite' ? { backend: 'pglite' } : {}),
    schema: ENGINE_SCHEMA,
    db: { executeSql: sql.executeSql },
    // Our scheduler does this.
    schedule: false,
    supervise: maintains,
  }
  return {
    boss: await start(Boss, options),
    hasQueueTables: isOld,
    queueOptions: isOld ? QUEUE_OF_10 : QUEUE_OF_12,
  }
}

// --- internal ---

/** A `string`, because the package's own types are not used. */
const PACKAGE: string = 'pg-boss'

/** How long done and dead jobs are kept. */
const KEPT_DAYS = 14
/** How long a job may wait before the engine drops it: about the longest that the engine allows. */
const WAITS_DAYS = 364
const DAY_SECONDS = 86_400

const OPTIONS_OF_10 = { archiveCompletedAfterSeconds: KEPT_DAYS * DAY_SECONDS, deleteAfterDays: 1 }
const QUEUE_OF_10 = { retentionMinutes: WAITS_DAYS * 24 * 60 }
const OPTIONS_OF_12 = { registerInstance: false, reindex: false, monitorVacuum: false }
const QUEUE_OF_12 = { retentionSeconds: WAITS_DAYS * DAY_SECONDS, deleteAfterSeconds: KEPT_DAYS * DAY_SECONDS }

type Plans = (schema: string) => string

interface PgBossClass {
  new (options: object): PgBoss
  /** Of version 10. */
  getConstructionPlans?: Plans
}

interface Module {
  /** Of version 10. */
  default?: PgBossClass
  /** Of version 12. */
  PgBoss?: PgBossClass
  getConstructionPlans?: Plans
}

async function start(Boss: PgBossClass, options: object, mayBeBeaten = true): Promise<PgBoss> {
  const boss = new Boss(options)
  // Errors of the engine's own maintenance, which it tries again.
  boss.on('error', () => {})
  try {
    await boss.start()
    return boss
  } catch (error) {
    // When several processes create the tables at once, all but one may see "already exists".
    if (mayBeBeaten && IS_THERE.test((error as { code?: string }).code ?? '')) return start(Boss, options, false)
    throw error
  }
}

/** A unique violation in the catalog, or a duplicate schema, table, or type. */
const IS_THERE = /^(23505|42P06|42P07|42710)$/
