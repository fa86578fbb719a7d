/** The folder of this user's history. */
import { resolve } from 'node:path'
import { runsInCi } from '../../host/cache_folder.mjs'
import type { Host } from '../../host/host.ts'
import { stateFolder } from '../../host/state_folder.ts'
import { loadSettings, type Settings } from '../../settings/settings.ts'

/** Name of the history file. */
export const HISTORY_FILE = 'runs.ndjson'
/** A file of this size is rotated: it replaces the older half. */
export const MAX_BYTES = 512 * 1024

export type HistoryHost = Pick<Host, 'cwd' | 'env' | 'isAllowed' | 'platform' | 'secrets'>

/** Each name is checked by itself, because Deno may allow some and would ask a person for the others. */
const FOLDER_NAMES = ['HOME', 'LOCALAPPDATA', 'XDG_STATE_HOME']

/** The settings of the run. If those of the profile cannot be read, the environment's are enough to record the run. */
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

/** Undefined if we may write nothing (`WFG_TOKEN_CACHE=off`, a CI), or if the system names no folder. */
export function historyFolder(host: HistoryHost, settings: Settings): string | undefined {
  const mode = settings['WFG_TOKEN_CACHE']?.value.trim() || (runsInCi(host.env) ? 'off' : 'disk')
  if (mode === 'off') return undefined
  const set = settings['WFG_CACHE_DIR']
  const names = FOLDER_NAMES.filter((name) => host.isAllowed('env', name))
  const env = Object.fromEntries(names.map((name) => [name, host.env[name]]))
  const configured = set?.value.trim() ? resolve(set.directory, set.value.trim()) : undefined
  return stateFolder({ platform: host.platform, env }, configured)
}
