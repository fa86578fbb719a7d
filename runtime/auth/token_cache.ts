/** Whether tokens are among the files that the processes of one user share, and where they are. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../core/system_code.ts'
import { cacheFolder, runsInCi } from '../host/cache_folder.mjs'
import type { Host } from '../host/host.ts'
import { planTokenRequest, providerOf } from '../providers/providers.ts'
import type { Config } from '../settings/config.ts'
import type { TokenCache } from '../settings/setting_rules.ts'
import { SANDBOX_PROFILE } from '../settings/settings.ts'
import { tokenKey } from './token_key.ts'

/** `WFG_TOKEN_CACHE`; by default `disk`, and `off` in a CI. The sandbox's tokens end with its process. */
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
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}
