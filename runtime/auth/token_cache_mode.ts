/** Whether tokens are among the files that the processes of one user share. */
import { runsInCi } from '../cache_folder.mjs'
import type { Config } from '../config.ts'
import type { Host } from '../host.ts'
import type { TokenCache } from '../setting_rules.ts'
import { SANDBOX_PROFILE } from '../settings.ts'
import { providerOf } from './providers.ts'

/** `WFG_TOKEN_CACHE`; by default `disk`, and `off` in a CI. The sandbox's tokens end with its process. */
export function tokenCacheMode({ env }: Pick<Host, 'env'>, config: Config): TokenCache {
  if (config.profile === SANDBOX_PROFILE || providerOf(config) === 'sandbox') return 'off'
  return config.tokenCache ?? (runsInCi(env) ? 'off' : 'disk')
}
