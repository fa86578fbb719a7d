import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  AccessTokenError,
  AuthorizationError,
  GraphQLExecutionError,
  GraphQLRequestError,
  OutcomeUnknownError,
  TransportError,
} from '../../../runtime/core/errors.ts'
import type { CallOptions } from '../../../runtime/graphql/client/options.ts'
import { TransportFailure } from '../../../runtime/transport/transport.ts'
import { hides, rejects } from '../../_assert.ts'
import { gzipped, halfJson, htmlPage, redirectTo } from '../../_replies.ts'
import { type Reply, refusedUrl } from '../../_server.ts'
import { byFetch } from '../../transport/_exchange.ts'
import { clientOf, shownOf, withClient } from '../_client.ts'

const send = suite('send')

const QUERY = 'query Q { viewer { userName } }'
const MUTATION = 'mutation M($name: String) { createRequest(name: $name) { number } }'
const OK: Reply = { body: { data: { viewer: { userName: 'ada' } } } }
const REQUEST_ERROR = { errors: [{ message: 'broken' }] }

type Class = abstract new (...args: never[]) => Error

interface Row {
  readonly title: string
  readonly reply: Reply
  /** Number of requests to the server, and the error that is thrown. */
  readonly query: readonly [times: number, error?: Class, code?: string]
  readonly mutation: readonly [times: number, error?: Class, code?: string]
}

const UNKNOWN = [1, OutcomeUnknownError, 'WFG_OUTCOME_UNKNOWN'] as const
const NETWORK = [3, TransportError, 'WFG_NETWORK'] as const
const HTTP = [3, TransportError, 'WFG_HTTP'] as const
const HTTP_ONCE = [1, TransportError, 'WFG_HTTP'] as const
const REQUEST_ONCE = [1, GraphQLRequestError, 'WFG_GRAPHQL_REQUEST'] as const
const REFUSED_ONCE = [1, AuthorizationError, 'WFG_AUTHORIZATION'] as const
const json = (body: unknown, status = 200): Reply => ({ status, body })

