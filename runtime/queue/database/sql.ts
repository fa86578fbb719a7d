/** A database as the store uses it, PostgreSQL or PGlite. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { databaseFailure, type Named } from './database_failure.ts'

export type Row = Record<string, unknown>

/** The part of a database that the engine takes (`IDatabase` of pg-boss). */
export interface Statements {
  /**
   * Takes several statements at once if there are no values.
   *
   * @throws {Error} the driver's own, which the engine reads
   */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
}

export interface Sql extends Statements {
  readonly kind: 'postgresql' | 'pglite'
  /** Returns the rows of one statement. Inside `transaction()` it is part of that, and so is what the engine does there. */
  query<Result extends Row>(text: string, values?: unknown[]): Promise<Result[]>
  /** Does all of the work or nothing. Inside another transaction it is part of that. */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>
  /** Does the work and turns an error of the driver into one of ours. */
  guarded<Result>(work: () => Promise<Result>): Promise<Result>
  /**
   * Calls `onNotice` when the channel is notified, until the connection is lost. Does nothing while it listens already, so
   * call it again now and then. A proxy between may pass nothing on.
   */
  listen(channel: string, onNotice: () => void): Promise<void>
  close(): Promise<void>
}

export interface Database<Connection> extends Pick<Sql, 'kind' | 'listen' | 'close'> {
  readonly named: Named
  /** @param connection of the transaction that runs; undefined outside of one */
  execute(connection: Connection | undefined, text: string, values?: unknown[]): Promise<{ rows: Row[] }>
  transaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>
}

export function createSql<Connection>(database: Database<Connection>): Sql {
  const running = new AsyncLocalStorage<Connection>()
  const executeSql: Sql['executeSql'] = (text, values) => database.execute(running.getStore(), text, values)
  const guarded: Sql['guarded'] = async (work) => {
    try {
      return await work()
    } catch (error) {
      throw databaseFailure(error, database.named)
    }
  }
  return {
    kind: database.kind,
    executeSql,
    query: async <Result extends Row>(text: string, values?: unknown[]) =>
      (await guarded(() => executeSql(text, values))).rows as Result[],
    transaction: (work) =>
      running.getStore() ? work() : guarded(() => database.transaction((connection) => running.run(connection, work))),
    guarded,
    listen: (channel, onNotice) => guarded(() => database.listen(channel, onNotice)),
    close: () => database.close(),
  }
}
