/** Whether tokens are kept in files that the processes of one user share, and where these files are. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../core/system_code.ts'
import { cacheFolder, runsInCi } from '../host/cache_folder.mjs'
import type { Host } from '../host/host.ts'
import { providerOf } from '../providers/providers.ts'
import type { Config } from '../settings/config.ts'
import type { TokenCache } from '../settings/setting_rules.ts'
import { SANDBOX_PROFILE } from '../settings/settings.ts'
import { tokenKey } from './token_key.ts'

/** Returns `WFG_TOKEN_CACHE`. Default: `disk`, and `off` in a CI. Always `off` for the sandbox, whose tokens end with it. */
export function tokenCacheMode({ env }: Pick<Host, 'env'>, config: Config): TokenCache {
  if (config.profile === SANDBOX_PROFILE || providerOf(config) === 'sandbox') return 'off'
  return config.tokenCache ?? (runsInCi(env) ? 'off' : 'disk')
}

/** Returns the path of a token's files without their extension; undefined if there are none. */
export function tokenPath(host: Pick<Host, 'env' | 'platform'>, config: Config): string | undefined {
  const folder = tokenCacheMode(host, config) === 'off' ? undefined : cacheFolder(host, config.cacheDir)
  return folder === undefined ? undefined : join(folder, `token-${tokenKey(config)}`)
}

/** Returns the path of a token's files without their extension if the token itself is kept on the disk. */
export function tokenPathOnDisk(host: Pick<Host, 'env' | 'platform'>, config: Config): string | undefined {
  return tokenCacheMode(host, config) === 'disk' ? tokenPath(host, config) : undefined
}

/**
 * Returns the paths of all files in the folder that hold a token, including temporary files of killed processes.
 *
 * @throws {Error} the system's, if the folder cannot be read
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
