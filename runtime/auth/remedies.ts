/** What to do about a failed token request. */

export interface TokenFailure {
  stage: 'discovery' | 'token'
  status?: number | undefined
  oauthError?: string | undefined
}

/** One sentence that names the setting to look at first. */
export function nextStep({ stage, status, oauthError }: TokenFailure): string {
  if (status === undefined) return 'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT, the network and the proxy.'
  if (status === 429) return 'Too many tokens were requested; wait, and share one token between scripts.'
  if (status >= 500) return 'The identity provider has a problem of its own; try again later.'
  if (stage === 'discovery') return 'Check WFG_ISSUER, or set WFG_TOKEN_ENDPOINT.'
  if (status === 401 || oauthError === 'invalid_client') {
    return 'Check WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_CLIENT_AUTH.'
  }
  if (oauthError === 'unauthorized_client') {
    return 'At the identity provider, allow this application the client credentials grant (a machine-to-machine application).'
  }
  if (oauthError === 'invalid_scope') {
    return 'Check WFG_SCOPE, or WFG_AUDIENCE where no scope is set: the identity provider must know it.'
  }
  if (oauthError !== undefined) {
    return 'Check WFG_AUDIENCE, and that the application is authorised for the WorkflowGen GraphQL API at the identity provider.'
  }
  return 'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT: this does not look like a token endpoint.'
}