const TABLE: readonly Row[] = [
  { title: 'reset after the request', reply: { fault: 'reset-after-request' }, query: NETWORK, mutation: UNKNOWN },
  { title: 'reset in the answer', reply: { ...OK, fault: 'reset-body' }, query: NETWORK, mutation: UNKNOWN },
  { title: 'cut off answer', reply: { ...OK, fault: 'truncate' }, query: NETWORK, mutation: UNKNOWN },
  { title: '408', reply: { status: 408 }, query: HTTP, mutation: UNKNOWN },
  { title: '429', reply: { status: 429 }, query: HTTP, mutation: HTTP },
  { title: '429 with errors', reply: json(REQUEST_ERROR, 429), query: HTTP, mutation: HTTP },
  { title: '500 with HTML', reply: htmlPage(500), query: HTTP, mutation: UNKNOWN },
  { title: '500 with other JSON', reply: json({ Message: 'x' }, 500), query: HTTP, mutation: UNKNOWN },
  { title: '500 with errors', reply: json(REQUEST_ERROR, 500), query: REQUEST_ONCE, mutation: UNKNOWN },
  { title: '502 with HTML', reply: htmlPage(502), query: HTTP, mutation: UNKNOWN },
  { title: '503 with HTML', reply: htmlPage(503), query: HTTP, mutation: UNKNOWN },
  { title: '503 with errors', reply: json(REQUEST_ERROR, 503), query: HTTP, mutation: UNKNOWN },
  {
    title: '503 with errors and then cut data',
    reply: {
      status: 503,
      headers: { 'content-type': 'application/json' },
      body: '{"errors":[{"message":"x"}],"data":{"a":',
    },
    query: HTTP,
    mutation: UNKNOWN,
  },
  {
    title: '429 with data inside a list',
    reply: json([{ data: { a: 1 } }], 429),
    query: HTTP,
    mutation: UNKNOWN,
  },
  {
    title: '503 with cut data',
    reply: { ...halfJson({ data: { a: [1, 2, 3] } }), status: 503 },
    query: HTTP,
    mutation: UNKNOWN,
  },
  { title: '504', reply: { status: 504 }, query: HTTP, mutation: UNKNOWN },
  { title: '200 with cut JSON', reply: halfJson({ data: { a: [1, 2, 3] } }), query: HTTP, mutation: UNKNOWN },
  { title: '200 with HTML', reply: htmlPage(200, 'Sign in'), query: HTTP_ONCE, mutation: UNKNOWN },
  { title: '200 with other JSON', reply: json({ ok: true }), query: HTTP_ONCE, mutation: UNKNOWN },
  { title: '200 with nothing', reply: {}, query: HTTP_ONCE, mutation: UNKNOWN },
  { title: '200 without data, errors empty', reply: json({ errors: [] }), query: HTTP_ONCE, mutation: UNKNOWN },
  { title: '302', reply: redirectTo('https://login.test/x?state=abc'), query: HTTP_ONCE, mutation: HTTP_ONCE },
  { title: '400 with errors', reply: json(REQUEST_ERROR, 400), query: REQUEST_ONCE, mutation: REQUEST_ONCE },
  { title: '400 with HTML', reply: htmlPage(400), query: HTTP_ONCE, mutation: HTTP_ONCE },
  { title: '403 with HTML', reply: htmlPage(403), query: REFUSED_ONCE, mutation: UNKNOWN },
  { title: '403 with errors', reply: json(REQUEST_ERROR, 403), query: REFUSED_ONCE, mutation: REFUSED_ONCE },
  { title: '404 with HTML', reply: htmlPage(404), query: HTTP_ONCE, mutation: HTTP_ONCE },
  { title: '413', reply: htmlPage(413), query: HTTP_ONCE, mutation: HTTP_ONCE },
  { title: '501', reply: { status: 501 }, query: HTTP_ONCE, mutation: UNKNOWN },
  { title: '200 with errors', reply: json(REQUEST_ERROR), query: REQUEST_ONCE, mutation: REQUEST_ONCE },
  {
    title: '200 with data and errors',
    reply: json({ data: { a: null }, ...REQUEST_ERROR }),
    query: [1, GraphQLExecutionError, 'WFG_GRAPHQL_EXECUTION'],
    mutation: [1, GraphQLExecutionError, 'WFG_GRAPHQL_EXECUTION'],
  },
  {
    title: '503 with data and errors',
    reply: json({ data: null, ...REQUEST_ERROR }, 503),
    query: [1, GraphQLExecutionError, 'WFG_GRAPHQL_EXECUTION'],
    mutation: [1, GraphQLExecutionError, 'WFG_GRAPHQL_EXECUTION'],
  },
  {
    title: '200 with null data alone',
    reply: json({ data: null }),
    query: [1, GraphQLExecutionError, 'WFG_GRAPHQL_EXECUTION'],
    mutation: [1, GraphQLExecutionError, 'WFG_GRAPHQL_EXECUTION'],
  },
  { title: '200 with data, errors empty', reply: json({ data: {}, errors: [] }), query: [1], mutation: [1] },
  { title: '200 with data, errors null', reply: json({ data: {}, errors: null }), query: [1], mutation: [1] },
  { title: '500 with data', reply: json({ data: {} }, 500), query: [1], mutation: [1] },
  { title: 'data as text', reply: { body: '{"data":{}}' }, query: [1], mutation: [1] },
  {
    title: 'data as HTML',
    reply: { headers: { 'content-type': 'text/html' }, body: '{"data":{}}' },
    query: [1],
    mutation: [1],
  },
  { title: 'data after a byte order mark', reply: { body: '\ufeff{"data":{}}' }, query: [1], mutation: [1] },
  { title: 'compressed data', reply: gzipped({ data: {} }), query: [1], mutation: [1] },
]

for (const { title, reply, query, mutation } of TABLE) {
  for (const [kind, document, [times, error, code]] of [
    ['query', QUERY, query],
    ['mutation', MUTATION, mutation],
  ] as const) {
    const end = error ? `throws ${error.name}` : 'gives the data'
    send(`wfg() sends a ${kind} ${times} times and ${end} on: ${title}`, async () => {
      const replies = Array.from({ length: times }, () => reply)
      await withClient(replies, {}, async ({ wfg, waits }, server) => {
        const call = wfg(document, { name: 'value of a variable' })
        if (error) {
          const thrown = await rejects(call, { instance: error, code: code! })
          hides(shownOf(thrown), 'token-1-secret', 'Bearer', 'value of a variable', 'state=abc', 'authorization')
        } else assert.equal(await call, {})
        assert.is(server.requests.length, times)
        assert.equal(waits, [100, 200].slice(0, times - 1))
      })
    })
  }
}

