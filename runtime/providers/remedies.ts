/** What to do about a failed token request: the first row of the provider's table that fits. */
import type { ProviderName } from '../settings/setting_rules.ts'
import { ADFS } from './remedies/adfs.ts'
import { ANY_PROVIDER } from './remedies/any_provider.ts'
import { AUTH0 } from './remedies/auth0.ts'
import { ENTRA } from './remedies/entra.ts'
import { OKTA } from './remedies/okta.ts'
import type { Remedy } from './remedies/remedy.ts'
import { SANDBOX } from './remedies/sandbox.ts'

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
  const known = stage === 'token' ? (TABLES[provider] ?? UNMISTAKABLE).find((row) => fits(row, failure)) : undefined
  if (known) return known.step
  if (status === 429) return 'Too many tokens were requested; wait, and share one token between scripts.'
  if (status >= 500) return 'The identity provider has a problem of its own; try again later.'
  if (stage === 'discovery') return 'Check WFG_ISSUER, or set WFG_TOKEN_ENDPOINT.'
  const general = ANY_PROVIDER.find((row) => fits(row, failure))
  if (general) return general.step
  if (oauthError !== undefined) {
    return 'Check WFG_AUDIENCE, and that the application is authorised for the WorkflowGen GraphQL API at the identity provider.'
  }
  return 'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT: this does not look like a token endpoint.'
}

// --- internal ---

const TABLES: Partial<Record<ProviderName, readonly Remedy[]>> = {
  auth0: AUTH0,
  entra: ENTRA,
  'entra-v1': ENTRA,
  adfs: ADFS,
  okta: OKTA,
  sandbox: SANDBOX,
}
/** A provider behind a name of its own still says it in its own words. */
const UNMISTAKABLE = [...AUTH0, ...ENTRA, ...ADFS, ...OKTA].filter((row) => row.unmistakable)

function fits({ error, hint, status }: Remedy, failure: TokenFailure): boolean {
  if (error && !error.includes(failure.oauthError ?? '')) return false
  if (hint && !hint.test(failure.text ?? '')) return false
  return status === undefined || status === failure.status
}
