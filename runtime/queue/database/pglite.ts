/** PGlite: PostgreSQL inside this process, its data in a folder that nobody else may have open. */
import { WfgError } from '../../core/errors.ts'
import { quotedPath } from '../../core/visible.ts'
import type { Host } from '../../host/host.ts'
import { withPackages } from '../../host/optional_packages.ts'
import { createSql, type Row, type Sql } from './sql.ts'

/**
 * @param folder for the data, which no other process has open; made if it is missing
 * @throws {WfgError} if the folder holds no database that can be opened
 */
export async function openPglite(host: Pick<Host, 'redactor' | 'runtime'>, folder: string): Promise<Sql> {
  const { PGlite } = await withPackages<Module>('pglite', host.runtime, () => import('@electric-sql/pglite'))
  const database = await PGlite.create(folder).catch((error: Error) => {
    throw unopened(folder, host.redactor.text(error.message))
  })
  let listens = false
  return createSql<Connection>({
    kind: 'pglite',
    named: {
      name: `the database in ${quotedPath(folder)}`,
      redact: (text) => host.redactor.text(text),
    },
    async execute(connection, text, values) {
      const on = connection ?? database
      try {
        if (values?.length) return await on.query(text, values)
        // Only this way it takes several statements.
        return { rows: (await on.exec(text)).flatMap(({ rows }) => rows ?? []) }
      } catch (error) {
        // There is one connection, so a transaction that a failed statement left open would affect all later statements.
        if (!connection) await database.exec('ROLLBACK').catch(() => {})
        throw error
      }
    },
    transaction: (work) => database.transaction(work),
    async listen(channel, onNotice) {
      if (listens) return
      listens = true
      await database.listen(channel, onNotice)
    },
    close: () => database.close(),
  })
}

// --- internal ---

interface Connection {
  query(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
  exec(text: string): Promise<{ rows: Row[] }[]>
}

interface Database extends Connection {
  transaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>
  listen(channel: string, onNotice: () => void): Promise<unknown>
  close(): Promise<void>
}

interface Module {
  PGlite: { create(folder: string): Promise<Database> }
}

function unopened(folder: string, said: string): WfgError {
  const remedy = 'If it is damaged, move the folder away: the next worker begins with an empty queue.'
  return new WfgError(
    `Cannot open the queue: the database in ${quotedPath(folder)} does not open: ${said.replace(/\s+/g, ' ').trim()}. ${remedy}`,
    { remedy },
  )
}
