/** What runs printed, from the database that the workers share. */
import { findDatabaseUrl } from '../settings/find_database_url.ts'
import { type KeptReader, STREAMS } from '../tasks/kept/kept.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import { withTables } from './fleet_runs.ts'
import { addKept, keptSizes, readKept } from './store/kept.ts'

/** Does the work while the database is open. Undefined if there is none. */
export async function withFleetKept<Result>(
  { host, registry, flags }: Pick<CommandCall, 'host' | 'registry' | 'flags'>,
  work: (kept: KeptReader) => Promise<Result>,
): Promise<Result | undefined> {
  const url = findDatabaseUrl(host, registry.directory, flags.profile)
  if (url === undefined) return undefined
  return withTables(host, url, (sql) =>
    work({
      sizes: (id) => keptSizes(sql, id),
      read: (id, name, from) => readKept(sql, id, name, from),
    }),
  )
}

/** Adds what a run by hand printed. */
export async function addFleetKept(
  host: Parameters<typeof withTables>[0],
  url: string,
  id: string,
  kept: KeptReader,
): Promise<void> {
  await withTables(host, url, async (sql) => {
    for (const name of STREAMS) await addKept(sql, id, name, await kept.read(id, name, 0))
  })
}
