/** The `pg` package as we use it, and the settings of every connection. */
import type { Address } from './postgres_url.ts'
import type { Row } from './sql.ts'

/** In milliseconds. A server that went away without a word is not waited for longer. */
export const SETTINGS = {
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

export type Settings = typeof SETTINGS & { connectionString: string }
type Answer = { rows: Row[] } | { rows: Row[] }[]

export interface Client extends Address {
  connect(): Promise<void>
  query(text: string, values?: unknown[]): Promise<Answer>
  release(destroys?: boolean): void
  end(): Promise<void>
  on(event: 'error' | 'end', handler: () => void): void
  off(event: 'error' | 'end', handler: () => void): void
}

export interface Driver {
  Client: new (settings: Settings) => Client
  Pool: new (
    settings: Settings & { max: number; idleTimeoutMillis: number; onConnect(client: Client): Promise<void> },
  ) => Pick<Client, 'query' | 'end'> & {
    connect(): Promise<Client>
    on(event: 'error', handler: () => void): void
  }
}

/** Where the server lets it not be set, it is as it is. */
export async function prepare(client: Client): Promise<void> {
  await client.query(ON_CONNECT).catch(() => {})
}

/** Several statements at once have several results. */
export function unwrapped(answer: Answer): { rows: Row[] } {
  return Array.isArray(answer) ? { rows: answer.flatMap(({ rows }) => rows ?? []) } : answer
}
