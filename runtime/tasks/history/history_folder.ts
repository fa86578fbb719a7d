/** Where the runs of this user are kept. */
import { resolve } from 'node:path'
import { runsInCi } from '../../host/cache_folder.mjs'
import type { Host } from '../../host/host.ts'
import { stateFolder } from '../../host/state_folder.ts'
import { loadSettings, type Settings } from '../../settings/settings.ts'

/** In the folder of the user's state. */
export const HISTORY_FILE = 'runs.ndjson'
/** From this size on the file becomes the older half, in place of the one before it. */
export const MAX_BYTES = 512 * 1024

export type HistoryHost = Pick<Host, 'cwd' | 'env' | 'isAllowed' | 'platform' | 'secrets'>

/** The names are asked for one by one, because Deno may let us read some of them and would ask a person for the others. */
const FOLDER_NAMES = ['HOME', 'LOCALAPPDATA', 'XDG_STATE_HOME']

/** The settings of the run; those of the environment alone where the profile's cannot be read, which is no reason to keep nothing. */
export function settingsFor(
  host: HistoryHost,
  directory: string,
  profile: string | undefined,
): { readonly profile: string | undefined; readonly settings: Settings } {
  try {
    return loadSettings(host, directory, profile)
  } catch {
    return { profile, settings: loadSettings(host, directory, 'sandbox').settings }
  }
}

/** @returns undefined where nothing of ours is written (`WFG_TOKEN_CACHE=off`, a CI), or the system names no folder */
export function historyFolder(host: HistoryHost, settings: Settings): string | undefined {
  const mode = settings['WFG_TOKEN_CACHE']?.value.trim() || (runsInCi(host.env) ? 'off' : 'disk')
  if (mode === 'off') return undefined
  const set = settings['WFG_CACHE_DIR']
  const names = FOLDER_NAMES.filter((name) => host.isAllowed('env', name))
  const env = Object.fromEntries(names.map((name) => [name, host.env[name]]))
  const configured = set?.value.trim() ? resolve(set.directory, set.value.trim()) : undefined
  return stateFolder({ platform: host.platform, env }, configured)
}
