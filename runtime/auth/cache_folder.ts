/** Where the files are that the processes of one user share, and whether tokens are among them. */
import { readdirSync } from 'node:fs'
import { join, posix, win32 } from 'node:path'
import type { Config } from '../config.ts'
import type { Host } from '../host.ts'
import type { TokenCache } from '../setting_rules.ts'
import { SANDBOX_PROFILE } from '../settings.ts'
import { planTokenRequest, providerOf } from './providers.ts'
import { tokenKey } from './token_key.ts'

/**
 * The folder that was set, else `$XDG_CACHE_HOME/wfg` or `~/.cache/wfg`, `~/Library/Caches/wfg`, `%LOCALAPPDATA%\wfg`.
 *
 * @param configured `WFG_CACHE_DIR`, absolute
 * @returns undefined where the system does not say where the user's folders are
 */
export function cacheFolder(
  { env, platform }: Pick<Host, 'env' | 'platform'>,
  configured: string | undefined,
): string | undefined {
  if (configured !== undefined) return configured
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix
  const below = (name: string, ...path: string[]): string | undefined => {
    const start = env[name]
    return start && isAbsolute(start) ? join(start, ...path, 'wfg') : undefined
  }
  if (platform === 'win32') return below('LOCALAPPDATA')
  if (platform === 'darwin') return below('HOME', 'Library', 'Caches')
  return below('XDG_CACHE_HOME') ?? below('HOME', '.cache')
}

/**
 * `WFG_TOKEN_CACHE`; by default `disk`, and `off` where a CI runs us: what it leaves on a disk, others may read.
 * The sandbox's tokens end with its process.
 */
export function tokenCacheMode({ env }: Pick<Host, 'env'>, config: Config): TokenCache {
  if (config.profile === SANDBOX_PROFILE || providerOf(config) === 'sandbox') return 'off'
  return config.tokenCache ?? (runsInCi(env) ? 'off' : 'disk')
}

/** Of a token's files, without what they end in; undefined where none are kept. */
export function tokenPath(host: Pick<Host, 'env' | 'platform'>, config: Config): string | undefined {
  const folder = tokenCacheMode(host, config) === 'off' ? undefined : cacheFolder(host, config.cacheDir)
  return folder === undefined ? undefined : join(folder, `token-${tokenKey(config, planTokenRequest(config))}`)
}

/**
 * Paths of all files in the folder that hold a token, also of those that a process left behind that died while it wrote.
 *
 * @throws {Error} the system's, when the folder may not be read
 */
export function tokenFilesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^token-[0-9a-f]{32}\.json(\.[0-9a-f]+\.tmp)?$/.test(name))
      .map((name) => join(folder, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

// --- internal ---

/** Most set CI; these do not, or not always. */
const CI_NAMES = ['GITHUB_ACTIONS', 'GITLAB_CI', 'TF_BUILD', 'JENKINS_URL', 'TEAMCITY_VERSION', 'CODEBUILD_BUILD_ID']

function runsInCi(env: Host['env']): boolean {
  const isSet = (name: string) => !['', '0', 'false'].includes((env[name] ?? '').toLowerCase())
  return isSet('CI') || CI_NAMES.some(isSet)
}
