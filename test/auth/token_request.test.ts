import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { requestAccessToken } from '../../runtime/auth/token_request.ts'
import { AccessTokenError, ConfigError } from '../../runtime/core/errors.ts'
import { hides, rejects } from '../_assert.ts'
import { fakeHost } from '../_host.ts'
import { configOf, SECRET } from './_config.ts'
import { type ExchangeOptions, exchange, formEncoded, said } from './_exchange.ts'

const request = suite('auth/token_request')

const ISSUED = { body: { access_token: 'tok-1234567890', token_type: 'Bearer', expires_in: 3600, scope: 'a b' } }
const PLAIN = {
  value: 'tok-1234567890',
  lifetimeSeconds: 3600,
  discoveredEndpoint: undefined,
  quota: {},
  clockSkewMs: undefined,
}
const BUSY = { status: 503, body: { error: 'temporarily_unavailable' } }
const FOREVER = { signal: new AbortController().signal, remainingMs: () => Number.POSITIVE_INFINITY }

// --- what is sent ---

request('requestAccessToken() posts the client credentials grant as a form', () =>
  exchange(
    [ISSUED],
    async ({ server, forms, request }) => {
      const token = await request()
      assert.equal(token, PLAIN)
      const [{ method, path, headers }] = server.requests as [(typeof server.requests)[0]]
      assert.is(method, 'POST')
      assert.is(path, '/token')
      assert.match(headers['content-type']!, /^application\/x-www-form-urlencoded(;charset=UTF-8)?$/)
      assert.is(headers['accept'], 'application/json')
      assert.is(headers['authorization'], undefined)
      assert.equal(forms(), [
        {
          grant_type: 'client_credentials',
          client_id: 'client-1',
          client_secret: SECRET,
          audience: 'https://api/?a=1&b',
        },
      ])
    },
    { settings: (url) => ({ WFG_TOKEN_ENDPOINT: `${url}/token`, WFG_AUDIENCE: 'https://api/?a=1&b' }) },
  ),
)

request('requestAccessToken() encodes reserved characters before it joins them for client_secret_basic', () =>
  exchange(
    [ISSUED],
    async ({ server, forms, request }) => {
      await request()
      const [scheme, encoded] = server.requests[0]!.headers['authorization']!.split(' ')
      assert.is(scheme, 'Basic')
      assert.is(Buffer.from(encoded!, 'base64').toString(), 'client%3A1:hush%7Ehush+%26+hush%21')
      assert.equal(forms(), [{ grant_type: 'client_credentials' }])
    },
    {
      settings: (url) => ({
        WFG_TOKEN_ENDPOINT: `${url}/token`,
        WFG_CLIENT_AUTH: 'client_secret_basic',
        WFG_CLIENT_ID: 'client:1',
      }),
    },
  ),
)

request('requestAccessToken() posts to the path that the preset gives', () =>
  exchange(
    [ISSUED],
    async ({ server, forms, request }) => {
      await request()
      assert.is(server.requests[0]!.path, '/oauth2/default/v1/token')
      assert.is(forms()[0]!['scope'], 'full')
    },
    { settings: (url) => ({ WFG_ISSUER: `${url}/oauth2/default`, WFG_PROVIDER: 'okta', WFG_SCOPE: 'full' }) },
  ),
)

request('requestAccessToken() says what is wrong with the key, and sends nothing', () =>
  exchange(
    [],
    async ({ request }) => {
      await rejects(request, {
        instance: ConfigError,
        message: /WFG_PRIVATE_KEY_FILE must name .*; there is no such file/,
      })
    },
    {
      settings: (url) => ({
        WFG_TOKEN_ENDPOINT: `${url}/token`,
        WFG_CLIENT_AUTH: 'private_key_jwt',
        WFG_PRIVATE_KEY_FILE: '/no/such/key.pem',
      }),
    },
  ),
)

request('requestAccessToken() gives what the server says about how many may be requested', () =>
  exchange(
    [
      {
        ...ISSUED,
        headers: {
          'Auth0-Client-Quota-Limit': 'b=per_hour;q=10;r=7;t=3540',
          'X-RateLimit-Remaining': '29',
          'x-rate-limit-reset': '1767225600',
          'x-request-id': '1',
        },
      },
    ],
    async ({ request }) => {
      assert.equal((await request()).quota, {
        'auth0-client-quota-limit': 'b=per_hour;q=10;r=7;t=3540',
        'x-ratelimit-remaining': '29',
        'x-rate-limit-reset': '1767225600',
      })
    },
  ),
)

