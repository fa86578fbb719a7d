/**
 * Where the files are that the processes of one user share, and whether that user is a CI. JavaScript, because the
 * launcher asks before anything else could be loaded.
 */
import { posix, win32 } from 'node:path'

/**
 * The folder that was set, else `$XDG_CACHE_HOME/wfg` or `~/.cache/wfg`, `~/Library/Caches/wfg`, `%LOCALAPPDATA%\wfg`.
 *
 * @param {{ env: Record<string, string | undefined>, platform: NodeJS.Platform }} host
 * @param {string | undefined} configured `WFG_CACHE_DIR`, absolute
 * @returns {string | undefined} undefined where the system does not say where the user's folders are
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

/** Most set CI; the others do not, or not always. */
export const CI_NAMES = [
  'CI',
  ...['GITHUB_ACTIONS', 'GITLAB_CI', 'TF_BUILD', 'JENKINS_URL', 'TEAMCITY_VERSION', 'CODEBUILD_BUILD_ID'],
]

/**
 * What a CI leaves on a disk, others may read.
 *
 * @param {Record<string, string | undefined>} env
 */
export function runsInCi(env) {
  return CI_NAMES.some((name) => !['', '0', 'false'].includes((env[name] ?? '').toLowerCase()))
}
