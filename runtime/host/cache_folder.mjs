/**
 * The folder of the files that the processes of one user share, and whether this is a CI. It is JavaScript because the
 * launcher needs it before it can load TypeScript.
 */
import { posix, win32 } from 'node:path'

/**
 * The configured folder, else `$XDG_CACHE_HOME/wfg` or `~/.cache/wfg`, `~/Library/Caches/wfg`, `%LOCALAPPDATA%\wfg`.
 *
 * @param {{ env: Record<string, string | undefined>, platform: NodeJS.Platform }} host
 * @param {string | undefined} configured `WFG_CACHE_DIR`, absolute
 * @returns {string | undefined} undefined if the environment does not name the user's folders
 */
export function cacheFolder({ env, platform }, configured) {
  if (configured !== undefined) return configured
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix
  /** @type {(name: string, ...path: string[]) => string | undefined} */
  const below = (name, ...path) => {
    const start = env[name]
    return start && isAbsolute(start) ? join(start, ...path, 'wfg') : undefined
  }
  if (platform === 'win32') return below('LOCALAPPDATA')
  if (platform === 'darwin') return below('HOME', 'Library', 'Caches')
  return below('XDG_CACHE_HOME') ?? below('HOME', '.cache')
}

/** Most set `CI`. The other names are of systems that do not, or not always. */
export const CI_NAMES = [
  'CI',
  ...['GITHUB_ACTIONS', 'GITLAB_CI', 'TF_BUILD', 'JENKINS_URL', 'TEAMCITY_VERSION', 'CODEBUILD_BUILD_ID'],
]

/**
 * True in a CI, where other people may read the files that a job leaves.
 *
 * @param {Record<string, string | undefined>} env
 */
export function runsInCi(env) {
  return CI_NAMES.some((name) => !['', '0', 'false'].includes((env[name] ?? '').toLowerCase()))
}
