import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemHost } from '../../runtime/host/host.ts'
import { redirectTo } from '../_replies.ts'
import { scriptedServer } from '../_server.ts'
import { SECRET } from './_config.ts'
import { exchange, said } from './_exchange.ts'

const failure = suite('auth/token_failure')

const CHECK_CLIENT = 'Check WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_CLIENT_AUTH.'
const CHECK_ENDPOINT = 'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT: this does not look like a token endpoint.'
const CHECK_AUDIENCE =
  'Check WFG_AUDIENCE, and that the application is authorised for the WorkflowGen GraphQL API at the identity provider.'
const TRY_LATER = 'The identity provider has an internal problem. Try again later.'

const OPAQUE = 'opaque-Token-0123456789'
const JWT = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(40)}.${'b'.repeat(43)}`
const JSON_TYPE = { 'content-type': 'application/json' }
const HTML_TYPE = { 'content-type': 'text/html; charset=utf-8' }
const TEXT_TYPE = { 'content-type': 'text/plain' }
const TOKENS = `{"access_token":"${OPAQUE}","refresh_token":"r-${OPAQUE}","token_type":"Bearer"}`

interface Case {
  /** Times the answer is given. */
  times?: number
  status?: number
  headers?: Record<string, string>
  body?: unknown
  /** What the error says after the endpoint and the client. */
  says: string
  permanent: boolean
  oauthError?: string
  description?: string
}

const CASES: Record<string, Case> = {
  'a 400 in JSON': {
    status: 400,
    body: { error: 'invalid_request', error_description: 'audience is missing.' },
    says: `the server answered 400 invalid_request (audience is missing). ${CHECK_AUDIENCE}`,
    permanent: true,
    oauthError: 'invalid_request',
    description: 'audience is missing.',
  },
  'a 401 in JSON with a challenge': {
    status: 401,
    headers: { ...JSON_TYPE, 'www-authenticate': 'Basic realm="as"' },
    body: { error: 'invalid_client', error_description: 'Invalid client secret provided.' },
    says: `the server answered 401 invalid_client (Invalid client secret provided). ${CHECK_CLIENT}`,
    permanent: true,
    oauthError: 'invalid_client',
    description: 'Invalid client secret provided.',
  },
  'a 401 in JSON with a challenge of Bearer': {
    status: 401,
    headers: { ...JSON_TYPE, 'www-authenticate': 'Bearer error="invalid_token"' },
    body: { error: 'access_denied', error_description: 'Unauthorized' },
    says: `the server answered 401 access_denied (Unauthorized). ${CHECK_CLIENT}`,
    permanent: true,
    oauthError: 'access_denied',
    description: 'Unauthorized',
  },
  'a 401 with a challenge and no body': {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="as"' },
    says: `the server answered 401 with no content type. ${CHECK_CLIENT}`,
    permanent: true,
  },
  'a 403 for the API': {
    status: 403,
    body: { error: 'access_denied', error_description: 'No access to "api".' },
    says: `the server answered 403 access_denied (No access to "api"). ${CHECK_AUDIENCE}`,
    permanent: true,
    oauthError: 'access_denied',
    description: 'No access to "api".',
  },
  'a 403 for the grant type': {
    status: 403,
    body: { error: 'unauthorized_client', error_description: "Grant type 'client_credentials' not allowed." },
    says: `the server answered 403 unauthorized_client (Grant type 'client_credentials' not allowed). At the identity provider, allow this application the client credentials grant (a machine-to-machine application).`,
    permanent: true,
    oauthError: 'unauthorized_client',
    description: "Grant type 'client_credentials' not allowed.",
  },
  'a 400 for the scope': {
    status: 400,
    body: { error: 'invalid_scope' },
    says: 'the server answered 400 invalid_scope. Check WFG_SCOPE, or WFG_AUDIENCE if no scope is set. The identity provider must know it.',
    permanent: true,
    oauthError: 'invalid_scope',
  },
  'a 400 that says it is only for now': {
    status: 400,
    body: { error: 'temporarily_unavailable' },
    says: `the server answered 400 temporarily_unavailable. ${CHECK_AUDIENCE}`,
    permanent: false,
    oauthError: 'temporarily_unavailable',
  },
  'a 400 in JSON of another media type': {
    status: 400,
    headers: TEXT_TYPE,
    body: '{"error":"invalid_client","error_description":"unknown"}',
    says: `the server answered 400 invalid_client (unknown). ${CHECK_CLIENT}`,
    permanent: true,
    oauthError: 'invalid_client',
    description: 'unknown',
  },
  'a 503 in JSON': {
    times: 3,
    status: 503,
    body: { error: 'temporarily_unavailable', error_description: 'come back' },
    says: `the server answered 503 temporarily_unavailable (come back). ${TRY_LATER}`,
    permanent: false,
    oauthError: 'temporarily_unavailable',
    description: 'come back',
  },
  'a 500 in HTML': {
    times: 3,
    status: 500,
    headers: HTML_TYPE,
    body: '<html><head><title>\n Runtime  Error\n</title></head><body>stack traces</body></html>',
    says: `the server answered 500 with text/html: Runtime Error. ${TRY_LATER}`,
    permanent: false,
  },
  'a 201 with a token': {
    status: 201,
    headers: JSON_TYPE,
    body: TOKENS,
    says: `the server answered 201 with application/json. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a 204': {
    status: 204,
    says: `the server answered 204 with no content type. ${CHECK_ENDPOINT}`,
    permanent: false,
  },
  'a 400 in JSON without error': {
    status: 400,
    body: { message: 'no such tenant' },
    says: `the server answered 400 with application/json: {"message":"no such tenant"}. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a 400 in JSON whose error is no text': {
    status: 400,
    body: { error: { code: 7 } },
    says: `the server answered 400 with application/json: {"error":{"code":7}}. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a 400 in JSON without error but with tokens': {
    status: 400,
    headers: JSON_TYPE,
    body: TOKENS,
    says: `the server answered 400 with application/json: {"access_token":"[redacted]","refresh_token":"[redacted]","token_type":"Bearer"}. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a 404 in text': {
    status: 404,
    body: 'Not found.',
    says: `the server answered 404 with text/plain: Not found. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a 403 in HTML': {
    status: 403,
    headers: HTML_TYPE,
    body: `<TITLE lang="en">Forbidden</TITLE>${OPAQUE}`,
    says: `the server answered 403 with text/html: Forbidden. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a 400 in text with a form of tokens': {
    status: 400,
    body: `access_token=${OPAQUE}&token_type=bearer`,
    says: `the server answered 400 with text/plain: access_token=[redacted]&token_type=bearer. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a 400 that mentions a JWT': {
    status: 400,
    body: { error: 'invalid_request', error_description: `cannot use ${JWT} here` },
    says: `the server answered 400 invalid_request (cannot use [redacted] here). ${CHECK_AUDIENCE}`,
    permanent: true,
    oauthError: 'invalid_request',
    description: 'cannot use [redacted] here',
  },
  'a 200 in HTML': {
    headers: HTML_TYPE,
    body: `<html><title>Sign in</title><body>${OPAQUE}</body></html>`,
    says: `the server answered 200 with text/html: Sign in. ${CHECK_ENDPOINT}`,
    permanent: false,
  },
  'a 200 in HTML without a title': {
    headers: HTML_TYPE,
    body: '<p>hello</p>',
    says: `the server answered 200 with text/html. ${CHECK_ENDPOINT}`,
    permanent: false,
  },
  'a 200 that is the token alone': {
    headers: TEXT_TYPE,
    body: OPAQUE,
    says: `the server answered 200 with text/plain. ${CHECK_ENDPOINT}`,
    permanent: false,
  },
  'a 200 with a form': {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `access_token=${OPAQUE}&token_type=bearer`,
    says: `the server answered 200 with application/x-www-form-urlencoded. ${CHECK_ENDPOINT}`,
    permanent: false,
  },
  'a 200 in JSON of another media type': {
    headers: TEXT_TYPE,
    body: `{"access_token":"${OPAQUE}"}`,
    says: `the server answered 200 with JSON, but without a token_type. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a 200 with an OAuth error': {
    body: { error: 'invalid_client', error_description: 'wrong' },
    says: `the server answered 200 invalid_client (wrong). ${CHECK_CLIENT}`,
    permanent: true,
    oauthError: 'invalid_client',
    description: 'wrong',
  },
  'a 200 with broken JSON': {
    headers: JSON_TYPE,
    body: TOKENS.slice(0, -5),
    says: `the server answered 200 with invalid JSON. ${CHECK_ENDPOINT}`,
    permanent: false,
  },
  'a 200 with JSON that is no object': {
    headers: JSON_TYPE,
    body: `["${OPAQUE}"]`,
    says: `the server answered 200 with invalid JSON. ${CHECK_ENDPOINT}`,
    permanent: false,
  },
  'a 200 without an access token': {
    body: { token_type: 'Bearer', id_token: OPAQUE },
    says: `the server answered 200 with JSON, but without an access_token. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a 200 with an empty access token': {
    body: { access_token: '', token_type: 'Bearer' },
    says: `the server answered 200 with JSON, but without an access_token. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a 200 without a token type': {
    body: { access_token: OPAQUE },
    says: `the server answered 200 with JSON, but without a token_type. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a token of the type mac': {
    body: { access_token: OPAQUE, token_type: 'mac' },
    says: `the server answered 200 with JSON, but the token_type is not "Bearer". ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a token of the type DPoP': {
    body: { access_token: OPAQUE, token_type: 'DPoP' },
    says: `the server answered 200 with JSON, but the token_type is not "Bearer". ${CHECK_ENDPOINT}`,
    permanent: true,
  },
  'a token with a line end in it': {
    body: { access_token: `${OPAQUE}\n`, token_type: 'bearer' },
    says: `the server answered 200 with JSON, but the access_token holds a character that is not allowed in a header. ${CHECK_ENDPOINT}`,
    permanent: true,
  },
}

for (const [
  what,
  { times = 1, status = 200, headers, body, says, permanent, oauthError, description },
] of Object.entries(CASES)) {
  failure(`tokenFailure() says what the server said when that is ${what}`, () => {
    const reply = { status, body, ...(headers ? { headers } : {}) }
    return exchange(Array(times).fill(reply), async ({ failure }) => {
      const error = await failure(OPAQUE, JWT)
      assert.is(said(error), says)
      assert.is(error.status, status)
      assert.is(error.oauthError, oauthError)
      assert.is(error.description, description)
      assert.is(error.permanent, permanent)
      assert.is(error.cause, undefined)
    })
  })
}

for (const status of [301, 302, 303, 307, 308]) {
  failure(`tokenFailure() names the origin of a redirect (${status}), to which nothing is sent`, async () => {
    const target = await scriptedServer([])
    await exchange([redirectTo(`${target.url}/login?code=${OPAQUE}`, status)], async ({ failure }) => {
      const error = await failure(OPAQUE)
      assert.is(
        said(error),
        `the server answered ${status}, a redirect to "${target.url}", which is not followed. ${CHECK_ENDPOINT}`,
      )
      assert.not.ok(error.permanent)
    })
    await target.close()
  })
}

failure('tokenFailure() tells a redirect to a path without its target', () =>
  exchange([redirectTo('/login')], async ({ failure }) => {
    assert.is(said(await failure()), `the server answered 302, a redirect, which is not followed. ${CHECK_ENDPOINT}`)
  }),
)

failure('tokenFailure() shortens a long text', () =>
  exchange([{ status: 400, body: 'x'.repeat(100_000) }], async ({ failure }) => {
    assert.is(said(await failure()), `the server answered 400 with text/plain: ${'x'.repeat(200)}…. ${CHECK_ENDPOINT}`)
  }),
)

failure('tokenFailure() shortens a long description', () =>
  exchange([{ status: 400, body: { error: 'x', error_description: 'y'.repeat(100_000) } }], async ({ failure }) => {
    const error = await failure()
    assert.is(said(error), `the server answered 400 x (${'y'.repeat(1000)}…). ${CHECK_AUDIENCE}`)
  }),
)

failure('tokenFailure() is done with the largest answers at once, whatever is in them', async () => {
  const parts = ['x', '<title ', 'access_token', `${'a-'.repeat(20)}.`, ' ', '\u0007', '["', 'eyJhbGciOiJSUzI1NiJ9..']
  for (const part of parts) {
    for (const headers of [TEXT_TYPE, HTML_TYPE]) {
      const body = part.repeat(1_000_000 / part.length)
      const startedMs = systemHost().monotonicMs()
      await exchange([{ status: 400, headers, body }], ({ failure }) => failure())
      assert.ok(systemHost().monotonicMs() - startedMs < 5000, `too slow for a text of ${JSON.stringify(part)}`)
    }
  }
})

failure('tokenFailure() lets no line end and no escape sequence through to a terminal', () => {
  const error_description = 'one\r\nTrace ID: 1\u001b[31mred\u0007'
  return exchange([{ status: 400, body: { error: 'x\ny', error_description } }], async ({ failure }) => {
    const error = await failure()
    assert.is(said(error), `the server answered 400 x y (one Trace ID: 1 [31mred). ${CHECK_AUDIENCE}`)
  })
})

failure("tokenFailure() names the numbers by which the provider's support finds the request, and nothing else", () => {
  const headers = { ...JSON_TYPE, 'x-ms-request-id': 'ms-1', 'x-request-id': 'two words', 'x-correlation-id': SECRET }
  const body = { error: 'x', trace_id: 'tr-1', correlation_id: 7 }
  return exchange([{ status: 400, headers, body }], async ({ failure }) => {
    assert.is(
      said(await failure()),
      `the server answered 400 x. For the provider's support: trace_id tr-1, x-ms-request-id ms-1. ${CHECK_AUDIENCE}`,
    )
  })
})

failure("tokenFailure() says how far this computer's clock is off, which may be why", () =>
  exchange(
    [{ status: 400, headers: { date: 'Thu, 01 Jan 2026 00:02:05 GMT' }, body: { error: 'x' } }],
    async ({ failure }) => {
      assert.is(
        said(await failure()),
        `the server answered 400 x. The clock of this computer is 125 s behind the identity provider's. ${CHECK_AUDIENCE}`,
      )
    },
  ),
)

failure.run()
