/** Opens the queue's database: PostgreSQL where one is named, else PGlite in a folder of the user's. */
import { join } from 'node:path'
import { ConfigError, isWfgError, TransportError } from '../../core/errors.ts'
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
  /** `WFG_DATABASE_URL`; its password is hidden from now on. */
  readonly databaseUrl: string | undefined
  /** Where PGlite's data is kept, for this project alone; unused with a database URL. */
  readonly folder: string
  /** A command has its calls done by the worker that has the folder; where none has it, it opens it for the moment. */
  readonly role: Role
}

/**
 * @throws {RefusedError} when another worker has the folder, or one other command for longer than 10 seconds; if other
 * users have access to the folder
 * @throws {ConfigError} for a URL, database, folder or package that cannot be used
 * @throws {TransportError} when the database cannot be reached now
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
    // Many that have it one after another are no reason to give up.
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
  return new ConfigError(`Cannot open the queue in ${JSON.stringify(folder)}: ${said}. ${remedy}`, { remedy })
}
