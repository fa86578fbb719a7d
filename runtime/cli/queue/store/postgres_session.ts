/** The one connection whose advisory locks are the worker's. */
import { databaseFailure, isUnreachable, type Named } from './database_failure.ts'
import { type Client, type Driver, prepare, type Settings, unwrapped } from './postgres_driver.ts'
import type { Row, Session } from './sql.ts'

/** Connects for the first statement, and again whenever the connection was lost. */
export function openSession(pg: Driver, settings: Settings, named: Named): Session & { close(): Promise<void> } {
  let client: Client | undefined
  let connection = 0
  let closed = false
  /** The driver takes one statement at a time. */
  let last: Promise<unknown> = Promise.resolve()

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

  async function query(text: string, values?: unknown[]): Promise<Row[]> {
    let used = client
    try {
      used ??= await connect()
      return unwrapped(await used.query(text, values)).rows
    } catch (error) {
      // Whether it took a lock whose answer was lost, nobody knows: without the connection it has none.
      if (used && isUnreachable(error)) drop(used)
      throw databaseFailure(error, named)
    }
  }

  return {
    get connection() {
      return connection
    },
    query<Result extends Row>(text: string, values?: unknown[]): Promise<Result[]> {
      const answer = last.then(() => query(text, values))
      last = answer.catch(() => {})
      return answer as Promise<Result[]>
    },
    async close() {
      closed = true
      await client?.end().catch(() => {})
    },
  }
}