request('requestAccessToken() masks the token from then on', async () => {
  const host = fakeHost({ replies: [ISSUED], random: () => 0 })
  await requestAccessToken(host, configOf({ WFG_TOKEN_ENDPOINT: 'https://as.example/token' }), FOREVER)
  assert.is(host.redactor.text('it is tok-1234567890'), 'it is [redacted]')
})

// --- what is issued ---

for (const [what, expires_in, expected] of [
  ['a number', 3599, 3599],
  ['a text', '3599', 3599],
  ['a year', 31_536_000, 31_536_000],
  ['negative', -1, undefined],
  ['no number', 'soon', undefined],
  ['empty', '', undefined],
  ['zero', 0, undefined],
  ['absurd', 1e99, undefined],
  ['an absurd text', '1e99', undefined],
  ['null', null, undefined],
  ['a boolean', true, undefined],
  ['a list', [3600], undefined],
  ['absent', undefined, undefined],
] as const) {
  request(`requestAccessToken() gives ${expected} seconds when expires_in is ${what}`, () =>
    exchange([{ body: { ...ISSUED.body, expires_in } }], async ({ request }) => {
      assert.is((await request()).lifetimeSeconds, expected)
    }),
  )
}

for (const access_token of ['tok\nX: y', 'tök-1234567890', 'two words-1234567890']) {
  request(`requestAccessToken() refuses ${JSON.stringify(access_token)}, which no header can carry`, () =>
    exchange([{ body: { ...ISSUED.body, access_token } }], async ({ failure }) => {
      const error = await failure()
      assert.instance(error, AccessTokenError)
      assert.is(error.exitCode, 3)
      hides(said(error), access_token)
    }),
  )
}

for (const token_type of ['bearer', 'BEARER']) {
  request(`requestAccessToken() accepts the token_type ${token_type}`, () =>
    exchange([{ body: { ...ISSUED.body, token_type } }], async ({ request }) => {
      assert.is((await request()).value, 'tok-1234567890')
    }),
  )
}

request('requestAccessToken() ignores members that it does not use, whatever is in them', () =>
  exchange(
    [{ body: { ...ISSUED.body, scope: null, refresh_token: null, id_token: 'x.y.z', expires_on: '1', resource: 5 } }],
    async ({ request }) => {
      assert.equal(await request(), PLAIN)
    },
  ),
)

request('requestAccessToken() accepts a success with a challenge beside it', () =>
  exchange([{ ...ISSUED, headers: { 'www-authenticate': 'Basic realm="x"' } }], async ({ request }) => {
    assert.is((await request()).value, 'tok-1234567890')
  }),
)

request('requestAccessToken() accepts a token in JSON of another media type', () =>
  exchange([{ headers: { 'content-type': 'text/plain' }, body: JSON.stringify(ISSUED.body) }], async ({ request }) => {
    assert.is((await request()).value, 'tok-1234567890')
  }),
)

// --- discovery ---

const discovering: ExchangeOptions = { settings: (url) => ({ WFG_ISSUER: `${url}/realm`, WFG_AUDIENCE: 'api' }) }

/** Replies made for the server's own URL, which a request names. */
function metadata(more: (url: string) => object) {
  return ({ headers }: { headers: Readonly<Record<string, string>> }) => {
    const url = `http://${headers['host']}`
    return { body: { issuer: `${url}/realm`, token_endpoint: `${url}/t`, ...more(url) } }
  }
}

request('requestAccessToken() discovers the token endpoint when no preset and no setting tells it', () =>
  exchange(
    [metadata(() => ({})), ISSUED],
    async ({ server, request }) => {
      assert.is((await request()).value, 'tok-1234567890')
      assert.equal(
        server.requests.map(({ method, path }) => `${method} ${path}`),
        ['GET /realm/.well-known/openid-configuration', 'POST /t'],
      )
    },
    discovering,
  ),
)

for (const [what, more, told] of [
  ['another issuer', () => ({ issuer: 'https://other.example/' }), /its issuer is "https:\/\/other\.example\/"/],
  [
    'no token endpoint',
    () => ({ token_endpoint: undefined }),
    /answered 200 with JSON, but without a token_endpoint\./,
  ],
  ['no issuer', () => ({ issuer: undefined }), /answered 200 with JSON, but without an issuer\./],
  [
    'a token endpoint without https',
    () => ({ token_endpoint: 'http://as.example/t' }),
    /its token_endpoint "http:\/\/as\.example\/t"; the issuer must be the one in the settings, and the endpoint an https URL\./,
  ],
] as const) {
  request(`requestAccessToken() sends no secret when the metadata names ${what}`, () =>
    exchange(
      [metadata(more)],
      async ({ server, failure }) => {
        const error = await failure()
        assert.ok(error.message.startsWith(`Cannot find the token endpoint of the issuer "${server.url}/realm": `))
        assert.match(error.message, told)
        assert.ok(error.message.endsWith(' Check WFG_ISSUER, or set WFG_TOKEN_ENDPOINT.'))
        assert.ok(error.permanent)
      },
      discovering,
    ),
  )
}

