import { findTokenEndpoint } from '../auth/token_request.ts'
import { startDeadline } from '../core/deadline.ts'
import { planTokenRequest } from '../providers/providers.ts'
import { connectionOf, type Step } from './step.ts'

/** Whether the issuer's metadata name a token endpoint, where nothing else does. */
export const discovery: Step = {
  name: 'discovery',
  async examine(patient) {
    const { host, signal } = patient
    const { config } = connectionOf(patient)
    const { tokenEndpoint, provider } = planTokenRequest(config)
    if (tokenEndpoint) {
      const source = config.tokenEndpoint ? 'it is set' : `it is known for ${provider}`
      return { status: 'skipped', detail: `not needed for the token endpoint, ${source}: ${tokenEndpoint.href}` }
    }
    const deadline = startDeadline(host, config.timeoutMs, [signal])
    try {
      const found = await findTokenEndpoint(host, config, deadline.signal)
      const method = config.clientAuth === undefined && found.clientAuth ? `, which takes ${found.clientAuth}` : ''
      return { status: 'ok', detail: `the issuer's metadata name the token endpoint ${found.tokenEndpoint}${method}` }
    } finally {
      deadline.clear()
    }
  },
}
