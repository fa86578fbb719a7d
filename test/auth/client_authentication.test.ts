import { createPublicKey } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AccessTokenError } from '../../runtime/core/errors.ts'
import { hides } from '../_assert.ts'
import { type Exchange, exchange } from './_exchange.ts'
import { CERTIFICATE_PEM, ecKey, rsaKey, thumbprintBy, withFiles } from './_keys.ts'

const authentication = suite('auth/client_authentication')

const ISSUED = { body: { access_token: 'tok-1234567890', token_type: 'Bearer', expires_in: 3600 } }
const { pem, publicPem } = rsaKey()

/** Requests a token with a key from a file; the settings are made for the server's URL. */
function withKey(
  settings: (url: string) => Record<string, string>,
  action: (given: Exchange) => unknown,
  { keyText = pem, replies = [ISSUED] as Parameters<typeof exchange>[0] } = {},
): Promise<void> {
  return withFiles({ 'key.pem': keyText, 'cert.pem': CERTIFICATE_PEM }, (paths) =>
    exchange(replies, action, {
      settings: (url) => ({
        WFG_CLIENT_AUTH: 'private_key_jwt',
        WFG_PRIVATE_KEY_FILE: paths['key.pem'],
        ...(settings(url)['WFG_PROVIDER']?.match(/entra|adfs/) ? { WFG_CERTIFICATE_FILE: paths['cert.pem'] } : {}),
        ...settings(url),
      }),
    }),
  )
}