request('requestAccessToken() asks again for metadata that could not be had for a moment', () =>
  exchange(
    [{ status: 503 }, metadata(() => ({})), ISSUED],
    async ({ waitsMs, request }) => {
      await request()
      assert.equal(waitsMs, [100])
    },
    discovering,
  ),
)

request('requestAccessToken() says what came instead of metadata', () =>
  exchange(
    [{ status: 404, body: 'Not found.' }],
    async ({ failure }) => {
      assert.match(
        (await failure()).message,
        /: the server answered 404 with text\/plain: Not found\. Check WFG_ISSUER, or/,
      )
    },
    discovering,
  ),
)

request('requestAccessToken() tells the endpoint that it discovered, and does not discover one that is known', () =>
  exchange(
    [metadata(() => ({})), ISSUED, ISSUED],
    async ({ server, requestAt, request }) => {
      const { discoveredEndpoint } = await request()
      assert.is(discoveredEndpoint?.tokenEndpoint, `${server.url}/t`)
      assert.is((await requestAt(discoveredEndpoint)).discoveredEndpoint, undefined)
      assert.equal(
        server.requests.map(({ path }) => path),
        ['/realm/.well-known/openid-configuration', '/t', '/t'],
      )
    },
    discovering,
  ),
)

for (const [methods, chosen, isBasic] of [
  [['client_secret_basic'], undefined, true],
  [['private_key_jwt', 'client_secret_basic'], undefined, true],
  [['client_secret_basic', 'client_secret_post'], undefined, false],
  [undefined, undefined, false],
  ['client_secret_basic', undefined, false],
  [['client_secret_basic'], 'client_secret_post', false],
] as const) {
  const settings = (url: string) => ({
    WFG_ISSUER: `${url}/realm`,
    WFG_AUDIENCE: 'api',
    ...(chosen === undefined ? {} : { WFG_CLIENT_AUTH: chosen }),
  })
  const set = chosen === undefined ? '' : ` and ${chosen} is set`
  request(`requestAccessToken() sends the secret as it must when the metadata offers ${methods}${set}`, () =>
    exchange(
      [metadata(() => ({ token_endpoint_auth_methods_supported: methods })), ISSUED, ISSUED],
      async ({ server, forms, request, requestAt }) => {
        const { discoveredEndpoint } = await request()
        await requestAt(discoveredEndpoint)
        for (const index of [1, 2]) {
          assert.is(server.requests[index]!.headers['authorization']?.startsWith('Basic ') ?? false, isBasic)
          assert.is('client_secret' in forms()[index]!, !isBasic)
        }
      },
      { settings },
    ),
  )
}

for (const [what, reply] of [
  ['is gone', { status: 404 }],
  ['redirects', { status: 302, headers: { location: 'https://new.example/' } }],
  ['does not answer', { fault: 'reset-after-request' }],
] as const) {
  request(`requestAccessToken() discovers at once again when a known endpoint ${what}`, () =>
    exchange(
      [reply, metadata(() => ({})), ISSUED],
      async ({ server, requestAt, waitsMs }) => {
        const { discoveredEndpoint } = await requestAt({ tokenEndpoint: `${server.url}/old` })
        assert.is(discoveredEndpoint?.tokenEndpoint, `${server.url}/t`)
        assert.equal(waitsMs, [])
      },
      discovering,
    ),
  )
}

request('requestAccessToken() obeys a known endpoint that asks to wait, and then discovers again', () =>
  exchange(
    [{ status: 503, headers: { 'retry-after': '7' } }, metadata(() => ({})), ISSUED],
    async ({ server, requestAt, waitsMs }) => {
      const { discoveredEndpoint } = await requestAt({ tokenEndpoint: `${server.url}/old` })
      assert.is(discoveredEndpoint?.tokenEndpoint, `${server.url}/t`)
      assert.equal(waitsMs, [7000])
    },
    discovering,
  ),
)

request('requestAccessToken() asks three times and no more where a known endpoint does not answer', () =>
  exchange(
    [
      { fault: 'reset-after-request' },
      metadata(() => ({})),
      { fault: 'reset-after-request' },
      metadata(() => ({})),
      { fault: 'reset-after-request' },
    ],
    async ({ server, requestAt }) => {
      await rejects(requestAt({ tokenEndpoint: `${server.url}/old` }), { instance: AccessTokenError })
    },
    discovering,
  ),
)

