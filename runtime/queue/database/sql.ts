/** A database as the store uses it, PostgreSQL or PGlite. */

export type Row = Record<string, unknown>

/** The part of a database that the engine takes (`IDatabase` of pg-boss). */
export interface Statements {
  /**
   * Several statements at once where there are no values.
   *
   * @throws {Error} the driver's own, which the engine reads
   */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
}

export interface Sql extends Statements {
  readonly kind: 'postgresql' | 'pglite'
  /** The rows of one statement; inside `transaction()` it is part of that, and so is what the engine does there. */
  query<Result extends Row>(text: string, values?: unknown[]): Promise<Result[]>
  /** All of it or nothing. Inside another one it is part of that. */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>
  /** What the driver threw, as an error of ours. */
  failure(error: unknown): Error
  close(): Promise<void>
}
