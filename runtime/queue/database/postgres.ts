/** PostgreSQL, by the `pg` package. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { systemCode } from '../../core/system_code.ts'
import type { Host } from '../../host/host.ts'
import { databaseFailure, isDeadlock, isUnreachable } from './database_failure.ts'
import { optionalPackage } from './optional_package.ts'
import { type Client, type Driver, prepare, SETTINGS, type Settings, unwrapped } from './postgres_driver.ts'
import { checkedDatabaseUrl, databaseName, wrongUrl } from './postgres_url.ts'
import type { Row, Sql } from './sql.ts'

/**
 * Connects for the first statement, and again whenever a connection was lost.
 *
 * @throws {ConfigError} for a URL that cannot be used, or without the package
 */
export async function openPostgres(host: Pick<Host, 'redactor' | 'runtime'>, databaseUrl: string): Promise<Sql> {
  const pg = (await optionalPackage<{ default: Driver }>('pg', host.runtime)).default
  const settings = { ...SETTINGS, connectionString: checkedDatabaseUrl(databaseUrl, host.redactor) }
  const named = { name: nameOf(pg, settings, host), redact: (text: string) => host.redactor.text(text) }
  const pool = new pg.Pool({ ...settings, max: MAX_CONNECTIONS, idleTimeoutMillis: 30_000, onConnect: prepare })
  // A connection that is lost while nobody uses it is replaced for the next statement.
  pool.on('error', () => {})
  const running = new AsyncLocalStorage<Client>()

  async function executeSql(text: string, values?: unknown[]): Promise<{ rows: Row[] }> {
    return unwrapped(await (running.getStore() ?? pool).query(text, values))
  }

  return {
    kind: 'postgresql',
    executeSql,
    async query<Result extends Row>(text: string, values?: unknown[]): Promise<Result[]> {
      try {
        return (await executeSql(text, values)).rows as Result[]
      } catch (error) {
        throw databaseFailure(error, named)
      }
    },
    async transaction(work) {
      if (running.getStore()) return work()
      for (let tries = 1; ; tries += 1) {
        let client: Client | undefined
        try {
          client = await pool.connect()
          const result = await inTransaction(client, () => running.run(client!, work))
          client.release()
          return result
        } catch (error) {
          client?.release(isUnreachable(error))
          if (!isDeadlock(error) || tries === MAX_TRIES) throw databaseFailure(error, named)
        }
      }
    },
    failure: (error) => databaseFailure(error, named),
    async close() {
      await pool.end().catch(() => {})
    },
  }
}

// --- internal ---

const MAX_CONNECTIONS = 5
/** Of two transactions that wait for each other the database ends one, as if it had not been. */
const MAX_TRIES = 4

function nameOf(pg: Driver, settings: Settings, { redactor }: Pick<Host, 'redactor'>): string {
  try {
    const client = new pg.Client(settings)
    if (client.password) redactor.add(client.password)
    return databaseName(client)
  } catch (error) {
    const code = systemCode(error)
    throw wrongUrl(
      code === 'ENOENT' || code === 'EACCES' ? 'a certificate that it names cannot be read' : 'it cannot be read',
    )
  }
}

async function inTransaction<Result>(client: Client, work: () => Promise<Result>): Promise<Result> {
  // A connection that is lost between two statements would otherwise end the process.
  const ignore = () => {}
  client.on('error', ignore)
  try {
    await client.query('BEGIN')
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    // A connection that may be lost is closed instead, which ends the transaction as well.
    if (!isUnreachable(error)) await client.query('ROLLBACK').catch(() => {})
    throw error
  } finally {
    client.off('error', ignore)
  }
}
