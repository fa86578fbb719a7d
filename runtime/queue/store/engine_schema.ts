/** Checks that the engine's tables in the database fit the engine that is installed here. */

import { ConfigError } from '../../core/errors.ts'
import { packageProgram } from '../../host/user_shell.ts'
import type { Sql } from '../database/sql.ts'
import { ENGINE_SCHEMA, hasTable } from './tables.ts'

/**
 * The tables of pg-boss 10 and 12 cannot be converted. Those of the other version are renamed once they have no job to run
 * and no worker lives. Until then the queue cannot be used with this version.
 *
 * @param installed the version of the tables that the installed engine needs
 * @throws {ConfigError} if the tables are of a newer engine, or in use by the other version
 */
export async function checkEngineSchema(sql: Sql, installed: number): Promise<void> {
  const version = await versionOf(sql)
  if (version === undefined || version === installed) return
  if (engineOf(version) === engineOf(installed)) {
    if (version > installed) throw tooNew(version, installed)
    return
  }
  await sql.transaction(async () => {
    await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('wfg.tables', 0))")
    if ((await versionOf(sql)) !== version) return
    const [row] = await sql.query<{ jobs: number; workers: number }>(`
      SELECT (SELECT count(*) FROM ${ENGINE_SCHEMA}.job WHERE state <= 'active')::int AS jobs,
        (SELECT count(*) FROM wfg.worker WHERE seen_at > now() - interval '1 minute')::int AS workers`)
    if (row && row.jobs + row.workers > 0) throw inUse(version, installed, row)
    const [{ name } = { name: '' }] = await sql.query<{ name: string }>(
      `SELECT '${ENGINE_SCHEMA}_' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS_US') AS name`,
    )
    await sql.query(`ALTER SCHEMA ${ENGINE_SCHEMA} RENAME TO ${name}`)
  })
}

// --- internal ---

async function versionOf(sql: Sql): Promise<number | undefined> {
  if (!(await hasTable(sql, ENGINE_SCHEMA, 'version'))) return undefined
  const [row] = await sql.query<{ version: number }>(`SELECT version::int AS version FROM ${ENGINE_SCHEMA}.version`)
  return row?.version
}

function engineOf(version: number): string {
  return version < 25 ? 'pg-boss 10' : 'pg-boss 12'
}

function tooNew(version: number, installed: number): ConfigError {
  const remedy = `Update pg-boss here with \`${packageProgram('npm')} install pg-boss@latest\`, as on the computers of the other workers.`
  return new ConfigError(
    `Cannot use the queue: its tables have version ${version}, and the pg-boss installed here knows up to version ${installed}. ${remedy}`,
    { remedy },
  )
}

function inUse(version: number, installed: number, { jobs, workers }: { jobs: number; workers: number }): ConfigError {
  const remedy = `Use ${engineOf(version)} here as well (it comes with the version of Node), or first let all jobs end and stop all workers.`
  return new ConfigError(
    `Cannot use the queue: its tables are of ${engineOf(version)}, and ${engineOf(installed)}, which is installed here, cannot take them over ` +
      `(jobs still to be run: ${jobs}, workers that live: ${workers}). ${remedy}`,
    { remedy },
  )
}