request('requestAccessToken() believes a refusal by a known endpoint', () =>
  exchange(
    [{ status: 401, body: { error: 'invalid_client' } }],
    async ({ server, requestAt }) => {
      await rejects(requestAt({ tokenEndpoint: `${server.url}/t` }), {
        instance: AccessTokenError,
        message: /401 invalid_client/,
      })
    },
    discovering,
  ),
)

request('requestAccessToken() uses the endpoint that was set, whatever an earlier discovery found', () =>
  exchange([ISSUED], async ({ server, requestAt }) => {
    await requestAt({ tokenEndpoint: `${server.url}/other` })
    assert.is(server.requests[0]!.path, '/token')
  }),
)

// --- attempts ---

for (const status of [500, 502, 503, 504, 429]) {
  request(`requestAccessToken() asks again after ${status}, later each time`, () =>
    exchange([{ status }, { status }, ISSUED], async ({ waitsMs, request }) => {
      assert.is((await request()).value, 'tok-1234567890')
      assert.equal(waitsMs, [100, 200])
    }),
  )
}

request('requestAccessToken() asks three times and no more', () =>
  exchange([BUSY, BUSY, { ...BUSY, status: 500 }], async ({ waitsMs, failure }) => {
    const error = await failure()
    assert.is(error.status, 500)
    assert.not.ok(error.permanent)
    assert.equal(waitsMs, [100, 200])
  }),
)

for (const fault of [
  'reset-on-connect',
  'reset-after-head',
  'reset-after-request',
  'truncate',
  'reset-body',
] as const) {
  request(`requestAccessToken() asks again after ${fault}`, () =>
    exchange([{ ...ISSUED, fault }, ISSUED], async ({ waitsMs, request }) => {
      assert.is((await request()).value, 'tok-1234567890')
      assert.equal(waitsMs, [100])
    }),
  )
}

for (const [status, error] of [
  [400, 'invalid_scope'],
  [400, 'invalid_request'],
  [401, 'invalid_client'],
  [401, 'access_denied'],
  [403, 'access_denied'],
  [403, 'unauthorized_client'],
  [404, undefined],
] as const) {
  request(`requestAccessToken() does not repeat a request that was answered ${status} ${error}`, () =>
    exchange([{ status, body: { error } }], async ({ waitsMs, failure }) => {
      assert.ok((await failure()).permanent)
      assert.equal(waitsMs, [])
    }),
  )
}

request('requestAccessToken() obeys Retry-After to the letter', () =>
  exchange([{ status: 429, headers: { 'retry-after': '7' } }, ISSUED], async ({ waitsMs, request }) => {
    await request()
    assert.equal(waitsMs, [7000])
  }),
)

