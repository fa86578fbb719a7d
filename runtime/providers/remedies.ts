/** What to do about a failed token request. */
import type { ProviderName } from '../settings/setting_rules.ts'
import type { Remedy } from './provider.ts'
import { PROVIDERS } from './providers.ts'

export interface TokenFailure {
  stage: 'discovery' | 'token'
  /** Default: `oidc`. */
  provider?: ProviderName | undefined
  status?: number | undefined
  oauthError?: string | undefined
  /** Description, error numbers or body of the response. */
  text?: string | undefined
}

/** Returns what to do: the screen and the field at the provider, or the setting. */
export function nextStep(failure: TokenFailure): string {
  const { stage, status, oauthError, provider = 'oidc' } = failure
  if (status === undefined) return 'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT, the network and the proxy.'
  const known = stage === 'token' ? rowsOf(provider).find((row) => fits(row, failure)) : undefined
  if (known) return known.step
  if (status === 429)
    return 'Too many tokens were requested. Wait, and keep WFG_TOKEN_CACHE=disk, so that all scripts share one token.'
  if (status >= 500) return 'The identity provider has an internal problem. Try again later.'
  if (stage === 'discovery') return 'Check WFG_ISSUER, or set WFG_TOKEN_ENDPOINT.'
  const general = GENERAL.find((row) => fits(row, failure))
  if (general) return general.step
  if (oauthError !== undefined) {
    return 'Check WFG_AUDIENCE, and that the application is authorised for the WorkflowGen GraphQL API at the identity provider.'
  }
  return 'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT: this does not look like a token endpoint.'
}

// --- internal ---

/** A provider with a custom host name is recognised by error responses that no other provider gives. */
function rowsOf(provider: ProviderName): readonly Remedy[] {
  const { remedies } = PROVIDERS[provider]
  if (remedies.length > 0) return remedies
  return Object.values(PROVIDERS).flatMap((each) => each.remedies.filter((row) => row.unmistakable))
}

const CHECK_CLIENT = 'Check WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_CLIENT_AUTH.'

/** For error responses that fit none of the provider's own rows (RFC 6749 section 5.2). */
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
    step: 'Check WFG_SCOPE, or WFG_AUDIENCE if no scope is set. The identity provider must know it.',
  },
]

function fits({ error, hint, status }: Remedy, failure: TokenFailure): boolean {
  if (error && !error.includes(failure.oauthError ?? '')) return false
  if (hint && !hint.test(failure.text ?? '')) return false
  return status === undefined || status === failure.status
}
