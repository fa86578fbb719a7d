import { parse } from 'graphql'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import {
  AccessTokenError,
  GraphQLExecutionError,
  GraphQLRequestError,
  RefusedError,
  UsageError,
} from '../../../runtime/core/errors.ts'
import type { WfgOptions } from '../../../runtime/graphql/client/options.ts'
import type { Wfg } from '../../../runtime/graphql/client/wfg.ts'
import { file } from '../../../runtime/graphql/document/file.ts'
import { gql } from '../../../runtime/graphql/document/gql.ts'
import { enumValue } from '../../../runtime/graphql/document/literal.ts'
import { hides, rejects } from '../../_assert.ts'
import { clientOf, sentOf, shownOf, withClient } from '../_client.ts'

const client = suite('client')

const QUERY = 'query Q { viewer { userName } }'
const MUTATION = 'mutation M($input: Input!) { createRequest(input: $input) { request { number } } }'
const DATA = { viewer: { userName: 'ada' } }
const OK = { body: { data: DATA } }

// --- requests ---

client('wfg() sends a text unchanged, with variables, the token, and the accepted media types', async () => {
  await withClient([OK], {}, async ({ wfg }, { requests }) => {
    assert.equal(await wfg(QUERY, { a: 1, since: new Date(0), gone: undefined }), DATA)
    const [request] = requests
    assert.equal(sentOf(request!.body), {
      query: QUERY,
      variables: { a: 1, since: '1970-01-01T00:00:00.000Z' },
      operationName: 'Q',
    })
    assert.equal([request?.method, request?.path], ['POST', '/graphql'])
    const { authorization, accept, 'content-type': type } = request!.headers
    assert.equal([authorization, type], ['Bearer token-1-secret', 'application/json'])
    assert.match(accept ?? '', 'application/graphql-response+json')
    assert.match(accept ?? '', 'application/json')
  })
})

client('wfg() omits variables and operation name if there are none', async () => {
  await withClient([OK, OK], {}, async ({ wfg }, { requests }) => {
    await wfg('{ viewer { userName } }')
    await wfg('{ viewer { userName } }', {})
    for (const { body } of requests) assert.equal(sentOf(body), { query: '{ viewer { userName } }' })
  })
})

client('wfg() sends a parsed document, from gql or from graphql', async () => {
  await withClient([OK, OK], {}, async ({ wfg }, { requests }) => {
    await wfg(gql`query Q { viewer { userName } }`)
    await wfg(parse('query Q { viewer { userName } }', { noLocation: true }))
    for (const { body } of requests) assert.match(sentOf(body).query, /^query Q \{\s+viewer \{\s+userName\s+\}\s+\}$/)
  })
})

client('wfg`` writes its values into the document', async () => {
  await withClient([OK], {}, async ({ wfg }, { requests }) => {
    await wfg`query { user(name: ${'"'}, n: ${1}, s: ${enumValue('OPEN')}) { id } }`
    assert.equal(sentOf(requests[0]!.body), { query: 'query { user(name:  "\\"" , n:  1 , s:  OPEN ) { id } }' })
  })
})

client('wfg`` rejects, and does not throw, when a value cannot be written', async () => {
  await withClient([], {}, async ({ wfg }) => {
    const call = wfg`query { user(name: ${undefined}) { id } }`
    await rejects(call, { instance: TypeError, message: /^Cannot write value 1 as a GraphQL literal: it is undefined/ })
  })
})

for (const method of ['paginate', 'bulk', 'execute'] as const) {
  client(`${method}() used as a tag says how it is called`, async () => {
    await withClient([], {}, async ({ wfg }) => {
      const tag = wfg[method] as unknown as (strings: TemplateStringsArray) => unknown
      const expected = `wfg.${method} as a tag: it is called with a document, wfg.${method}(gql\`…\``
      const { message } = await rejects(async () => tag`query Q { a }`, { instance: TypeError })
      assert.match(message, expected)
    })
  })
}

