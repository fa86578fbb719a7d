/** The folder of the files that a user would miss: the history, and the queue if there is no PostgreSQL. */
import { posix, win32 } from 'node:path'
import type { Host } from './host.ts'

/**
 * `$XDG_STATE_HOME/wfg`, else below the configured folder, so that one setting moves all of our files, else
 * `~/.local/state/wfg`, `~/Library/Application Support/wfg`, or `%LOCALAPPDATA%\wfg\state`.
 *
 * @param configured `WFG_CACHE_DIR`, absolute
 * @returns undefined if the environment does not name the user's folders
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

/** Without the right to a variable Deno throws. It then counts as not set. */
function readable(env: Host['env'], name: string): string | undefined {
  try {
    return env[name]
  } catch {
    return undefined
  }
}
