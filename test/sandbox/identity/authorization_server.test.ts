import { createRemoteJWKSet, jwtVerify } from 'jose'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { APPLICATIONS, AUDIENCE } from '../../../runtime/sandbox/mod.ts'
import { type Answer, type Caller, decode, grant, withSandbox } from '../_sandbox.ts'

const server = suite('authorization_server')
const { scripts, withoutClientGrant, withoutGrantType } = APPLICATIONS

function same({ status, text }: Answer, wantedStatus: number, body: object): void {
  assert.is(status, wantedStatus)
  assert.equal(JSON.parse(text), body)
}

server('token endpoint issues a bearer token for a day to a form request', () =>
  withSandbox(async ({ requestToken }) => {
    const { status, headers, text } = await requestToken(grant(scripts))
    const body = JSON.parse(text)
    assert.is(status, 200)
    assert.match(headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(Object.keys(body).sort(), ['access_token', 'expires_in', 'token_type'])
    assert.is(body.token_type, 'Bearer')
    assert.is(body.expires_in, 86400)
  }),
)

server("token endpoint issues a JWT with Auth0's claims to a JSON request", () =>
  withSandbox(async ({ requestToken, sandbox }) => {
    const token = JSON.parse((await requestToken(grant(scripts), { json: true })).text).access_token
    const { kid, ...header } = decode(token, 0)
    assert.type(kid, 'string')
    assert.equal(header, { alg: 'RS256', typ: 'JWT' })
    const { iat, exp, jti, ...claims } = decode(token, 1)
    assert.is(Number(exp) - Number(iat), 86400)
    assert.type(jti, 'string')
    assert.equal(claims, {
      iss: sandbox.issuer,
      sub: `${scripts.clientId}@clients`,
      aud: AUDIENCE,
      azp: scripts.clientId,
      gty: 'client-credentials',
    })
    assert.match(sandbox.issuer, /^http:\/\/127\.0\.0\.1:\d+\/$/)
  }),
)

server('token endpoint accepts client_secret_basic', () =>
  withSandbox(async ({ requestToken }) => {
    const { grant_type, audience } = grant(scripts)
    const basic = `${scripts.clientId}:${scripts.clientSecret}`
    assert.is((await requestToken({ grant_type, audience }, { basic })).status, 200)
  }),
)

server('token endpoint puts a requested scope into the response and the token', () =>
  withSandbox(async ({ requestToken }) => {
    const body = JSON.parse((await requestToken({ ...grant(scripts), scope: 'default unknown' })).text)
    assert.is(body.scope, 'default')
    assert.is(decode(body.access_token, 1)['scope'], 'default')
  }),
)

server('token endpoint issues different tokens to two requests', () =>
  withSandbox(async ({ requestToken }) => {
    const [first, second] = await Promise.all([requestToken(grant(scripts)), requestToken(grant(scripts))])
    assert.is.not(first?.text, second?.text)
  }),
)

server('token endpoint uses tokenLifetimeSeconds', () =>
  withSandbox(
    async ({ requestToken }) => {
      const body = JSON.parse((await requestToken(grant(scripts))).text)
      assert.is(body.expires_in, 90)
      const { iat, exp } = decode(body.access_token, 1)
      assert.is(Number(exp) - Number(iat), 90)
    },
    { tokenLifetimeSeconds: 90 },
  ),
)

server('token endpoint issues an opaque token without an audience', () =>
  withSandbox(async ({ requestToken }) => {
    const { audience: _, ...parameters } = grant(scripts)
    const { status, text } = await requestToken(parameters)
    const { access_token, ...rest } = JSON.parse(text)
    assert.is(status, 200)
    assert.not.match(access_token, '.')
    assert.equal(rest, { expires_in: 86400, token_type: 'Bearer' })
  }),
)

for (const [title, change] of [
  ['secret is wrong', { client_secret: 'wrong' }],
  ['secret is missing', { client_secret: '' }],
  ['client id is unknown', { client_id: 'nobody' }],
] as const) {
  server(`token endpoint refuses with 401 access_denied when the ${title}`, () =>
    withSandbox(async ({ requestToken }) => {
      const answer = await requestToken({ ...grant(scripts), ...change })
      same(answer, 401, { error: 'access_denied', error_description: 'Unauthorized' })
    }),
  )
}

server('token endpoint adds a challenge if Basic authentication fails', () =>
  withSandbox(async ({ requestToken }) => {
    const { grant_type, audience } = grant(scripts)
    const answer = await requestToken({ grant_type, audience }, { basic: `${scripts.clientId}:wrong` })
    same(answer, 401, { error: 'access_denied', error_description: 'Unauthorized' })
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic /)
  }),
)