client('wfg`` shows no value when one is in a wrong place of the document', async () => {
  await withClient([], {}, async ({ wfg }) => {
    for (const call of [
      () => wfg`query { user(${'a "secret" text'}: 1) { id } }`,
      () => wfg`query ${'a "secret" text'} { user { id } }`,
      () => wfg`query Q($a: Int = 1 ${41273}) { user { id } }`,
      () => wfg`query { user(id: 1) ${{ a: 'secret' }} }`,
    ]) {
      const error = await rejects(call, {
        instance: GraphQLRequestError,
        message: /found (String|Int) at line 1, column/,
      })
      hides(shownOf(error), 'secret', '41273')
    }
  })
})

client('wfg() sends the chosen operation of a document with several', async () => {
  await withClient([OK], {}, async ({ wfg }, { requests }) => {
    await wfg('query A { a } query B { b }', {}, { operationName: 'B' })
    assert.is(sentOf(requests[0]!.body).operationName, 'B')
  })
})

client('wfg() rejects a document with a mistake before a token is requested', async () => {
  await withClient([], {}, async ({ wfg, tokens }) => {
    await rejects(wfg('query {'), { instance: GraphQLRequestError, message: /line 1, column 8/ })
    await rejects(wfg('subscription { a }'), { instance: UsageError })
    assert.equal(tokens, [])
  })
})

for (const [options, name] of [
  [{ retries: -1 }, 'retries'],
  [{ retries: 11 }, 'retries'],
  [{ retries: 1.5 }, 'retries'],
  [{ timeoutMs: 0 }, 'timeoutMs'],
  [{ timeoutMs: 2 ** 31 }, 'timeoutMs'],
  [{ timeoutMs: Number.NaN }, 'timeoutMs'],
  [{ maxBytes: 0 }, 'maxBytes'],
] as const) {
  client(`wfg() rejects ${JSON.stringify(options)} before a token is requested`, async () => {
    await withClient([], {}, async ({ wfg, tokens }) => {
      await rejects(wfg(QUERY, {}, options), { instance: RangeError, message: new RegExp(`option ${name}: it is`) })
      assert.equal(tokens, [])
    })
  })
}

const self: Record<string, unknown> = {}
self['a'] = [self]
for (const [variables, place, found] of [
  [{ a: [{ b: Number.NaN }] }, 'variables.a.0.b', 'it is not a finite number'],
  [{ a: 1n }, 'variables.a', 'it is a bigint'],
  [{ upload: file }, 'variables.upload', 'it is a function'],
  [self, 'variables.a.0', 'it contains itself'],
  [{ a: new Date(Number.NaN) }, 'variables.a', 'it is an invalid Date'],
  [{ a: [1, undefined] }, 'variables.a.1', 'it is undefined'],
] as const) {
  client(`wfg() rejects a variable that JSON would lose: ${place}, ${found}`, async () => {
    await withClient([], {}, async ({ wfg }) => {
      await rejects(wfg(QUERY, variables as Record<string, unknown>), {
        instance: TypeError,
        message: `Cannot send ${place}: ${found}; expected a JSON value or a file.`,
      })
    })
  })
}

client('wfg() writes a variable by its toJSON()', async () => {
  await withClient([OK], {}, async ({ wfg }, { requests }) => {
    const variables = { url: new URL('http://a.test/'), price: { toJSON: () => '1.50' }, list: [enumValue('OPEN')] }
    await wfg(QUERY, variables)
    assert.equal(sentOf(requests[0]!.body).variables, { url: 'http://a.test/', price: '1.50', list: ['OPEN'] })
  })
})

// --- schema ---

client('wfg() returns the output of the schema', async () => {
  await withClient([{ body: { data: { n: '12' } } }], {}, async ({ wfg }) => {
    const schema = v.object({ n: v.pipe(v.string(), v.transform(Number)) })
    assert.equal(await wfg(QUERY, {}, { schema }), { n: 12 })
  })
})

client('wfg() reports the path that does not fit the schema, without the value', async () => {
  await withClient([{ body: { data: { list: [{ n: 'a secret value' }, {}] } } }], {}, async ({ wfg }) => {
    const schema = v.objectAsync({ list: v.array(v.object({ n: v.pipe(v.number(), v.minValue(1)) })) })
    const error = await rejects(wfg(QUERY, {}, { schema }), {
      instance: GraphQLExecutionError,
      message:
        'Cannot use the answer to the query "Q": it does not fit the call\'s schema: list.0.n: expected number; list.1.n: expected "n".',
    })
    hides(shownOf(error), 'a secret value')
  })
})