send(
  'wfg() sends a query three times, and a mutation once, when the connection is reset after the headers',
  async () => {
    for (const [document, connections, code] of [
      [QUERY, 3, 'WFG_NETWORK'],
      [MUTATION, 1, 'WFG_OUTCOME_UNKNOWN'],
    ] as const) {
      const replies = Array.from({ length: connections }, () => ({ fault: 'reset-after-head' as const }))
      await withClient(replies, {}, async ({ wfg }, server) => {
        await rejects(wfg(document), { code })
        assert.is(server.connections, connections)
      })
    }
  },
)

send(
  'wfg() tries three times when the connection is refused, also for a mutation, which was not executed',
  async () => {
    for (const document of [QUERY, MUTATION]) {
      const { wfg, waits, close } = clientOf(await refusedUrl())
      await rejects(wfg(document), { instance: TransportError, code: 'WFG_NETWORK', message: /ECONNREFUSED/ })
      assert.equal(waits, [100, 200])
      close()
    }
  },
)

for (const document of [QUERY, MUTATION]) {
  send(`wfg() returns the data of a later attempt: ${document}`, async () => {
    await withClient([{ status: 429 }, { status: 429 }, OK], {}, async ({ wfg }, server) => {
      assert.equal(await wfg(document), { viewer: { userName: 'ada' } })
      assert.is(server.requests.length, 3)
      assert.is(new Set(server.requests.map(({ body }) => body)).size, 1)
    })
  })
}

send('execute() returns the number of attempts', async () => {
  await withClient([htmlPage(503), OK], {}, async ({ wfg }) => {
    const { attempts, status, durationMs } = await wfg.execute(QUERY)
    assert.equal([attempts, status], [2, 200])
    assert.ok(durationMs >= 0)
  })
})

send('wfg() makes at most 100 retries in a row over all calls, and gets one back with each response', async () => {
  const failed = Array.from({ length: 200 + 100 }, () => htmlPage(503))
  const later = [OK, OK, htmlPage(503), htmlPage(503), htmlPage(503)]
  await withClient([...failed, ...later], {}, async ({ wfg }, server) => {
    const calls = (count: number) => Promise.allSettled(Array.from({ length: count }, () => wfg(QUERY)))
    for (let sent = 0; sent < 200; sent += 20) {
      for (const { status } of await calls(20)) assert.is(status, 'rejected')
    }
    assert.is(server.requests.length, 300)
    await wfg(QUERY)
    await wfg(QUERY)
    await rejects(wfg(QUERY), { instance: TransportError, code: 'WFG_HTTP' })
  })
})

send('execute() returns GraphQL errors if no retry is allowed', async () => {
  const failed = Array.from({ length: 50 * 3 }, () => htmlPage(503))
  await withClient([...failed, json(REQUEST_ERROR, 503)], {}, async ({ wfg }) => {
    await Promise.allSettled(Array.from({ length: 50 }, () => wfg(QUERY)))
    const { errors, status, attempts } = await wfg.execute(QUERY)
    assert.equal([errors?.[0]?.message, status, attempts], ['broken', 503, 1])
  })
})

send('wfg() sends once with retries: 0, and as often as retries allows', async () => {
  for (const retries of [0, 1, 4]) {
    const replies = Array.from({ length: retries + 1 }, () => htmlPage(503))
    await withClient(replies, {}, async ({ wfg }) => {
      await rejects(wfg(QUERY, {}, { retries }), { instance: TransportError, code: 'WFG_HTTP' })
    })
  }
})