for (const { provider, path, audience, alg, header } of [
  { provider: 'auth0', path: '/oauth/token', audience: '/', alg: 'RS256', header: {} },
  {
    provider: 'okta',
    path: '/oauth2/default/v1/token',
    audience: '/oauth2/default/v1/token',
    alg: 'RS256',
    header: {},
  },
  {
    provider: 'entra',
    path: '/tenant/oauth2/v2.0/token',
    audience: '/tenant/oauth2/v2.0/token',
    alg: 'PS256',
    header: { 'x5t#S256': thumbprintBy('sha256') },
  },
  {
    provider: 'entra-v1',
    path: '/tenant/oauth2/token',
    audience: '/tenant/oauth2/token',
    alg: 'RS256',
    header: { x5t: thumbprintBy('sha1') },
  },
  {
    provider: 'adfs',
    path: '/adfs/oauth2/token',
    audience: '/adfs/oauth2/token',
    alg: 'RS256',
    header: { x5t: thumbprintBy('sha1') },
  },
  { provider: 'oidc', path: '/token', audience: '/token', alg: 'RS256', header: {} },
]) {
  authentication(`clientAuthentication() signs an assertion as ${provider} expects it`, () =>
    withKey(
      (url) => ({ WFG_PROVIDER: provider, WFG_TOKEN_ENDPOINT: `${url}${path}`, WFG_AUDIENCE: 'api' }),
      async ({ server, forms, request }) => {
        assert.is((await request()).value, 'tok-1234567890')
        const [form] = forms()
        assert.is(form!['client_id'], 'client-1')
        assert.is(form!['client_assertion_type'], 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
        assert.is(form!['client_secret'], undefined)
        assert.is(server.requests[0]!.headers['authorization'], undefined)
        const assertion = form!['client_assertion']!
        assert.equal(decodeProtectedHeader(assertion), { alg, typ: 'JWT', ...header })
        const { payload } = await jwtVerify(assertion, createPublicKey(publicPem), {
          audience: `${server.url}${audience}`,
          issuer: 'client-1',
          subject: 'client-1',
          requiredClaims: ['jti', 'iat', 'exp'],
          maxTokenAge: 60,
        })
        assert.ok(payload.exp! - payload.iat! <= 300)
        assert.is(payload.jti!.length <= 64, true)
      },
    ),
  )
}

authentication('clientAuthentication() addresses the assertion to the issuer that was set for oidc', () =>
  withKey(
    (url) => ({ WFG_ISSUER: `${url}/realm/`, WFG_TOKEN_ENDPOINT: `${url}/token` }),
    async ({ server, forms, request }) => {
      await request()
      await jwtVerify(forms()[0]!['client_assertion']!, createPublicKey(publicPem), {
        audience: `${server.url}/realm/`,
      })
    },
  ),
)

authentication('clientAuthentication() names the key with WFG_PRIVATE_KEY_ID', () =>
  withKey(
    (url) => ({ WFG_TOKEN_ENDPOINT: `${url}/token`, WFG_PRIVATE_KEY_ID: 'key-7' }),
    async ({ forms, request }) => {
      await request()
      assert.equal(decodeProtectedHeader(forms()[0]!['client_assertion']!), { alg: 'RS256', typ: 'JWT', kid: 'key-7' })
    },
  ),
)

authentication('clientAuthentication() signs with an EC key where the key is one', () => {
  const ec = ecKey('P-256')
  return withKey(
    (url) => ({ WFG_TOKEN_ENDPOINT: `${url}/token` }),
    async ({ forms, request }) => {
      await request()
      const { protectedHeader } = await jwtVerify(forms()[0]!['client_assertion']!, createPublicKey(ec.publicPem))
      assert.is(protectedHeader.alg, 'ES256')
    },
    { keyText: ec.pem },
  )
})

authentication('clientAuthentication() makes another assertion for each attempt: each may be used once', () =>
  withKey(
    (url) => ({ WFG_TOKEN_ENDPOINT: `${url}/token` }),
    async ({ forms, request }) => {
      await request()
      const [first, second] = forms().map((form) => form['client_assertion'])
      assert.is.not(first, second)
    },
    { replies: [{ status: 503 }, ISSUED] },
  ),
)

for (const aheadSeconds of [3600, -3600]) {
  authentication(`clientAuthentication() takes the server's time when its own (${aheadSeconds} s off) is refused`, () =>
    withKey(
      (url) => ({ WFG_TOKEN_ENDPOINT: `${url}/token` }),
      async ({ forms, request, waitsMs }) => {
        assert.is((await request()).value, 'tok-1234567890')
        const [first, second] = forms().map((form) => decodeJwt(form['client_assertion']!).iat!)
        assert.ok(Math.abs(second! - first! - aheadSeconds) < 30, `${first} ${second}`)
        assert.equal(waitsMs, [])
      },
      { replies: [refusedAt(aheadSeconds), ISSUED] },
    ),
  )
}

authentication('clientAuthentication() tries no other time twice, nor where the clocks agree', async () => {
  const settings = (url: string) => ({ WFG_TOKEN_ENDPOINT: `${url}/token` })
  const fails = async ({ failure }: Exchange) => assert.match((await failure()).message, /401 invalid_client/)
  await withKey(settings, fails, { replies: [refusedAt(3600), refusedAt(3600)] })
  await withKey(settings, fails, { replies: [refusedAt(2)] })
})

/** By the clock of the test's host, which stands still. */
function refusedAt(aheadSeconds: number) {
  const date = new Date(Date.UTC(2026, 0, 1) + aheadSeconds * 1000).toUTCString()
  return { status: 401, headers: { date }, body: { error: 'invalid_client' } }
}

authentication('clientAuthentication() keeps the assertion out of the error when the server repeats it', () => {
  let sent = ''
  return withKey(
    (url) => ({ WFG_TOKEN_ENDPOINT: `${url}/token` }),
    async ({ failure }) => {
      const error: AccessTokenError = await failure()
      hides(error.message, sent, sent.split('.')[2]!)
      assert.match(error.message, /cannot verify \[redacted\]/)
    },
    {
      replies: [
        ({ body }) => {
          sent = new URLSearchParams(body).get('client_assertion')!
          return { status: 401, body: { error: 'invalid_client', error_description: `cannot verify ${sent}` } }
        },
      ],
    },
  )
})

authentication.run()
