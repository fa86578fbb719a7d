/** What to do about a failed token request. */
import type { ProviderName } from '../settings/setting_rules.ts'
import type { Remedy } from './provider.ts'
import { PROVIDERS } from './providers.ts'

export interface TokenFailure {
  stage: 'discovery' | 'token'
  /** Default: `oidc`, of which nothing is known. */
  provider?: ProviderName | undefined
  status?: number | undefined
  oauthError?: string | undefined
  /** Description, error numbers, or what else the server said. */
  text?: string | undefined
}

/** What to do next, naming the screen and the field at the provider, or the setting. */
export function nextStep(failure: TokenFailure): string {
  const { stage, status, oauthError, provider = 'oidc' } = failure
  if (status === undefined) return 'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT, the network and the proxy.'
  const known = stage === 'token' ? rowsOf(provider).find((row) => fits(row, failure)) : undefined
  if (known) return known.step
  if (status === 429) return 'Too many tokens were requested; wait, and share one token between scripts.'
  if (status >= 500) return 'The identity provider has a problem of its own; try again later.'
  if (stage === 'discovery') return 'Check WFG_ISSUER, or set WFG_TOKEN_ENDPOINT.'
  const general = GENERAL.find((row) => fits(row, failure))
  if (general) return general.step
  if (oauthError !== undefined) {
    return 'Check WFG_AUDIENCE, and that the application is authorised for the WorkflowGen GraphQL API at the identity provider.'
  }
  return 'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT: this does not look like a token endpoint.'
}

// --- internal ---

/** A provider behind a host name of its own is recognised by answers that no other provider gives. */
function rowsOf(provider: ProviderName): readonly Remedy[] {
  const { remedies } = PROVIDERS[provider]
  if (remedies.length > 0) return remedies
  return Object.values(PROVIDERS).flatMap((each) => each.remedies.filter((row) => row.unmistakable))
}

const CHECK_CLIENT = 'Check WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_CLIENT_AUTH.'

/** For error responses that the provider's own rows do not know (RFC 6749 section 5.2). */
const GENERAL: readonly Remedy[] = [
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

function fits({ error, hint, status }: Remedy, failure: TokenFailure): boolean {
  if (error && !error.includes(failure.oauthError ?? '')) return false
  if (hint && !hint.test(failure.text ?? '')) return false
  return status === undefined || status === failure.status
}
