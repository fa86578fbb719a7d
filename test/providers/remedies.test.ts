import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { nextStep, type TokenFailure } from '../../runtime/providers/remedies.ts'

const remedies = suite('auth/remedies')

for (const [failure, step] of [
  [{}, 'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT, the network and the proxy.'],
  [{ status: 401 }, 'Check WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_CLIENT_AUTH.'],
  [{ status: 401, oauthError: 'access_denied' }, 'Check WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_CLIENT_AUTH.'],
  [{ status: 400, oauthError: 'invalid_client' }, 'Check WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_CLIENT_AUTH.'],
  [
    { status: 403, oauthError: 'access_denied' },
    'Check WFG_AUDIENCE, and that the application is authorised for the WorkflowGen GraphQL API at the identity provider.',
  ],
  [
    { status: 400, oauthError: 'invalid_scope' },
    'Check WFG_SCOPE, or WFG_AUDIENCE if no scope is set. The identity provider must know it.',
  ],
  [
    { status: 403, oauthError: 'unauthorized_client' },
    'At the identity provider, allow this application the client credentials grant (a machine-to-machine application).',
  ],
  [
    { status: 401, oauthError: 'unauthorized_client', text: 'Client not enabled to retrieve service account' },
    'Allow this client the client credentials grant: in the Keycloak admin console, Clients > the client > Settings > Capability config, turn on "Client authentication" and "Service accounts roles".',
  ],
  [
    { status: 401, oauthError: 'unauthorized_client', text: 'Invalid client or Invalid client credentials' },
    'Check WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_CLIENT_AUTH.',
  ],
  [
    { status: 401, oauthError: 'unauthorized_client' },
    'At the identity provider, allow this application the client credentials grant (a machine-to-machine application).',
  ],
  [{ status: 404 }, 'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT: this does not look like a token endpoint.'],
  [
    { status: 429, oauthError: 'too_many_requests' },
    'Too many tokens were requested. Wait, and keep WFG_TOKEN_CACHE=disk, so that all scripts share one token.',
  ],
  [{ status: 500, oauthError: 'server_error' }, 'The identity provider has an internal problem. Try again later.'],
] as const satisfies readonly (readonly [Omit<TokenFailure, 'stage'>, string])[]) {
  remedies(`nextStep() names what to look at first after ${JSON.stringify(failure)}`, () => {
    assert.is(nextStep({ stage: 'token', ...failure }), step)
  })
}

remedies('nextStep() names the issuer when it was its metadata that failed', () => {
  assert.is(nextStep({ stage: 'discovery', status: 404 }), 'Check WFG_ISSUER, or set WFG_TOKEN_ENDPOINT.')
})

remedies.run()