for (const audience of ['https://workflowgen.example.com/wfgen/graphql/', 'not a URL #1']) {
  server(`token endpoint refuses with 403 access_denied for an unknown API (${audience})`, () =>
    withSandbox(async ({ requestToken }) => {
      const answer = await requestToken({ ...grant(scripts), audience })
      same(answer, 403, {
        error: 'access_denied',
        error_description: `Service not enabled within domain: ${audience}`,
      })
    }),
  )
}

server('token endpoint refuses with 403 access_denied without a client grant', () =>
  withSandbox(async ({ requestToken }) => {
    same(await requestToken(grant(withoutClientGrant)), 403, {
      error: 'access_denied',
      error_description:
        'Client is not authorized to access "https://workflowgen.example.com/wfgen/graphql". You need to create a "client-grant" associated to this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants',
    })
  }),
)

server('token endpoint refuses with 403 unauthorized_client if the grant type is not allowed', () =>
  withSandbox(async ({ requestToken }) => {
    same(await requestToken(grant(withoutGrantType)), 403, {
      error: 'unauthorized_client',
      error_description: "Grant type 'client_credentials' not allowed for the client.",
      error_uri: 'https://auth0.com/docs/clients/client-grant-types',
    })
  }),
)

server('token endpoint refuses with 400 if the grant type is wrong or missing, or the JSON is broken', () =>
  withSandbox(async ({ requestToken, sandbox }) => {
    const other = await requestToken({ ...grant(scripts), grant_type: 'password' })
    assert.is(other.status, 400)
    assert.is(JSON.parse(other.text).error, 'unsupported_grant_type')
    const { grant_type: _, ...parameters } = grant(scripts)
    const missing = await requestToken(parameters)
    assert.is(missing.status, 400)
    assert.is(JSON.parse(missing.text).error, 'invalid_request')
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"grant_type":' }
    const broken = await fetch(`${sandbox.issuer}oauth/token`, init)
    assert.is(broken.status, 400)
    assert.is(((await broken.json()) as { error: string }).error, 'invalid_request')
  }),
)

server('unknown paths get 404 as plain text', () =>
  withSandbox(async ({ get }) => {
    for (const path of ['/oauth/token', '/oauth2/token', '/authorize', '/wfgen', '/wfgen/graphql/other']) {
      const { status, headers, text } = await get(path)
      assert.is(`${path} ${status} ${text}`, `${path} 404 Not found.`)
      assert.match(headers.get('content-type') ?? '', /^text\/plain/)
    }
  }),
)

server('discovery names the issuer with its slash, the token endpoint and the keys', () =>
  withSandbox(async ({ get, sandbox }) => {
    const { status, text } = await get('/.well-known/openid-configuration')
    const metadata = JSON.parse(text)
    assert.is(status, 200)
    assert.is(metadata.issuer, sandbox.issuer)
    assert.is(metadata.token_endpoint, `${sandbox.origin}/oauth/token`)
    assert.is(metadata.jwks_uri, `${sandbox.origin}/.well-known/jwks.json`)
    assert.ok(metadata.grant_types_supported.includes('client_credentials'))
    assert.is((await get('/.well-known/oauth-authorization-server')).text, text)
  }),
)

server('the published keys verify a token and contain no private part', () =>
  withSandbox(async ({ get, token, sandbox }) => {
    const { keys } = JSON.parse((await get('/.well-known/jwks.json')).text)
    assert.is(keys.length, 1)
    assert.equal(Object.keys(keys[0]).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
    const keySet = createRemoteJWKSet(new URL('/.well-known/jwks.json', sandbox.origin))
    const { payload } = await jwtVerify(await token(), keySet, { issuer: sandbox.issuer, audience: AUDIENCE })
    assert.is(payload['azp'], scripts.clientId)
  }),
)

server('each sandbox has its own key id', () =>
  withSandbox(async (first) => {
    await withSandbox(async (second) => {
      const keyId = async ({ get }: Caller) => JSON.parse((await get('/.well-known/jwks.json')).text).keys[0].kid
      assert.is.not(await keyId(first), await keyId(second))
    })
  }),
)

server.run()
