import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { exchange } from '../auth/_exchange.ts'
import { type Answered, remedied } from './_remedies.ts'

const okta = suite('providers/okta')

const ID = { 'content-type': 'application/json', 'x-okta-request-id': 'YzAbCdEfGhIjKl-0123' }

const CASES: Readonly<Record<string, Answered>> = {
  'a scope that is not there': {
    status: 400,
    headers: ID,
    body: {
      error: 'invalid_scope',
      error_description: 'One or more scopes are not configured for the authorization server resource.',
    },
    expect: /the authorization server > Scopes, .*WFG_SCOPE.*WFG_ISSUER must name that authorization server/,
    says: /For the provider's support: x-okta-request-id YzAbCdEfGhIjKl-0123\. $/,
  },
  'a custom scope of the org server': {
    status: 400,
    body: { error: 'invalid_scope', error_description: 'Custom scopes are not allowed for this request.' },
    expect: /the org server, without \/oauth2\/…, has no custom scopes/,
  },
  openid: {
    status: 400,
    body: {
      error: 'invalid_scope',
      error_description: "Cannot request 'openid' scopes using client credentials.",
    },
    expect: /^Remove openid, profile and email from WFG_SCOPE/,
  },
  'no access policy': {
    status: 400,
    body: {
      error: 'access_denied',
      error_description: 'Policy evaluation failed for this request, please check the policy configurations.',
    },
    expect: /Access Policies, a policy must be assigned to this client, with a rule that ticks Client Credentials/,
  },
  'no access policy, with 401': {
    status: 401,
    body: { error: 'access_denied', error_description: 'Policy evaluation failed for this request.' },
    expect: /Access Policies/,
  },
  DPoP: {
    status: 400,
    body: { error: 'invalid_dpop_proof', error_description: 'The DPoP proof JWT header is missing.' },
    expect: /untick "Require Demonstrating Proof of Possession \(DPoP\)/,
  },
  'DPoP, with 401': { status: 401, body: { error: 'invalid_dpop_proof' }, expect: /untick/ },
  'a nonce for DPoP': { status: 400, body: { error: 'use_dpop_nonce' }, expect: /untick/ },
  'a wrong secret': {
    status: 401,
    body: {
      error: 'invalid_client',
      error_description: 'The client secret supplied for a confidential client is invalid.',
    },
    expect: /General > Client Credentials, .*WFG_CLIENT_SECRET.*WFG_CLIENT_AUTH, and the application must be Active/,
  },
  'a grant type that is not ticked': {
    status: 400,
    body: {
      error: 'unauthorized_client',
      error_description: 'The client is not authorized to use the provided grant type.',
    },
    expect: /Grant type, tick Client Credentials/,
  },
  'the rate limit': {
    status: 429,
    body: { errorCode: 'E0000047', errorSummary: 'API call exceeded rate limit due to too many requests.' },
    expect: /rate limit is reached .*Reports > Rate Limits/,
  },
}

for (const [what, answered] of Object.entries(CASES)) {
  okta(`requestAccessToken() says what to do about ${what}`, () => remedied('okta', answered))
}

okta("requestAccessToken() waits until the rate limit begins anew, by the server's clock", () => {
  const headers = { date: 'Thu, 01 Jan 2026 01:00:00 GMT', 'x-rate-limit-reset': '1767229217' }
  const token = { body: { access_token: 'tok-1234567890', token_type: 'Bearer', expires_in: 3600 } }
  return exchange([{ status: 429, headers, body: 'slow down' }, token], async ({ request, waitsMs }) => {
    await request()
    assert.equal(waitsMs, [17_000])
  })
})

okta('requestAccessToken() does not wait for a limit that begins anew in an hour, and says when it does', () => {
  const headers = { date: 'Thu, 01 Jan 2026 00:00:00 GMT', 'x-rate-limit-reset': '1767229200' }
  return exchange([{ status: 429, headers, body: 'slow down' }], async ({ failure, waitsMs }) => {
    const error = await failure()
    assert.match(error.message, /It asks to wait 3600 s\./)
    assert.equal(waitsMs, [])
  })
})

okta.run()
