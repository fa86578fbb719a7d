/** Opens the queue of a registry: in the database that is set, or in a folder of this user. */
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import { quotedPath } from '../core/visible.ts'
import { stateFolder } from '../host/state_folder.ts'
import { findDatabaseUrl } from '../settings/find_database_url.ts'
import { loadSettings } from '../settings/settings.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import { openStore } from './store/open_store.ts'
import type { JobStore, Store } from './store.ts'

export interface Queue<Kind extends JobStore = JobStore> {
  readonly store: Kind
  /** For messages. */
  readonly place: string
}

/**
 * @param role without a database, one worker has the queue; a command opens it for a moment, or calls that worker
 * @throws {ConfigError} if there is no folder for it, a package is missing, or the settings cannot be used
 * @throws {RefusedError} if another worker has it
 */
export async function openQueue(call: QueueCall, role: 'worker'): Promise<Queue<Store>>
export async function openQueue(call: QueueCall, role: 'command'): Promise<Queue>
export async function openQueue({ host, registry, flags }: QueueCall, role: 'worker' | 'command'): Promise<Queue> {
  const databaseUrl = findDatabaseUrl(host, registry.directory, flags.profile)
  const folder = databaseUrl === undefined ? folderOf(host, registry.directory, flags.profile) : ''
  const store = await openStore({ host, databaseUrl, folder, role })
  return { store, place: databaseUrl === undefined ? quotedPath(folder) : 'the database of WFG_DATABASE_URL' }
}

// --- internal ---

type QueueCall = Pick<CommandCall, 'host' | 'registry' | 'flags'>

function folderOf(host: CommandCall['host'], directory: string, profile: string | undefined): string {
  const { WFG_CACHE_DIR: set, WFG_TOKEN_CACHE: mode } = loadSettings(host, directory, profile).settings
  if (mode?.value.trim() === 'off') {
    throw new ConfigError(
      'Cannot keep a queue on this computer: WFG_TOKEN_CACHE is off, so no files may be kept. ' +
        'Set it to memory, or WFG_DATABASE_URL to a PostgreSQL database.',
    )
  }
  const configured = set?.value.trim() ? resolve(set.directory, set.value.trim()) : undefined
  const state = stateFolder(host, configured)
  if (state === undefined) {
    throw new ConfigError(
      'Cannot keep a queue on this computer: the system names no folder for the files of this user. ' +
        'Set WFG_CACHE_DIR to a folder for them, or WFG_DATABASE_URL to a PostgreSQL database.',
    )
  }
  const project = createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 16)
  return join(state, 'queue', project)
}