send('wfg() repeats an idempotent mutation like a query, and its message says so', async () => {
  // The resets come first, because Deno itself repeats a request on a reused connection.
  const reset = { fault: 'reset-after-request' as const }
  const replies = [reset, reset, htmlPage(502)]
  await withClient(replies, {}, async ({ wfg }, server) => {
    const error = await rejects(wfg(MUTATION, {}, { idempotent: true }), { instance: OutcomeUnknownError })
    assert.is(server.requests.length, 3)
    assert.match(error.message, 'Each attempt may have been executed.')
    assert.not.match(error.message, 'not sent again')
  })
  await withClient([htmlPage(504), OK], {}, async ({ wfg }) => {
    assert.ok(await wfg(MUTATION, {}, { idempotent: true }))
  })
})

/** The server executes each request that it reads. */
send('wfg() executes a mutation once when the server closes a reused connection after reading it', async () => {
  const replies = [{ ...OK, fault: 'close-on-next' as const }, ...(byFetch ? [OK] : [])]
  await withClient(replies, {}, async ({ wfg }, server) => {
    await wfg(QUERY)
    const call = wfg(MUTATION)
    if (byFetch) await call
    else await rejects(call, { instance: OutcomeUnknownError })
    assert.is(server.requests.filter(({ body }) => body.includes('mutation M')).length, 1)
  })
})

// --- messages ---

send('wfg() reports an unknown outcome with the address, the response, and what to do', async () => {
  await withClient([htmlPage(502)], {}, async ({ wfg }, { url }) => {
    await rejects(wfg(MUTATION), {
      message:
        `The outcome of the mutation "M" is unknown: it was sent to "${url}/graphql", and the answer was 502 with an HTML page ` +
        'titled "Bad Gateway". It may have been executed, so it was not sent again. ' +
        'Look in WorkflowGen, or with a query, for what it creates or changes, before you run it again.',
    })
  })
})

send('wfg() describes a response that is not GraphQL', async () => {
  await withClient([htmlPage(200, 'Sign in')], {}, async ({ wfg }, { url }) => {
    const error = await rejects(wfg('{ a }'), {
      message:
        `Cannot execute the query without a name: "${url}/graphql" answered 200 with an HTML page titled "Sign in"; ` +
        'expected a GraphQL answer. Check WFG_GRAPHQL_URL, and the server or proxy that answers there.',
    })
    assert.is((error as TransportError).status, 200)
  })
})

send('wfg() keeps operation name, status and request id on every error', async () => {
  const headers = { 'X-Request-Id': 'r-17' }
  for (const reply of [
    { ...htmlPage(404), headers },
    { status: 403, headers },
    { status: 400, body: REQUEST_ERROR, headers },
    { status: 500, body: { data: null, ...REQUEST_ERROR }, headers },
  ]) {
    await withClient([reply], {}, async ({ wfg }) => {
      const error = (await rejects(wfg(QUERY))) as TransportError
      assert.equal([error.operationName, error.status, error.requestId], ['Q', reply.status, 'r-17'])
    })
  }
  await withClient([{ status: 504, headers }], {}, async ({ wfg }) => {
    const error = (await rejects(wfg(MUTATION))) as OutcomeUnknownError
    assert.equal([error.operationName, error.status, error.requestId], ['M', 504, 'r-17'])
  })
})

send('wfg() keeps partial data on the error, and does not print it', async () => {
  const body = { data: { a: 'business data', b: null }, errors: [{ message: 'no b', path: ['b', 0, 'c'] }] }
  await withClient([{ body }], {}, async ({ wfg }) => {
    const error = (await rejects(wfg(QUERY), {
      instance: GraphQLExecutionError,
      message:
        'Cannot execute the query "Q" completely: b.0.c: no b. Some data arrived; it is in the error\'s property "data".',
    })) as GraphQLExecutionError
    assert.equal(error.data, body.data)
    assert.equal(error.errors, body.errors)
    hides(shownOf(error), 'business data')
  })
})

send('wfg() accepts errors of an unknown form', async () => {
  for (const [errors, message] of [
    [['just text'], /just text/],
    [[{ Message: 'x' }], /an error without a message/],
    ['text', /text/],
    [{ a: 1 }, /an error without a message/],
    [[{ message: 'path', path: 'a.b' }], /completely: path/],
    [[{ message: 'path', path: ['a', null] }], /completely: path/],
  ] as const) {
    await withClient([{ body: { data: { a: 1 }, errors } }], {}, async ({ wfg }) => {
      await rejects(wfg(QUERY), { instance: GraphQLExecutionError, message })
    })
  }
})

