/** PostgreSQL, by the `pg` package: a few connections for everything, and one whose locks are the worker's. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Host } from '../../../host.ts'
import { databaseFailure, isDeadlock, isUnreachable, type Named } from './database_failure.ts'
import { type Address, checkedDatabaseUrl, databaseName, wrongUrl } from './database_url.ts'
import { optionalPackage } from './optional_package.ts'
import type { Row, Session, Sql } from './sql.ts'

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
  const session = openSession(pg, settings, named)

  async function executeSql(text: string, values?: unknown[]): Promise<{ rows: Row[] }> {
    return unwrapped(await (running.getStore() ?? pool).query(text, values))
  }

  return {
    kind: 'postgresql',
    session,
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
      await Promise.allSettled([session.close(), pool.end()])
    },
  }
}

// --- internal ---

const MAX_CONNECTIONS = 5
/** Of two transactions that wait for each other the database ends one, as if it had not been. */
const MAX_TRIES = 4
/** In milliseconds. A server that went away without a word is not waited for longer. */
const SETTINGS = {
  application_name: 'wfg',
  connectionTimeoutMillis: 10_000,
  query_timeout: 45_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
}

/**
 * For the server: a computer that is cut off is noticed within seconds, and gives up what it held. By itself the
 * server waits for hours.
 */
const ON_CONNECT = `SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 3; SET tcp_keepalives_count = 3;
  SET idle_in_transaction_session_timeout = '1min'`

type Settings = typeof SETTINGS & { connectionString: string }
type Answer = { rows: Row[] } | { rows: Row[] }[]

interface Client extends Address {
  connect(): Promise<void>
  query(text: string, values?: unknown[]): Promise<Answer>
  release(destroys?: boolean): void
  end(): Promise<void>
  on(event: 'error' | 'end', handler: () => void): void
  off(event: 'error' | 'end', handler: () => void): void
}

interface Driver {
  Client: new (settings: Settings) => Client
  Pool: new (
    settings: Settings & { max: number; idleTimeoutMillis: number; onConnect(client: Client): Promise<void> },
  ) => Pick<Client, 'query' | 'end'> & {
    connect(): Promise<Client>
    on(event: 'error', handler: () => void): void
  }
}

/** Where the server lets it not be set, it is as it is. */
async function prepare(client: Client): Promise<void> {
  await client.query(ON_CONNECT).catch(() => {})
}

/** Several statements at once have several results. */
function unwrapped(answer: Answer): { rows: Row[] } {
  return Array.isArray(answer) ? { rows: answer.flatMap(({ rows }) => rows ?? []) } : answer
}

function nameOf(pg: Driver, settings: Settings, { redactor }: Pick<Host, 'redactor'>): string {
  try {
    const client = new pg.Client(settings)
    if (client.password) redactor.add(client.password)
    return databaseName(client)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
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

function openSession(pg: Driver, settings: Settings, named: Named): Session & { close(): Promise<void> } {
  let client: Client | undefined
  let connecting: Promise<Client> | undefined
  let connection = 0
  let closed = false

  function drop(lost: Client): void {
    if (client === lost) client = undefined
    void lost.end().catch(() => {})
  }

  async function connect(): Promise<Client> {
    const next = new pg.Client({ ...settings, application_name: 'wfg worker' })
    next.on('error', () => drop(next))
    next.on('end', () => drop(next))
    try {
      await next.connect()
      await prepare(next)
    } catch (error) {
      drop(next)
      throw error
    }
    connection += 1
    client = next
    if (closed) drop(next)
    return next
  }

  return {
    get connection() {
      return connection
    },
    async query<Result extends Row>(text: string, values?: unknown[]): Promise<Result[]> {
      let used = client
      try {
        if (!used) {
          connecting ??= connect().finally(() => {
            connecting = undefined
          })
          used = await connecting
        }
        return unwrapped(await used.query(text, values)).rows as Result[]
      } catch (error) {
        // Whether it took a lock whose answer was lost, nobody knows: without the connection it has none.
        if (used && isUnreachable(error)) drop(used)
        throw databaseFailure(error, named)
      }
    },
    async close() {
      closed = true
      await client?.end().catch(() => {})
    },
  }
}