request('requestAccessToken() obeys a Retry-After that is a date', () =>
  exchange(
    [{ status: 503, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:12 GMT' } }, ISSUED],
    async ({ waitsMs, request }) => {
      await request()
      assert.equal(waitsMs, [12_000])
    },
  ),
)

request("requestAccessToken() reads a Retry-After that is a date by the server's clock", () =>
  exchange(
    [
      {
        status: 429,
        headers: { date: 'Thu, 01 Jan 2026 01:00:00 GMT', 'retry-after': 'Thu, 01 Jan 2026 01:00:12 GMT' },
      },
      ISSUED,
    ],
    async ({ waitsMs, request }) => {
      await request()
      assert.equal(waitsMs, [12_000])
    },
  ),
)

request('requestAccessToken() fails at once, with the figure, when Retry-After is more than a minute', () =>
  exchange(
    [{ status: 429, headers: { 'retry-after': '61' }, body: { error: 'too_many_requests' } }],
    async ({ waitsMs, failure }) => {
      const error = await failure()
      assert.equal(waitsMs, [])
      assert.is(error.retryAfterMs, 61_000)
      assert.is(
        said(error),
        'the server answered 429 too_many_requests. It asks to wait 61 s. Too many tokens were requested. Wait, and keep WFG_TOKEN_CACHE=disk, so that all scripts share one token.',
      )
    },
    { deadline: FOREVER },
  ),
)

request('requestAccessToken() waits a minute when asked to and there is time', () =>
  exchange(
    [{ status: 429, headers: { 'retry-after': '60' } }, ISSUED],
    async ({ waitsMs, request }) => {
      await request()
      assert.equal(waitsMs, [60_000])
    },
    { deadline: FOREVER },
  ),
)

request('requestAccessToken() fails at once when Retry-After exceeds the time that is left', () =>
  exchange(
    [{ status: 503, headers: { 'retry-after': '5' } }],
    async ({ waitsMs, failure }) => {
      assert.match((await failure()).message, / It asks to wait 5 s\. /)
      assert.equal(waitsMs, [])
    },
    { deadline: { ...FOREVER, remainingMs: () => 5000 } },
  ),
)

// --- no answer ---

request('requestAccessToken() says that the connection was refused', async () => {
  await exchange([], async ({ server, waitsMs, failure }) => {
    await server.destroy()
    const error = await failure()
    assert.match(said(error), /^no complete answer came: .*\(ECONNREFUSED\)\. Check WFG_ISSUER or WFG_TOKEN_ENDPOINT, /)
    assert.is(error.status, undefined)
    assert.not.ok(error.permanent)
    assert.equal(waitsMs, [100, 200])
  })
})

request('requestAccessToken() says that the connection was reset', () =>
  exchange(Array(3).fill({ fault: 'reset-after-request' }), async ({ failure }) => {
    const error = await failure()
    assert.match(said(error), /^no complete answer came: .*\(ECONNRESET\)\. /)
    assert.not.ok(error.permanent)
  }),
)

for (const fault of ['stall', 'stall-body'] as const) {
  request(
    `requestAccessToken() ends with the deadline when the server answers with ${fault}, and does not ask again`,
    () =>
      exchange(
        [{ ...ISSUED, fault }],
        async ({ waitsMs, failure }) => {
          const error = await failure('tok-1234567890')
          assert.is(
            said(error),
            'no answer within 300 ms. Check WFG_ISSUER or WFG_TOKEN_ENDPOINT, the network and the proxy.',
          )
          assert.not.ok(error.permanent)
          assert.equal(waitsMs, [])
        },
        { timeoutMs: 300 },
      ),
  )
}

request('requestAccessToken() ends with the last failure when the deadline comes in a wait', async () => {
  const controller = new AbortController()
  const host = fakeHost({ replies: [BUSY], random: () => 0.5 })
  const config = configOf({ WFG_TOKEN_ENDPOINT: 'https://as.example/token' })
  const asked = requestAccessToken(host, config, { ...FOREVER, signal: controller.signal })
  const checked = rejects(asked, {
    instance: AccessTokenError,
    message: /the server answered 503 temporarily_unavailable/,
  })
  while (host.pending === 0) await host.advance(0)
  controller.abort(new DOMException('no answer within 1 ms', 'TimeoutError'))
  await checked
})

request('requestAccessToken() does not ask again for an answer that is too large', () =>
  exchange([{ body: { filler: 'x'.repeat(1024 * 1024) } }], async ({ waitsMs, failure }) => {
    const error = await failure()
    assert.match(said(error), /^no complete answer came: the answer is larger than 1048576 bytes \(TOO_LARGE\)\. /)
    assert.equal(waitsMs, [])
  }),
)

// --- what the server repeats ---

request('requestAccessToken() does not show the secret when the server repeats what it was sent', () =>
  exchange(
    [({ body }) => ({ status: 400, body: { error: 'invalid_request', error_description: `cannot read ${body}` } })],
    async ({ failure }) => {
      const error = await failure()
      assert.match(
        error.message,
        /cannot read grant_type=client_credentials&client_id=client-1&client_secret=\[redacted\]/,
      )
      assert.not.match(error.description!, /hush/)
    },
  ),
)

request('requestAccessToken() does not show the secret when the server repeats the Basic credentials', () =>
  exchange(
    [({ headers }) => ({ status: 401, body: `no such client: ${headers['authorization']}` })],
    async ({ failure }) => {
      const secret = '**hush*hush*~1**'
      const encoded = Buffer.from(`client-1:${formEncoded(secret).replaceAll('*', '%2A')}`).toString('base64')
      assert.match((await failure(encoded, encoded.slice(12))).message, /no such client: Basic \[redacted\]/)
    },
    {
      settings: (url) => ({
        WFG_TOKEN_ENDPOINT: `${url}/token`,
        WFG_CLIENT_AUTH: 'client_secret_basic',
        WFG_CLIENT_SECRET: '**hush*hush*~1**',
      }),
    },
  ),
)

request('requestAccessToken() does not show a part of the secret when the answer is cut', () =>
  exchange([{ status: 400, body: `${'x'.repeat(190)} ${SECRET} and more` }], async ({ failure }) => {
    assert.not.match((await failure()).message, /hush/)
  }),
)

request.run()