const SECRETS = { text: 'Ada "L" O\'Hara', more: { list: ['line 1\nline 2; fin7', 41273] }, since: new Date(0) }
const ECHO = [
  `Variable "$text" got invalid value ${JSON.stringify(SECRETS.text)}; Expected type Int.`,
  `Value ${JSON.stringify(SECRETS.more.list[0])} is no number at "x", nor 41273, nor 1970-01-01T00:00:00.000Z`,
  `Variable "$more" got invalid value { list: [ ${JSON.stringify(SECRETS.more.list[0])} ] }; Expected`,
]
const VALUES = ['Ada', "O'Hara", 'line 1', 'line 2', 'fin7', '41273', '1970-01-01']
for (const [title, status, body] of [
  [
    'a request error',
    400,
    (message: string) => ({ errors: [{ message, extensions: { stack: [`Error: ${message}`] } }] }),
  ],
  ['an execution error', 200, (message: string) => ({ data: { a: null }, errors: [{ message }] })],
  ['a refusal', 403, (message: string) => ({ errors: [{ message }] })],
  ['a passing error', 503, (message: string) => ({ errors: [{ message }] })],
] as const) {
  send(`wfg() masks the values of variables in the errors of ${title}`, async () => {
    for (const message of ECHO) {
      const reply = { status, body: body(message) }
      await withClient([reply], {}, async ({ wfg }) => {
        hides(shownOf(await rejects(wfg(QUERY, SECRETS, { retries: 0 }))), ...VALUES)
      })
    }
  })
}

send('wfg() masks the values of a template in errors', async () => {
  for (const message of ECHO) {
    await withClient([{ status: 400, body: { errors: [{ message }] } }], {}, async ({ wfg }) => {
      const call = wfg`query Q { a(text: ${SECRETS.text}, more: ${SECRETS.more}, since: ${SECRETS.since}) }`
      hides(shownOf(await rejects(call)), ...VALUES)
    })
  }
})

send('wfg() does not mask words that only contain a value', async () => {
  const body = { errors: [{ message: 'Unauthorized: 401 for the Admin of 12 rooms, not 1' }] }
  await withClient([{ status: 400, body }], {}, async ({ wfg }) => {
    await rejects(wfg(QUERY, { a: 1, b: 'Ad' }), {
      message: /: Unauthorized: 401 for the Admin of 12 rooms, not \[value of a\]$/,
    })
  })
})

for (const reason of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_INVALID']) {
  send(`wfg() says how to trust a certificate after ${reason}`, async () => {
    const failure = () => Promise.reject(new TransportFailure('connect', reason, 'self-signed certificate'))
    const { wfg } = clientOf('https://x.test', { transport: { send: failure, close() {} } })
    await rejects(wfg(MUTATION), {
      instance: TransportError,
      code: 'WFG_NETWORK',
      message: new RegExp(
        `self-signed certificate \\(${reason}\\)\\. If this is the right server, .*NODE_EXTRA_CA_CERTS`,
      ),
    })
  })
}

// --- Retry-After ---

for (const [header, waitMs] of [
  ['2', 2000],
  ['1.5', 1500],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:00:03 GMT', 3000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ['-5', 100],
  ['soon', 100],
  ['', 100],
] as const) {
  send(`wfg() waits ${waitMs} ms when Retry-After is ${JSON.stringify(header)}`, async () => {
    const reply = { status: 429, headers: { 'Retry-After': header } }
    await withClient([reply, OK], {}, async ({ wfg, waits }) => {
      await wfg(QUERY)
      assert.equal(waits, [waitMs])
    })
  })
}

for (const header of ['3600', '99999999999999999999', 'Fri, 01 Jan 2027 00:00:00 GMT']) {
  send(`wfg() fails at once when Retry-After is ${header}`, async () => {
    const reply = { status: 429, headers: { 'Retry-After': header } }
    for (const document of [QUERY, MUTATION]) {
      await withClient([reply], {}, async ({ wfg, waits }) => {
        await rejects(wfg(document), {
          instance: TransportError,
          code: 'WFG_HTTP',
          message: /It asks to wait \d+ s, and 4 s are left of the call's time\.$/,
        })
        assert.equal(waits, [])
      })
    }
  })
}

