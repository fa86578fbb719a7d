import { findTokenEndpoint } from '../auth/token_request.ts'
import { planTokenRequest } from '../providers/providers.ts'
import { connectionOf, type Step, withDeadline } from './step.ts'

/** Checks that the issuer's metadata name a token endpoint, unless the settings or the provider do. */
export const discovery: Step = {
  name: 'discovery',
  async check(context) {
    const { config } = connectionOf(context)
    const { tokenEndpoint, provider } = planTokenRequest(config)
    if (tokenEndpoint) {
      const source = config.tokenEndpoint ? 'the settings name' : `the provider ${provider} has`
      return { status: 'skipped', detail: `not needed: ${source} the token endpoint ${tokenEndpoint.href}` }
    }
    const found = await withDeadline(context, config.timeoutMs, ({ signal }) =>
      findTokenEndpoint(context.host, config, signal),
    )
    const method = config.clientAuth === undefined && found.clientAuth ? `, which takes ${found.clientAuth}` : ''
    return { status: 'ok', detail: `the issuer's metadata name the token endpoint ${found.tokenEndpoint}${method}` }
  },
}
