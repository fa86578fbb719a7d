/** PostgreSQL, by the `pg` package. */
import { systemCode } from '../../core/system_code.ts'
import type { Host } from '../../host/host.ts'
import { withPackages } from '../../host/optional_packages.ts'
import { isDeadlock, isUnreachable } from './database_failure.ts'
import { type Address, checkedDatabaseUrl, databaseName, wrongUrl } from './postgres_url.ts'
import { createSql, type Row, type Sql } from './sql.ts'

/**
 * Connects for the first statement, and again after a connection was lost.
 *
 * @throws {ConfigError} for a URL that cannot be used, or without the package
 */
export async function openPostgres(host: Pick<Host, 'redactor' | 'runtime'>, databaseUrl: string): Promise<Sql> {
  const pg = (await withPackages<{ default: Driver }>('postgresql', host.runtime, () => import(PACKAGE))).default
  const settings = { ...SETTINGS, connectionString: checkedDatabaseUrl(databaseUrl, host.redactor) }
  const named = { name: nameOf(pg, settings, host), redact: (text: string) => host.redactor.text(text) }
  // A server that refuses these settings keeps its own.
  const onConnect = (client: Client) => client.query(ON_CONNECT).catch(() => {})
  const pool = new pg.Pool({ ...settings, max: MAX_CONNECTIONS, idleTimeoutMillis: 30_000, onConnect })
  // The pool replaces an idle connection that was lost.
  pool.on('error', () => {})
  let listening: Client | undefined
  const stopListening = (client = listening): void => {
    if (client === undefined || client !== listening) return
    listening = undefined
    client.release(true)
  }
  return createSql<Client>({
    ...{ kind: 'postgresql', named },
    async execute(client, text, values) {
      const answer = await (client ?? pool).query(text, values)
      // Several statements have several results.
      return Array.isArray(answer) ? { rows: answer.flatMap(({ rows }) => rows ?? []) } : answer
    },
    async transaction(work) {
      for (let tries = 1; ; tries += 1) {
        let client: Client | undefined
        try {
          client = await pool.connect()
          const result = await inTransaction(client, work)
          client.release()
          return result
        } catch (error) {
          client?.release(isUnreachable(error))
          if (!isDeadlock(error) || tries === MAX_TRIES) throw error
        }
      }
    },
    async listen(channel, onNotice) {
      if (listening) return
      const client = await pool.connect()
      listening = client
      client.on('error', () => stopListening(client))
      client.on('notification', onNotice)
      await client.query(`LISTEN ${channel}`).catch((error) => {
        stopListening(client)
        throw error
      })
    },
    close() {
      stopListening()
      return pool.end().catch(() => {})
    },
  })
}

// --- internal ---

/** A `string`, because the package's own types are not used. */
const PACKAGE: string = 'pg'

/** One of them listens. */
const MAX_CONNECTIONS = 6
/** Of two transactions that wait for each other, the database rolls one back. */
const MAX_TRIES = 4

/** In milliseconds, so that a server that went away is noticed. */
const SETTINGS = {
  application_name: 'wfg',
  connectionTimeoutMillis: 10_000,
  query_timeout: 45_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
}

/** So that the server notices within seconds when a computer is cut off, and releases its locks. Its default is hours. */
const ON_CONNECT = `SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 3; SET tcp_keepalives_count = 3;
  SET idle_in_transaction_session_timeout = '1min'`

type Settings = typeof SETTINGS & { connectionString: string }
type Answer = { rows: Row[] } | { rows: Row[] }[]

/** The `pg` package as it is used here. */
interface Driver {
  Client: new (settings: Settings) => Client
  Pool: new (
    settings: Settings & { max: number; idleTimeoutMillis: number; onConnect(client: Client): Promise<unknown> },
  ) => Pick<Client, 'query' | 'on'> & { connect(): Promise<Client>; end(): Promise<void> }
}

interface Client extends Address {
  query(text: string, values?: unknown[]): Promise<Answer>
  release(destroys?: boolean): void
  on(event: 'error' | 'notification', handler: () => void): void
  off(event: 'error', handler: () => void): void
}

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

async function inTransaction<Result>(client: Client, work: (client: Client) => Promise<Result>): Promise<Result> {
  // Otherwise a connection that is lost between two statements would end the process.
  const ignore = () => {}
  client.on('error', ignore)
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    // A connection that may be lost is closed later, which ends the transaction too.
    if (!isUnreachable(error)) await client.query('ROLLBACK').catch(() => {})
    throw error
  } finally {
    client.off('error', ignore)
  }
}
