/** Opens the queue's database: PostgreSQL if a URL is set, else PGlite in a folder of the user. */
import { join } from 'node:path'
import { ConfigError, isWfgError, TransportError } from '../../core/errors.ts'
import { quotedPath } from '../../core/visible.ts'
import type { Host } from '../../host/host.ts'
import { type Claim, claimFolder, type OwnerHost, ownedByOther, type Role, readOwner } from '../database/owner.ts'
import { openPglite } from '../database/pglite.ts'
import { openPostgres } from '../database/postgres.ts'
import { connectJobs } from '../socket/client.ts'
import { serveJobs } from '../socket/server.ts'
import type { JobStore, Store } from '../store.ts'
import { createDatabaseStore } from './database_store.ts'

export type StoreHost = OwnerHost & Pick<Host, 'monotonicMs' | 'redactor' | 'runtime' | 'sleep'>

export interface StoreOptions {
  readonly host: StoreHost
  /** `WFG_DATABASE_URL`. Its password is masked from now on. */
  readonly databaseUrl: string | undefined
  /** The folder for PGlite's data, of this project alone. Not used with a database URL. */
  readonly folder: string
  /** A command calls the worker that has the folder; if there is none, it opens the folder itself. */
  readonly role: Role
}

/**
 * @throws {RefusedError} if another worker has the folder, if the same command has it for more than 10 seconds, or if other
 * users have access to it
 * @throws {ConfigError} for a URL, database, folder or package that cannot be used
 * @throws {TransportError} if the database cannot be reached
 */
export async function openStore(options: StoreOptions & { role: 'worker' }): Promise<Store>
export async function openStore(options: StoreOptions): Promise<JobStore>
export async function openStore({ host, databaseUrl, folder, role }: StoreOptions): Promise<JobStore> {
  if (databaseUrl !== undefined) return createDatabaseStore(host, await openPostgres(host, databaseUrl), { role })
  let startedMs = host.monotonicMs()
  let nonce: string | undefined
  for (;;) {
    const claim = claimed(host, folder, role)
    if ('own' in claim) return openOwned(host, folder, claim)
    // The wait starts anew with each command that has the folder.
    if (claim.other.nonce !== nonce) startedMs = host.monotonicMs()
    nonce = claim.other.nonce
    const waitedMs = host.monotonicMs() - startedMs
    const isWorker = claim.other.role === 'worker'
    if (isWorker ? role === 'worker' : waitedMs >= COMMAND_MS) throw ownedByOther(folder, claim.other)
    const store = isWorker ? await connectStarting(host, folder, waitedMs < STARTS_MS) : undefined
    if (store) return store
    await host.sleep(100)
  }
}

// --- internal ---

/** How long the next command waits for one that has the folder. */
const COMMAND_MS = 10_000
/** How long a worker that has the folder may take to listen. The first start makes a database. */
const STARTS_MS = 30_000

function claimed(host: StoreHost, folder: string, role: Role): Claim {
  try {
    return claimFolder(host, folder, role)
  } catch (error) {
    throw isWfgError(error) ? error : unusable(folder, error as Error)
  }
}

async function openOwned(host: StoreHost, folder: string, { own, release }: OwnClaim): Promise<Store> {
  let store: Store | undefined
  try {
    store = await createDatabaseStore(host, await openPglite(host, join(folder, 'data')), own)
    const server = own.role === 'worker' ? await serveJobs(host, own, store) : undefined
    return {
      ...store,
      async close() {
        await server?.close()
        await store?.close().finally(release)
      },
    }
  } catch (error) {
    await store?.close()
    release()
    throw isWfgError(error) ? error : unusable(folder, error as Error)
  }
}

type OwnClaim = Extract<Claim, { own: unknown }>

/** Undefined while the worker may still be starting. */
async function connectStarting(host: StoreHost, folder: string, mayStart: boolean): Promise<JobStore | undefined> {
  try {
    return await connectJobs(() => readOwner(host, folder))
  } catch (error) {
    if (mayStart && error instanceof TransportError) return undefined
    throw error
  }
}

function unusable(folder: string, error: Error): ConfigError {
  const { code } = error as NodeJS.ErrnoException
  const said = code === undefined ? error.message : `the system said ${code}`
  const remedy =
    code === 'ENOSPC'
      ? 'Its disk is full: make room there.'
      : 'It must be a folder of your own that can be written; or set WFG_DATABASE_URL.'
  return new ConfigError(`Cannot open the queue in ${quotedPath(folder)}: ${said}. ${remedy}`, { remedy })
}