// --- execute ---

client('execute() returns errors with the data', async () => {
  const errors = [{ message: 'no b', path: ['b'], extensions: { code: 'X' } }]
  for (const [reply, expected] of [
    [
      { body: { data: { a: 1 }, errors, extensions: { cost: 1 } } },
      { data: { a: 1 }, errors, extensions: { cost: 1 }, status: 200 },
    ],
    [
      { status: 400, body: { errors } },
      { data: null, errors, extensions: undefined, status: 400 },
    ],
    [OK, { data: DATA, errors: undefined, extensions: undefined, status: 200 }],
  ] as const) {
    await withClient([reply], {}, async ({ wfg }) => {
      const { durationMs, attempts, ...rest } = await wfg.execute(QUERY)
      assert.equal(rest, expected)
      assert.equal([typeof durationMs, attempts], ['number', 1])
    })
  }
})

client('execute() returns the output of the schema, and partial data unchanged', async () => {
  const schema = v.object({ n: v.pipe(v.string(), v.transform(Number)) })
  const errors = [{ message: 'no n', path: ['n'] }]
  const replies = [
    { data: { n: '12' } },
    { data: { n: null }, errors },
    { errors },
    { data: { n: 'x', m: 1 } },
    { data: {} },
  ]
  await withClient(
    replies.map((body) => ({ body })),
    {},
    async ({ wfg }) => {
      const call = () => wfg.execute(QUERY, {}, { schema })
      assert.is((await call()).data?.n, 12)
      assert.equal((await call()).data, { n: null })
      assert.is((await call()).data, null)
      assert.equal((await call()).data, { n: Number.NaN })
      await rejects(call, { instance: GraphQLExecutionError, message: /does not fit the call's schema: n: / })
    },
  )
})

// --- headers ---

client("wfg() sends the headers of client and call, the call's last, whatever their case", async () => {
  await withClient([OK], { options: { headers: { 'X-A': '1', 'X-B': '1' } } }, async ({ wfg }, { requests }) => {
    await wfg(QUERY, {}, { headers: { 'x-b': '2', 'X-C': 'Grün' } })
    const { 'x-a': a, 'x-b': b, 'x-c': c } = requests[0]!.headers
    assert.equal([a, b, c], ['1', '2', 'Grün'])
  })
})

for (const [name, reason] of [
  ['authorization', 'it carries the access token'],
  ['AUTHORIZATION', 'it carries the access token'],
  ['Host', 'it names the server'],
  ['connection', 'it controls the reuse of connections'],
  ['Expect', 'the request would wait for a response'],
  ['content-length', 'it is set from the body'],
  ['Transfer-Encoding', 'it is set from the body'],
] as const) {
  client(`wfg() refuses the header ${name} of a client, an extension and a call, and says why`, async () => {
    const headers = { [name]: 'Bearer mine' }
    const message = new RegExp(`^Cannot set the header "${name.toLowerCase()}": ${reason}`)
    assert.throws(() => clientOf('http://x.test', { options: { headers } }), message)
    await withClient([], {}, async ({ wfg, tokens }) => {
      assert.throws(() => wfg.extend({ headers }), message)
      const error = await rejects(wfg(QUERY, {}, { headers }), { instance: TypeError, message })
      hides(shownOf(error), 'mine')
      assert.equal(tokens, [])
    })
  })
}

for (const [name, value] of [
  ['x-a', 'one\r\nx-b: two-value'],
  ['x-a', 'M\u0142ody-value'],
  ['x a', 'value'],
  ['', 'value'],
  ['x-a', undefined],
] as const) {
  client(
    `wfg() refuses the header ${JSON.stringify(name)} with ${JSON.stringify(value)}, without showing it`,
    async () => {
      await withClient([], {}, async ({ wfg }) => {
        const call = wfg(QUERY, {}, { headers: { [name]: value as string } })
        const error = await rejects(call, { instance: TypeError, message: /^Cannot set the header "/ })
        hides(shownOf(error), 'value')
      })
    },
  )
}

client('wfg() impersonates the user of the call, else of the client, else of the settings', async () => {
  const options = { impersonate: 'of-client' }
  const config = { impersonate: 'of-settings' }
  const user = async (given: { config?: object; options?: WfgOptions }, call?: string) => {
    let sent: string | undefined
    await withClient([OK], given, async ({ wfg }, { requests }) => {
      await wfg(QUERY, {}, call === undefined ? {} : { impersonate: call })
      sent = requests[0]?.headers['x-wfgen-impersonate-username']
    })
    return sent
  }
  assert.is(await user({}), undefined)
  assert.is(await user({ config }), 'of-settings')
  assert.is(await user({ config, options }), 'of-client')
  assert.is(await user({ config, options }, 'of-call'), 'of-call')
})

client('wfg() sends the user in the configured header', async () => {
  const config = { impersonate: 'ada', impersonateHeader: 'X-Acting-User' }
  await withClient([OK], { config }, async ({ wfg }, { requests }) => {
    await wfg(QUERY, {}, { headers: { 'x-acting-user': 'mallory' } })
    assert.is(requests[0]?.headers['x-acting-user'], 'ada')
  })
})

// --- guards ---

client('wfg() refuses a mutation if only reading is allowed, before the connection is opened', async () => {
  for (const given of [{ run: { access: 'read' as const } }, { options: { access: 'read' as const } }]) {
    await withClient([OK], given, async ({ wfg, tokens, profiles }) => {
      const error = await rejects(wfg(MUTATION), { instance: RefusedError, code: 'WFG_REFUSED' })
      assert.match(error.message, /^Refused the mutation "M": .* Nothing was sent\. /)
      await rejects(wfg.execute(MUTATION), { instance: RefusedError })
      await rejects(wfg.paginate('mutation { a(page: { number: $p }) { items hasNextPage } }').next(), {
        instance: RefusedError,
      })
      assert.equal(tokens, [])
      assert.equal(profiles.length <= 1, true)
      await wfg(QUERY)
    })
  }
})

client('wfg() decides by the chosen operation, not by the others in the document', async () => {
  await withClient([OK], { run: { access: 'read' } }, async ({ wfg }) => {
    const document = 'query A { a } mutation B { b }'
    await wfg(document, {}, { operationName: 'A' })
    await rejects(wfg(document, {}, { operationName: 'B' }), { instance: RefusedError })
  })
})

for (const [title, options] of [
  ['an access that is none', { access: 'readonly' }],
  ['a dry run that is a text', { dryRun: 'true' }],
  ['a misspelt guard', { dryrun: true }],
] as const) {
  client(`extend() refuses ${title}, which would let a mutation through`, async () => {
    await withClient([], {}, async ({ wfg }) => {
      assert.throws(() => wfg.extend(options as never), /^Cannot use the option/)
    })
  })
}

client('wfg() refuses a guard in the options of a call, which would have no effect', async () => {
  await withClient([], {}, async ({ wfg }) => {
    await rejects(wfg('mutation M { a }', {}, { dryRun: true } as never), {
      instance: TypeError,
      message: /wfg\.extend/,
    })
  })
})

client('wfg() refuses an unknown option before anything is sent, and suggests the nearest', async () => {
  const calls: readonly (readonly [(wfg: Wfg, options: never) => unknown, string, string])[] = [
    [
      (wfg, options) => wfg(QUERY, {}, options),
      'retires',
      'a call has no option of that name; did you mean "retries"?',
    ],
    [(wfg, options) => wfg.execute(QUERY, {}, options), 'key', 'a call has no option of that name'],
    [
      (wfg, options) => wfg.paginate(QUERY, {}, options).next(),
      'startpage',
      'wfg.paginate has no option of that name; did you mean "startPage"?',
    ],
    [
      (wfg, options) => wfg.bulk(MUTATION, [{}], options).next(),
      'jurnal',
      'wfg.bulk has no option of that name; did you mean "journal"?',
    ],
  ]
  await withClient([], {}, async ({ wfg }, { requests }) => {
    for (const [call, name, told] of calls) {
      const message = `Cannot use the option "${name}": ${told}`
      await rejects(async () => call(wfg, { [name]: 1 } as never), { instance: TypeError, message })
    }
    assert.is(requests.length, 0)
  })
})

client('execute() returns the GraphQL errors of a 503 after the last attempt', async () => {
  const busy = { status: 503, body: { errors: [{ message: 'maintenance until noon' }] } }
  await withClient([busy, busy, busy], {}, async ({ wfg }) => {
    const { status, data, errors, attempts } = await wfg.execute(QUERY)
    assert.equal([status, data, errors?.[0]?.message, attempts], [503, null, 'maintenance until noon', 3])
  })
})

client('extend() can only tighten access and dry run', async () => {
  await withClient([], {}, async ({ wfg }) => {
    for (const loosened of [
      wfg.extend({ access: 'read' }).extend({ access: 'write' }),
      wfg.extend({ access: 'read' }).extend({}).extend({ timeoutMs: 1 }),
    ])
      await rejects(loosened(MUTATION), { instance: RefusedError })
    assert.equal(await wfg.extend({ dryRun: true }).extend({ dryRun: false })(MUTATION, { input: {} }), {
      createRequest: { request: { number: null } },
    })
  })
  await withClient([], { run: { dryRun: true, access: 'write' } }, async ({ wfg }) => {
    assert.ok(await wfg.extend({ dryRun: false })(MUTATION))
  })
})

client('extend() does not change its client, and merges headers', async () => {
  await withClient([OK, OK], { options: { headers: { 'X-A': '1' } } }, async ({ wfg }, { requests }) => {
    const other = wfg.extend({ headers: { 'x-b': '2' }, impersonate: 'ada', profile: 'other' })
    await wfg(QUERY)
    await other(QUERY)
    assert.equal(
      requests.map(({ headers }) => [headers['x-a'], headers['x-b'], headers['x-wfgen-impersonate-username']]),
      [
        ['1', undefined, undefined],
        ['1', '2', 'ada'],
      ],
    )
  })
})

client('extend() connects to the profile that it names', async () => {
  await withClient([OK, OK], {}, async ({ wfg, profiles }) => {
    await wfg(QUERY)
    await wfg.extend({ profile: 'other' })(QUERY)
    assert.equal(profiles, [undefined, 'other'])
  })
})

for (const [options, message] of [
  [{ timeoutMs: 0 }, /option timeoutMs/],
  [{ concurrency: 0 }, /option concurrency/],
  [{ concurrency: 101 }, /option concurrency/],
] as const) {
  client(`extend() throws for ${JSON.stringify(options)}`, async () => {
    await withClient([], {}, async ({ wfg }) => {
      assert.throws(() => wfg.extend(options), message)
    })
  })
}

client('wfg() refuses the first mutation in a protected profile that was not confirmed by name', async () => {
  const config = { protected: true, profile: 'live' }
  for (const confirmed of [undefined, 'test', '']) {
    await withClient([OK], { config, run: { confirmed } }, async ({ wfg, tokens }) => {
      await rejects(wfg(MUTATION), {
        instance: RefusedError,
        message: /the profile "live" is protected.* --confirm live /,
      })
      assert.equal(tokens, [])
      await wfg(QUERY)
    })
  }
  await withClient([OK], { config, run: { confirmed: 'live' } }, async ({ wfg }) => {
    assert.ok(await wfg(MUTATION))
  })
})

// --- dry run ---

const WRITES = `mutation M($input: Input!) {
  first: createRequest(input: $input) { request { id ...More actions { items { name } } } }
  ... on Mutation { createRequest(input: $input) { clientMutationId } }
}
fragment More on Request { number requester { userName } id }`

for (const [title, given] of [
  ['run', { run: { dryRun: true } }],
  ['client', { options: { dryRun: true } }],
  ['settings', { config: { dryRun: true } }],
] as const) {
  client(
    `wfg() shows a mutation and answers with its shape in a dry run of the ${title}, and sends queries`,
    async () => {
      await withClient([OK], given, async ({ wfg, host, tokens }) => {
        assert.equal(await wfg(WRITES, { input: { name: 'x' } }), {
          first: {
            request: { id: null, number: null, requester: { userName: null }, actions: { items: { name: null } } },
          },
          createRequest: { clientMutationId: null },
        })
        assert.equal(tokens, [])
        assert.is(
          host.err,
          `dry run: would send the mutation "M" with {\n  "input": {\n    "name": "x"\n  }\n}\n${WRITES}\n`,
        )
        assert.equal(await wfg(QUERY), DATA)
      })
    },
  )
}

client('wfg() shows no secrets, files or long texts in a dry run', async () => {
  await withClient([], { run: { dryRun: true } }, async ({ wfg, host }) => {
    host.redactor.add('the-client-secret')
    const upload = new File(['content of the file'], 'a.txt', { type: 'text/plain' })
    await wfg(MUTATION, { input: { a: 'the-client-secret', text: 'x'.repeat(10_000), upload } })
    hides(host.err, 'the-client-secret', 'content of the file')
    assert.ok(host.err.length < 1500)
    assert.match(host.err, /"name": "a.txt",\s+"type": "text\/plain(;charset=utf-8)?",\s+"size": 19/)
  })
})

client('wfg() does not apply the schema in a dry run, whose data is null', async () => {
  await withClient([], { run: { dryRun: true } }, async ({ wfg }) => {
    const schema = v.object({ createRequest: v.object({ request: v.object({ number: v.number() }) }) })
    assert.equal(await wfg(MUTATION, {}, { schema }), { createRequest: { request: { number: null } } })
  })
})

client('wfg() reports the same mistakes in a dry run', async () => {
  await withClient([], { run: { dryRun: true } }, async ({ wfg }) => {
    await rejects(wfg(MUTATION, { a: Number.NaN }), { instance: TypeError })
    await rejects(wfg(MUTATION, {}, { retries: 99 }), { instance: RangeError })
  })
})

client('wfg() needs no confirmation in a dry run', async () => {
  await withClient([], { config: { protected: true }, run: { dryRun: true } }, async ({ wfg }) => {
    assert.ok(await wfg(MUTATION))
  })
})

client('wfg() prints a line for each call with verbose', async () => {
  await withClient([{ status: 503 }, OK], { run: { verbose: true } }, async ({ wfg, host }) => {
    await wfg(QUERY, { a: 'a value' })
    assert.match(host.err, /^query "Q": 200, 2 attempts, \d+ ms, 38 bytes\n$/)
  })
})

client('wfg() prints a line for a failed call with verbose', async () => {
  const replies = [{ status: 503, body: 'busy' }, { status: 500 }, { fault: 'reset-after-request' }, OK] as const
  const source = {
    async get() {
      throw new AccessTokenError('no token')
    },
  }
  await withClient(replies, { run: { verbose: true } }, async (given, server) => {
    const { wfg, host } = given
    await rejects(wfg(QUERY, {}, { retries: 1 }), { code: 'WFG_HTTP' })
    await rejects(wfg('mutation M { a }'), { code: 'WFG_OUTCOME_UNKNOWN' })
    await rejects(wfg(QUERY, {}, { schema: v.object({ other: v.string() }) }), { code: 'WFG_GRAPHQL_EXECUTION' })
    const withoutToken = clientOf(server.url, { run: { verbose: true }, token: source })
    await rejects(withoutToken.wfg(QUERY), { code: 'WFG_ACCESS_TOKEN' })
    assert.match(
      host.err,
      /^query "Q": 500, 2 attempts, \d+ ms, 0 bytes\nmutation "M": no answer, 1 attempt, \d+ ms, 0 bytes\nquery "Q": 200, .*\n$/,
    )
    assert.match(withoutToken.host.err, /^query "Q": no answer, 0 attempts, \d+ ms, 0 bytes\n$/)
  })
})

client('wfg() prints the impersonated user with verbose', async () => {
  const given = { run: { verbose: true }, config: { impersonate: 'ada' }, options: { impersonate: 'bob' } }
  await withClient([OK, OK], given, async ({ wfg, host }) => {
    await wfg(QUERY)
    await wfg(QUERY, {}, { impersonate: 'eve' })
    assert.match(host.err, /^query "Q" as bob: 200, .*\nquery "Q" as eve: 200, .*\n$/)
  })
})

client.run()