// --- 401 ---

for (const document of [QUERY, MUTATION]) {
  send(`wfg() renews the token after a 401 and sends again, also with retries: 0: ${document}`, async () => {
    await withClient([htmlPage(401), OK], {}, async ({ wfg }, server) => {
      await wfg(document, {}, { retries: 0 })
      assert.equal(
        server.requests.map(({ headers }) => headers['authorization']),
        ['Bearer token-1-secret', 'Bearer token-2-secret'],
      )
    })
  })

  send(`wfg() throws an AuthorizationError with what to check after a second 401: ${document}`, async () => {
    await withClient([htmlPage(401), { status: 401, body: REQUEST_ERROR }], {}, async ({ wfg, tokens }) => {
      const error = await rejects(wfg(document), { instance: AuthorizationError, code: 'WFG_AUTHORIZATION' })
      assert.match(
        error.message,
        'the identity provider accepted the client and WorkflowGen did not; it answered 401: broken.',
      )
      for (const word of ['Administration > Applications', 'Non-interactive Client', 'impersonate', 'active'])
        assert.match(error.message, word)
      assert.equal(tokens, ['token-1-secret', 'token-2-secret'])
    })
  })
}

send('wfg() does not treat a 401 with data as a refusal', async () => {
  await withClient([{ status: 401, body: { data: { a: 1 } } }], {}, async ({ wfg }) => {
    assert.equal(await wfg(MUTATION), { a: 1 })
  })
})

send('wfg() does not count a 401 as an attempt', async () => {
  await withClient([{ status: 503 }, { status: 401 }, { status: 503 }, OK], {}, async ({ wfg }) => {
    assert.ok(await wfg(QUERY))
  })
})

send('wfg() renews once in a call: a 401 after a renewal and a pause is the second', async () => {
  await withClient([{ status: 401 }, { status: 503 }, { status: 401 }], {}, async ({ wfg }) => {
    await rejects(wfg(QUERY), { instance: AuthorizationError })
  })
})

send('wfg() never renews after a 403', async () => {
  await withClient([{ status: 403 }], {}, async ({ wfg, tokens }) => {
    await rejects(wfg(QUERY), { instance: AuthorizationError, message: /it answered 403 with an empty body\./ })
    assert.is(tokens.length, 1)
  })
})

send('wfg() throws the error of the token request as it is, and sends nothing', async () => {
  const failure = new AccessTokenError('no token')
  await withClient([], { token: { get: () => Promise.reject(failure) } }, async ({ wfg }) => {
    assert.is(await rejects(wfg(MUTATION)), failure)
  })
})

// --- the deadline and the caller's signal ---

for (const fault of ['stall', 'stall-body'] as const) {
  send(`wfg() ends at the deadline and reports what is known: ${fault}`, async () => {
    await withClient([{ ...OK, fault }], {}, async ({ wfg }, { url }) => {
      await rejects(wfg(QUERY, {}, { timeoutMs: 150 }), {
        instance: TransportError,
        code: 'WFG_TIMEOUT',
        message:
          `Cannot execute the query "Q": no answer from "${url}/graphql" within 150 ms. ` +
          'Give the call more time with timeoutMs or WFG_TIMEOUT_MS, or ask for less at once.',
      })
    })
    await withClient([{ ...OK, fault }], {}, async ({ wfg }) => {
      await rejects(wfg(MUTATION, {}, { timeoutMs: 150 }), {
        instance: OutcomeUnknownError,
        message: /, and no answer came within 150 ms\. It may have been executed/,
      })
    })
  })
}

send('wfg() renews the token for a query refused with data null, and then throws an AuthorizationError', async () => {
  const refused = json({ data: null, errors: [{ message: 'Unauthorized' }] }, 401)
  await withClient([refused, OK, refused, refused], {}, async ({ wfg }, server) => {
    assert.equal(await wfg(QUERY), { viewer: { userName: 'ada' } })
    assert.is(new Set(server.requests.map(({ headers }) => headers['authorization'])).size, 2)
    await rejects(wfg(QUERY), { instance: AuthorizationError, code: 'WFG_AUTHORIZATION' })
  })
})

