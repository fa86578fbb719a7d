/** What to do about an error response that no provider's own table knows (RFC 6749 section 5.2). */
import type { Remedy } from './remedy.ts'

const CHECK_CLIENT = 'Check WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_CLIENT_AUTH.'

export const ANY_PROVIDER: readonly Remedy[] = [
  // Keycloak answers 401 unauthorized_client for a missing grant and for a wrong secret.
  {
    error: ['unauthorized_client'],
    hint: /service account/i,
    step: 'Allow this client the client credentials grant: in the Keycloak admin console, Clients > the client > Settings > Capability config, turn on "Client authentication" and "Service accounts roles".',
  },
  { error: ['unauthorized_client'], hint: /invalid client\b/i, step: CHECK_CLIENT },
  {
    error: ['unauthorized_client'],
    step: 'At the identity provider, allow this application the client credentials grant (a machine-to-machine application).',
  },
  { status: 401, step: CHECK_CLIENT },
  { error: ['invalid_client'], step: CHECK_CLIENT },
  {
    error: ['invalid_scope'],
    step: 'Check WFG_SCOPE, or WFG_AUDIENCE where no scope is set: the identity provider must know it.',
  },
]
