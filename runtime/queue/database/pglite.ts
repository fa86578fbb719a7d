/** PGlite: PostgreSQL inside this process, its data in a folder that nobody else may have open. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { WfgError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import { withPackages } from '../../host/optional_packages.ts'
import { databaseFailure } from './database_failure.ts'
import type { Row, Sql } from './sql.ts'

/**
 * @param folder with the data, ours alone; made where it is missing
 * @throws {WfgError} where the folder holds no database that can be opened
 */
export async function openPglite(host: Pick<Host, 'redactor' | 'runtime'>, folder: string): Promise<Sql> {
  const { PGlite } = await withPackages<Module>('pglite', host.runtime, () => import('@electric-sql/pglite'))
  const database = await PGlite.create(folder).catch((error: Error) => {
    throw unopened(folder, host.redactor.text(error.message))
  })
  const named = {
    name: `the database in ${JSON.stringify(folder)}`,
    redact: (text: string) => host.redactor.text(text),
  }
  const running = new AsyncLocalStorage<Connection>()

  async function executeSql(text: string, values?: unknown[]): Promise<{ rows: Row[] }> {
    const connection = running.getStore() ?? database
    try {
      if (values?.length) return await connection.query(text, values)
      // Only this way it takes several statements.
      return { rows: (await connection.exec(text)).flatMap(({ rows }) => rows ?? []) }
    } catch (error) {
      // There is one connection, so what a failed statement left open would be in the way of all that follow.
      if (connection === database) await database.exec('ROLLBACK').catch(() => {})
      throw error
    }
  }

  async function query<Result extends Row>(text: string, values?: unknown[]): Promise<Result[]> {
    try {
      return (await executeSql(text, values)).rows as Result[]
    } catch (error) {
      throw databaseFailure(error, named)
    }
  }

  return {
    kind: 'pglite',
    executeSql,
    query,
    async transaction(work) {
      if (running.getStore()) return work()
      try {
        return await database.transaction((connection) => running.run(connection, work))
      } catch (error) {
        throw databaseFailure(error, named)
      }
    },
    failure: (error) => databaseFailure(error, named),
    close: () => database.close(),
  }
}

// --- internal ---

interface Connection {
  query(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
  exec(text: string): Promise<{ rows: Row[] }[]>
}

interface Database extends Connection {
  transaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

interface Module {
  PGlite: { create(folder: string): Promise<Database> }
}

function unopened(folder: string, said: string): WfgError {
  const remedy = 'If it was copied or cut off, move the folder away: the next worker begins with an empty queue.'
  return new WfgError(
    `Cannot open the queue: the database in ${JSON.stringify(folder)} does not open: ${said.replace(/\s+/g, ' ').trim()}. ${remedy}`,
    { remedy },
  )
}