send('wfg() names the identity provider when the token request takes all the time, and sends nothing', async () => {
  const get = ({ signal }: { signal?: AbortSignal | undefined } = {}) =>
    new Promise<string>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  await withClient([], { token: { get } }, async ({ wfg }) => {
    for (const document of [QUERY, MUTATION])
      await rejects(wfg(document, {}, { timeoutMs: 50 }), {
        instance: AccessTokenError,
        message: /within 50 ms: the identity provider does not answer/,
      })
  })
})

send('wfg() has one deadline for all attempts together', async () => {
  await withClient([{ ...htmlPage(503), delayMs: 200 }, { fault: 'stall' }], {}, async ({ wfg }) => {
    const startMs = performance.now()
    await rejects(wfg(QUERY, {}, { timeoutMs: 450 }), { instance: TransportError, code: 'WFG_TIMEOUT' })
    assert.ok(performance.now() - startMs < 630)
  })
})

const MINE = new Error('I do not need it any more')
const ABORTS: readonly (readonly [document: string, options: CallOptions])[] = [
  [QUERY, {}],
  [MUTATION, {}],
  [MUTATION, { idempotent: true }],
]
for (const [document, options] of ABORTS) {
  send(`wfg() rejects with the reason and sends nothing when the signal is already aborted: ${document}`, async () => {
    await withClient([], {}, async ({ wfg }) => {
      const error = await rejects(wfg(document, {}, { ...options, signal: AbortSignal.abort(MINE) }))
      assert.is(error, MINE)
    })
  })
}

send(
  'wfg() rejects with the reason when the signal aborts a query, and with an unknown outcome for a mutation',
  async () => {
    for (const document of [QUERY, MUTATION]) {
      const ending = new AbortController()
      const reply = () => {
        ending.abort(MINE)
        return { fault: 'stall' as const }
      }
      await withClient([reply], {}, async ({ wfg }) => {
        const error = await rejects(wfg(document, {}, { signal: ending.signal }))
        if (document === QUERY) assert.is(error, MINE)
        else assert.instance(error, OutcomeUnknownError)
      })
    }
  },
)

send('wfg() rejects with the reason when the signal of the run aborts', async () => {
  const ending = new AbortController()
  const reply = () => {
    ending.abort(MINE)
    return { fault: 'stall' as const }
  }
  await withClient([reply], { run: { signal: ending.signal } }, async ({ wfg }) => {
    assert.is(await rejects(wfg(QUERY)), MINE)
  })
})

send('wfg() removes its listeners from the signal', async () => {
  const { signal } = new AbortController()
  let listeners = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = function (this: AbortSignal, ...args: Parameters<typeof addEventListener>) {
    listeners += 1
    addEventListener.apply(this, args)
  }
  signal.removeEventListener = function (this: AbortSignal, ...args: Parameters<typeof removeEventListener>) {
    listeners -= 1
    removeEventListener.apply(this, args)
  }
  await withClient([OK, { status: 404 }], {}, async ({ wfg }) => {
    await wfg(QUERY, {}, { signal })
    await wfg(QUERY, {}, { signal }).catch(() => {})
    assert.is(listeners, 0)
  })
})

// --- size ---

send('wfg() says what to do when a response exceeds maxBytes, and does not retry', async () => {
  await withClient([{ body: { data: { a: 'x'.repeat(200) } } }], {}, async ({ wfg }, { url }) => {
    await rejects(wfg(QUERY, {}, { maxBytes: 100 }), {
      instance: TransportError,
      code: 'WFG_HTTP',
      message:
        `Cannot execute the query "Q": "${url}/graphql" answered, but the answer is larger than 100 bytes. ` +
        'Ask for less at once, or allow more with maxBytes.',
    })
  })
  await withClient([{ body: { data: { a: 'x'.repeat(200) } } }], {}, async ({ wfg }) => {
    await rejects(wfg(MUTATION, {}, { maxBytes: 100, idempotent: true }), { instance: OutcomeUnknownError })
  })
})

send.run()
