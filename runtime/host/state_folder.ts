/** Where the files are that a user would miss: what was run, and the queue of a computer without PostgreSQL. */
import { posix, win32 } from 'node:path'
import type { Host } from './host.ts'

/**
 * `$XDG_STATE_HOME/wfg`, else below the folder that was set, so that one setting moves all of ours, else `~/.local/state/wfg`,
 * `~/Library/Application Support/wfg`, `%LOCALAPPDATA%\wfg\state`.
 *
 * @param configured `WFG_CACHE_DIR`, absolute
 * @returns undefined where the system does not say where the user's folders are
 */
export function stateFolder(
  { env, platform }: Pick<Host, 'env' | 'platform'>,
  configured: string | undefined,
): string | undefined {
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix
  const below = (name: string, ...path: string[]): string | undefined => {
    const start = readable(env, name)
    return start && isAbsolute(start) ? join(start, ...path) : undefined
  }
  const isXdg = platform !== 'win32' && platform !== 'darwin'
  const chosen = isXdg ? below('XDG_STATE_HOME', 'wfg') : undefined
  if (chosen !== undefined) return chosen
  if (configured !== undefined) return join(configured, 'state')
  if (platform === 'win32') return below('LOCALAPPDATA', 'wfg', 'state')
  if (platform === 'darwin') return below('HOME', 'Library', 'Application Support', 'wfg')
  return below('HOME', '.local', 'state', 'wfg')
}

// --- internal ---

/** Deno throws where it was not given the right to read a variable, which is as if there were none. */
function readable(env: Host['env'], name: string): string | undefined {
  try {
    return env[name]
  } catch {
    return undefined
  }
}
