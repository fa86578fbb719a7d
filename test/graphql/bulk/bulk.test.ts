import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import {
  AccessTokenError,
  AuthorizationError,
  GraphQLExecutionError,
  GraphQLRequestError,
  OutcomeUnknownError,
  RefusedError,
  type TransportError,
  UsageError,
} from '../../../runtime/core/errors.ts'
import type { BulkOptions } from '../../../runtime/graphql/client/options.ts'
import type { BulkOutcome } from '../../../runtime/graphql/client/wfg.ts'
import { createFake } from '../../../runtime/testing/fake_wfg.ts'
import { hides, rejects } from '../../_assert.ts'
import { type ScriptedReply, type ScriptedServer, withServer } from '../../_server.ts'
import {
  type BulkClient,
  type BulkGiven,
  bulkClient,
  CREATE,
  entries,
  type GraphQLServer,
  graphqlServer,
  listeningServer,
  outcomesOf,
  statuses,
} from '../_bulk.ts'
import { sentOf, shownOf } from '../_client.ts'

const bulk = suite('bulk')

/** A server that executes a number of requests, and a client. */
async function withBulk(
  replies: number | readonly ScriptedReply[],
  given: BulkGiven & { server?: GraphQLServer },
  action: (client: BulkClient, http: ScriptedServer, server: GraphQLServer) => Promise<void>,
): Promise<void> {
  const server = given.server ?? graphqlServer()
  const script = typeof replies === 'number' ? Array.from({ length: replies }, () => server.execute) : replies
  await withServer(script, async (http) => {
    const client = bulkClient(http.url, given)
    try {
      await action(client, http, server)
    } finally {
      client.close()
    }
  })
}

function refuse(...bad: number[]) {
  return (n: number): void => {
    if (bad.includes(n)) throw new Error(`cannot create ${n}`)
  }
}

// --- merging and order ---

bulk('bulk() sends 20 entries in a request, and each outcome has the data of a single call', async () => {
  await withBulk(3, {}, async (client, { requests }) => {
    const { wfg } = client
    const outcomes = await outcomesOf(wfg, entries(45))
    assert.equal(
      outcomes,
      entries(45).map((variables, index) => ({ index, variables, status: 'done', data: { create: { n: index + 1 } } })),
    )
    assert.equal(requests.map(({ body }) => Object.keys(sentOf(body).variables ?? {}).length).sort(), [20, 20, 5])
    assert.is(client.incomplete, 0)
  })
})

bulk('bulk() yields the outcomes in the order of the list, whatever the order of the responses', async () => {
  const server = graphqlServer()
  let left = 3
  const slow: ScriptedReply = async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 20 * left--))
    return (server.execute as (given: typeof request) => Promise<object>)(request)
  }
  await withBulk([slow, slow, slow], { server }, async ({ wfg }) => {
    const outcomes = await outcomesOf(wfg, entries(6), { batchSize: 2 })
    assert.equal(
      outcomes.map(({ index }) => index),
      [0, 1, 2, 3, 4, 5],
    )
  })
})

bulk('bulk() sends a single entry with the author’s document', async () => {
  await withBulk(1, {}, async ({ wfg }, { requests }) => {
    await outcomesOf(wfg, [{ n: 1 }])
    assert.equal(sentOf(requests[0]!.body), { query: CREATE, variables: { n: 1 }, operationName: 'Create' })
  })
})

bulk('bulk() reads a limited number ahead, and sends nothing after the loop is left', async () => {
  let read = 0
  async function* endless() {
    for (;;) yield { n: ++read }
  }
  const server = graphqlServer()
  const http = await listeningServer(server, () => 0)
  const client = bulkClient(http.url)
  try {
    const outcomes = client.wfg.bulk(CREATE, endless(), { batchSize: 2, concurrency: 2 })
    for await (const { index } of outcomes) {
      assert.ok(read <= index + 2 * 2 * 6, `read ${read} at ${index}`)
      if (index === 50) break
    }
    assert.is(outcomes.summary.done, server.executed.length, 'what was in flight came to its end')
    const sent = server.executed.length
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.is(server.executed.length, sent, 'nothing is sent after the loop was left')
  } finally {
    client.close()
    http.close()
  }
})

bulk('bulk() yields outcomes while the list waits', async () => {
  let more = () => {}
  async function* waiting() {
    yield { n: 1 }
    yield { n: 2 }
    await new Promise<void>((resolve) => {
      more = resolve
    })
    yield { n: 3 }
  }
  await withBulk(2, {}, async ({ wfg }) => {
    const outcomes = wfg.bulk(CREATE, waiting(), { batchSize: 2 })
    assert.is((await outcomes.next()).value?.index, 0)
    assert.is((await outcomes.next()).value?.index, 1)
    more()
    assert.is((await outcomes.next()).value?.index, 2)
    assert.ok((await outcomes.next()).done)
  })
})

bulk('bulk() sends as many requests at once as concurrency allows', async () => {
  const server = graphqlServer()
  let inFlight = 0
  let most = 0
  const counted: GraphQLServer = {
    ...server,
    async execute(request) {
      most = Math.max(most, ++inFlight)
      await new Promise((resolve) => setTimeout(resolve, 15))
      inFlight -= 1
      return (server.execute as (given: typeof request) => Promise<object>)(request)
    },
  }
  await withBulk(9, { server: counted }, async ({ wfg }) => {
    await outcomesOf(wfg, entries(9), { batchSize: 1, concurrency: 3 })
    assert.is(most, 3)
  })
})

bulk('bulk() counts the outcomes and reports progress, with the total of an array', async () => {
  await withBulk(2, { server: graphqlServer({ check: refuse(2) }) }, async (client) => {
    const { wfg } = client
    const told: unknown[] = []
    const outcomes = wfg.bulk(CREATE, entries(3), {
      batchSize: 2,
      concurrency: 1,
      onProgress: (...words) => told.push(words),
    })
    for await (const outcome of outcomes) assert.ok(outcome)
    assert.equal(told, [
      [2, 3],
      [3, 3],
    ])
    assert.equal(outcomes.summary, { done: 2, failed: 1, unknown: 0, skipped: 0, unsent: 0 })
    assert.is(client.incomplete, 1)
  })
})

bulk('bulk() ends at once for an empty list', async () => {
  await withBulk(0, {}, async ({ wfg }) => {
    assert.equal(await outcomesOf(wfg, []), [])
  })
})

// --- outcomes of an entry ---

bulk('bulk() fails only one entry of a batch when the payload is nullable', async () => {
  await withBulk(1, { server: graphqlServer({ check: refuse(2) }) }, async ({ wfg }) => {
    const outcomes = await outcomesOf(wfg, entries(3))
    assert.is(statuses(outcomes), 'done failed done')
    const { data } = outcomes[1]!
    const error = outcomes[1]?.error as GraphQLExecutionError
    assert.instance(error, GraphQLExecutionError)
    assert.is(error.message, 'Cannot execute the mutation "Create" completely: create: cannot create [value of n]')
    assert.equal(error.errors[0]?.path, ['create'])
    assert.equal(error.data, { create: null })
    assert.is(data, undefined)
  })
})

bulk(
  'bulk() fails the entry in the error path and leaves the others unknown when the payload is non-null',
  async () => {
    const server = graphqlServer({ strict: true, check: refuse(2) })
    await withBulk(1, { server }, async ({ wfg }) => {
      const outcomes = await outcomesOf(wfg, entries(4))
      assert.is(statuses(outcomes), 'unknown failed unknown unknown')
      assert.instance(outcomes[1]?.error, GraphQLExecutionError)
      assert.instance(outcomes[0]?.error, OutcomeUnknownError)
      assert.match(outcomes[0]!.error!.message, 'the answer to its batch came without data: 200: cannot create [value]')
      assert.equal(server.executed, [1], 'the first was executed, and none a second time')
    })
  },
)

bulk('bulk() splits a batch that was not executed until the wrong entry is alone', async () => {
  const server = graphqlServer()
  await withBulk(9, { server }, async ({ wfg }, { requests }) => {
    const list = entries(16).map(({ n }) => ({ n: n === 6 ? 'six' : n }))
    const outcomes = await outcomesOf(wfg, list)
    for (const { index, status } of outcomes) assert.is(status, index === 5 ? 'failed' : 'done')
    const error = outcomes[5]?.error as GraphQLRequestError
    assert.instance(error, GraphQLRequestError)
    assert.match(error.message, /^Cannot execute the mutation "Create": Variable "\$n" got invalid value \[value\]/)
    assert.equal(
      [...server.executions.values()].filter((times) => times !== 1),
      [],
    )
    assert.is(requests.length, 9)
  })
})

bulk('bulk() splits a batch that was too large, and fails an entry that is too large alone', async () => {
  const server = graphqlServer()
  const limited: ScriptedReply = (request) =>
    request.body.length > 400
      ? { status: 413, body: '<html>too large</html>' }
      : (server.execute as (given: typeof request) => Promise<object>)(request)
  await withBulk(
    Array.from({ length: 7 }, () => limited),
    { server },
    async ({ wfg }) => {
      const document = 'mutation C($input: Input) { create(input: $input) { n } }'
      const list = [1, 2, 3, 4].map((n) => ({ input: { n, text: 'x'.repeat(n === 3 ? 500 : 90) } }))
      const outcomes = await outcomesOf(wfg, list, {}, document)
      assert.is(statuses(outcomes), 'done done failed done')
      assert.is((outcomes[2]!.error as TransportError).status, 413)
      assert.equal([...server.executed].sort(), [1, 2, 4])
    },
  )
})

bulk('bulk() leaves a batch unknown when its response is lost, and does not send it again', async () => {
  const server = graphqlServer()
  const replies = [{ fault: 'reset-after-request' as const }, server.execute, server.execute]
  await withBulk(replies, { server }, async ({ wfg }) => {
    const outcomes = await outcomesOf(wfg, entries(4), { batchSize: 2, concurrency: 1 })
    assert.is(statuses(outcomes), 'unknown unknown done done')
    assert.instance(outcomes[0]?.error, OutcomeUnknownError)
    assert.equal(server.executed, [3, 4])
  })
})

bulk('bulk() sends a batch again after a lost response with idempotent: true', async () => {
  const server = graphqlServer()
  await withBulk([{ fault: 'reset-after-request' }, server.execute], { server }, async ({ wfg }) => {
    assert.is(statuses(await outcomesOf(wfg, entries(2), { idempotent: true })), 'done done')
  })
})

bulk('bulk() fails the entries of a batch that the server refuses, and continues', async () => {
  const server = graphqlServer()
  await withBulk([{ status: 415, body: 'no' }, server.execute], { server }, async ({ wfg }) => {
    const outcomes = await outcomesOf(wfg, entries(4), { batchSize: 2, concurrency: 1 })
    assert.is(statuses(outcomes), 'failed failed done done')
    assert.is((outcomes[0]!.error as TransportError).status, 415)
  })
})

const payload = (n: number) => ({ n })

/** Title, answer, statuses of a batch of two. */
const ANSWERS: readonly (readonly [string, object, string])[] = [
  ['a payload is null without an error', { data: { b0_create: null, b1_create: payload(2) } }, 'done done'],
  [
    'an error without a path explains a payload that is null',
    { data: { b0_create: null, b1_create: payload(2) }, errors: [{ message: 'no' }] },
    'unknown done',
  ],
  [
    'an error without a path explains nothing',
    { data: { b0_create: payload(1), b1_create: payload(2) }, errors: [{ message: 'no' }] },
    'unknown unknown',
  ],
  [
    'an error without a path comes beside one with',
    {
      data: { b0_create: null, b1_create: payload(2) },
      errors: [{ message: 'no' }, { message: 'a', path: ['b0_create'] }],
    },
    'failed unknown',
  ],
  ['there is neither data nor an error', { data: null }, 'unknown unknown'],
  ['no path goes with data: null', { data: null, errors: [{ message: 'no' }] }, 'unknown unknown'],
  ['the path is of no entry', { data: null, errors: [{ message: 'no', path: ['b9_create'] }] }, 'unknown unknown'],
  ['the data is no object', { data: 'fine' }, 'unknown unknown'],
  ['the data is a list', { data: [payload(1), payload(2)] }, 'unknown unknown'],
  ['an entry is not in the data', { data: { b0_create: payload(1) } }, 'done unknown'],
  ['the server took the aliases away', { data: { create: payload(1) } }, 'unknown unknown'],
  [
    'an error is inside a payload',
    { data: { b0_create: { n: null }, b1_create: payload(2) }, errors: [{ message: 'no', path: ['b0_create', 'n'] }] },
    'failed done',
  ],
]
for (const [title, body, expected] of ANSWERS) {
  bulk(`bulk() gives "${expected}" when ${title}`, async () => {
    await withBulk([{ body }], {}, async ({ wfg }) => {
      const outcomes = await outcomesOf(wfg, entries(2))
      assert.is(statuses(outcomes), expected)
      for (const { status, error } of outcomes) assert.is(error === undefined, status === 'done')
    })
  })
}

bulk('bulk() keeps the data of an entry that an error without a path leaves unknown', async () => {
  const body = { data: { b0_create: payload(1), b1_create: payload(2) }, errors: [{ message: 'no' }] }
  await withBulk([{ body }], {}, async ({ wfg }) => {
    assert.equal((await outcomesOf(wfg, entries(2)))[1]?.data, { create: { n: 2 } })
  })
})

bulk('bulk() leaves an entry unknown when the response lacks one of its fields, except by a directive', async () => {
  const document =
    'mutation ($n: Int, $both: Boolean!) { ...Both } fragment Both on Mutation { create(n: $n) { n } ...Other @include(if: $both) } fragment Other on Mutation { other(n: $n) { n } }'
  const list = [
    { n: 1, both: false },
    { n: 2, both: true },
  ]
  await withBulk(1, {}, async ({ wfg }) => {
    assert.equal(
      (await outcomesOf(wfg, list, {}, document)).map(({ data }) => data),
      [{ create: { n: 1 } }, { create: { n: 2 }, other: { n: 2 } }],
    )
  })
  const lacking = { body: { data: { b0_a: payload(1), b1_a: payload(2), b1_b: payload(2) } } }
  await withBulk([lacking], {}, async ({ wfg }) => {
    const [first, second] = await outcomesOf(
      wfg,
      entries(2),
      {},
      'mutation ($n: Int) { a: create(n: $n) { n } b: other(n: $n) { n } }',
    )
    assert.equal([first?.status, first?.data, second?.status], ['unknown', { a: { n: 1 } }, 'done'])
  })
})

bulk('bulk() fails the entries for which the schema throws', async () => {
  const cause = new Error('of the schema')
  const schema = v.pipe(
    v.object({ create: v.object({ n: v.number() }) }),
    v.transform(({ create }) => {
      if (create.n === 2) throw cause
      return create.n
    }),
  )
  await withBulk(1, {}, async ({ wfg }) => {
    const outcomes = await outcomesOf(wfg, entries(3), { schema })
    assert.equal(
      outcomes.map(({ status, data }) => [status, data]),
      [
        ['done', 1],
        ['failed', undefined],
        ['done', 3],
      ],
    )
    assert.is(
      outcomes[1]?.error?.message,
      'Cannot use the answer to the mutation "Create": the call\'s schema threw an error.',
    )
    assert.is(outcomes[1]?.error?.cause, cause)
  })
})

bulk('bulk() returns all fields of a mutation with several', async () => {
  const document = 'mutation ($n: Int) { mine: create(n: $n) { n } other(n: $n) { text } }'
  await withBulk(1, {}, async ({ wfg }) => {
    const [, second] = await outcomesOf(wfg, entries(2), {}, document)
    assert.equal(second?.data, { mine: { n: 2 }, other: { text: null } })
  })
})

bulk('bulk() checks the data of every entry against the schema', async () => {
  const schema = v.object({
    create: v.pipe(
      v.object({ n: v.pipe(v.number(), v.maxValue(1)) }),
      v.transform(({ n }) => `no. ${n}`),
    ),
  })
  await withBulk(1, {}, async ({ wfg }) => {
    const [first, second] = await outcomesOf(wfg, entries(2), { schema })
    assert.equal(first?.data, { create: 'no. 1' })
    assert.is(second?.status, 'failed')
    assert.match(second!.error!.message, 'create.n: expected <=1')
  })
})

// --- entries that are sent alone ---

bulk('bulk() sends an entry with an upload alone, and the others merged', async () => {
  const text = await new Promise<string[]>((resolve, reject) => {
    const seen: string[] = []
    const server = graphqlServer()
    const plain: ScriptedReply = (request) => {
      seen.push(request.headers['content-type']!.split(';')[0]!)
      if (seen.at(-1) === 'application/json')
        return (server.execute as (given: typeof request) => Promise<object>)(request)
      return { body: { data: { create: { n: 3 } } } }
    }
    withBulk([plain, plain, plain], { server }, async ({ wfg }) => {
      const list = [{ n: 1 }, { n: 2 }, { n: 3, text: new Blob(['x']) }, { n: 4 }]
      assert.is(statuses(await outcomesOf(wfg, list, { concurrency: 1 })), 'done done done done')
      resolve(seen)
    }).catch(reject)
  })
  assert.equal(text, ['application/json', 'multipart/form-data', 'application/json'])
})

bulk('bulk() fails an entry that cannot be sent, and sends the others', async () => {
  await withBulk(1, {}, async ({ wfg }, _http, server) => {
    const list = [{ n: 1 }, { n: Number.NaN }, null as never, { n: 4 }]
    const outcomes = await outcomesOf(wfg, list)
    assert.is(statuses(outcomes), 'done failed failed done')
    assert.instance(outcomes[1]?.error, UsageError)
    assert.is(
      outcomes[1]?.error?.message,
      'Cannot send entry 1: Cannot send variables.n: it is not a finite number; expected a JSON value or a file.',
    )
    assert.match(outcomes[2]!.error!.message, 'Cannot send entry 2: it is not an object')
    assert.equal(server.executed, [1, 4])
  })
})

bulk('bulk() sends entries one by one when the document cannot be merged', async () => {
  const document = 'mutation ($n: Int) @include(if: $yes) { create(n: $n) { n } }'
  const answer = { body: { data: { create: { n: 1 } } } }
  await withBulk([answer, answer], {}, async ({ wfg }, { requests }) => {
    assert.is(statuses(await outcomesOf(wfg, entries(2), {}, document)), 'done done')
    assert.is(sentOf(requests[0]!.body).query, document)
  })
})

// --- end of a run ---

bulk('bulk() throws after the known outcomes when there is no token', async () => {
  let given = 0
  const token = async () => {
    given += 1
    if (given > 1) throw new AccessTokenError('no token')
    return 'token'
  }
  await withBulk(1, { token }, async ({ wfg }) => {
    const outcomes: BulkOutcome[] = []
    const error = await rejects(
      async () => {
        const options = { batchSize: 2, concurrency: 1 }
        for await (const outcome of wfg.bulk(CREATE, entries(50), options)) outcomes.push(outcome)
      },
      { instance: AccessTokenError },
    )
    assert.is(error.message, 'no token')
    assert.is(statuses(outcomes.slice(0, 3)), 'done done unsent')
    assert.is(outcomes.length, 50)
    assert.is(outcomes[2]?.error?.message, 'Entry 2 was not sent: the run ended before its turn. no token')
    assert.is(given, 2, 'nothing more was tried')
  })
})

bulk('bulk() throws when WorkflowGen refuses the client', async () => {
  const refused = { status: 401, body: 'no' }
  await withBulk([refused, refused], {}, async ({ wfg }) => {
    await rejects(outcomesOf(wfg, entries(3)), { instance: AuthorizationError })
  })
})

bulk('bulk() waits for batches in flight when another batch ends the run, and yields their outcomes', async () => {
  const server = graphqlServer()
  const slow: ScriptedReply = async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    return (server.execute as (given: typeof request) => Promise<object>)(request)
  }
  const refused = { status: 403, body: { errors: [{ message: 'no' }] } }
  await withBulk([slow, refused], { server }, async ({ wfg }) => {
    const outcomes: BulkOutcome[] = []
    await rejects(
      async () => {
        const options = { batchSize: 1, concurrency: 2 }
        for await (const outcome of wfg.bulk(CREATE, entries(9), options)) outcomes.push(outcome)
      },
      { instance: AuthorizationError },
    )
    assert.is(statuses(outcomes.slice(0, 3)), 'done unsent unsent')
    assert.is(outcomes.length, 9)
  })
})

bulk('bulk() leaves entries in flight unknown and throws the reason when the signal aborts', async () => {
  const controller = new AbortController()
  const stop = new Error('enough')
  const abort: ScriptedReply = async () => {
    controller.abort(stop)
    return { fault: 'stall' }
  }
  await withBulk([abort], {}, async ({ wfg }) => {
    const outcomes: BulkOutcome[] = []
    const error = await rejects(async () => {
      const options = { batchSize: 2, concurrency: 1, signal: controller.signal }
      for await (const outcome of wfg.bulk(CREATE, entries(9), options)) outcomes.push(outcome)
    })
    assert.is(error, stop)
    assert.is(statuses(outcomes), 'unknown unknown')
  })
})

bulk('bulk() throws an error of the list after the outcomes of the entries before it', async () => {
  function* broken() {
    yield { n: 1 }
    yield { n: 2 }
    throw new Error('row 3 is broken')
  }
  await withBulk(1, {}, async ({ wfg }) => {
    const outcomes: BulkOutcome[] = []
    const error = await rejects(async () => {
      for await (const outcome of wfg.bulk(CREATE, broken(), { batchSize: 2 })) outcomes.push(outcome)
    })
    assert.is(error.message, 'row 3 is broken')
    assert.is(statuses(outcomes), 'done done')
  })
})

// --- guards ---

bulk('bulk() shows the entries of a dry run and skips them all', async () => {
  await withBulk(0, { run: { dryRun: true } }, async (client) => {
    const { wfg, host } = client
    const outcomes = await outcomesOf(wfg, entries(2))
    assert.equal(outcomes, [
      { index: 0, variables: { n: 1 }, status: 'skipped' },
      { index: 1, variables: { n: 2 }, status: 'skipped' },
    ])
    assert.match(host.err, /would send the mutation "Create" with \{\n {2}"n": 1\n\}\nmutation Create.*"n": 2/s)
    assert.is(client.incomplete, 0)
  })
})

bulk('bulk() shows the first three entries of a dry run and counts the others, unless verbose', async () => {
  await withBulk(0, { run: { dryRun: true } }, async ({ wfg, host }) => {
    await outcomesOf(wfg, entries(200))
    assert.is(host.err.match(/would send/g)?.length, 3)
    assert.match(host.err, /"n": 3\n\}\ndry run: … and 197 more; --verbose shows all\.\n$/)
  })
  await withBulk(0, { run: { dryRun: true } }, async ({ wfg, host }) => {
    await outcomesOf(wfg, entries(3))
    assert.not.match(host.err, 'more')
  })
  await withBulk(0, { run: { dryRun: true, verbose: true } }, async ({ wfg, host }) => {
    await outcomesOf(wfg, entries(5))
    assert.is(host.err.match(/would send/g)?.length, 5)
    assert.not.match(host.err, 'more')
  })
})

bulk('bulk() sends nothing if only reading is allowed, or a protected profile was not confirmed', async () => {
  await withBulk(0, { options: { access: 'read' } }, async ({ wfg }) => {
    await rejects(outcomesOf(wfg, entries(2)), { instance: RefusedError, message: /access: 'read'/ })
  })
  await withBulk(0, { protected: true }, async ({ wfg }) => {
    await rejects(outcomesOf(wfg, entries(2)), { instance: RefusedError, message: /protected/ })
  })
})

/** Title, call, message. */
const WRONG: readonly (readonly [string, { document?: string; list?: unknown; options?: BulkOptions }, RegExp])[] = [
  ['a query', { document: 'query Q { a }' }, /^Cannot run the query "Q" in bulk: it is not a mutation/],
  ['no list', { list: { n: 1 } }, /the second argument is not a list/],
  ['a text as the list', { list: 'abc' }, /the second argument is not a list/],
  ['a batchSize of 0', { options: { batchSize: 0 } }, /batchSize: it is 0; expected a whole number from 1 to 100/],
  ['a concurrency of 101', { options: { concurrency: 101 } }, /concurrency: it is 101/],
  ['retries of 11', { options: { retries: 11 } }, /retries/],
  ['an authorization header', { options: { headers: { Authorization: 'x' } } }, /authorization/],
  ['a document with an error', { document: 'mutation {' }, /Cannot read the GraphQL document/],
]
for (const [title, { document = CREATE, list = [{ n: 1 }], options = {} }, message] of WRONG) {
  bulk(`bulk() refuses ${title} before anything is sent`, async () => {
    await withBulk(0, {}, async ({ wfg }) => {
      await rejects(outcomesOf(wfg, list as never, options, document), { message })
    })
  })
}

bulk('bulk() of fakeWfg() makes one call for each entry, and an answer that throws fails its entry', async () => {
  const wfg = createFake({
    Create: ({ n }) => {
      if (n === 2) throw new Error('no room')
      return { create: { n } }
    },
  })
  const outcomes = await outcomesOf(wfg, entries(3))
  assert.is(statuses(outcomes), 'done failed done')
  assert.equal(
    wfg.calls.map(({ variables }) => variables),
    entries(3),
  )
  wfg.assertDone()
})

bulk('bulk() shows no value of an entry in the error of another', async () => {
  const server = graphqlServer({
    strict: true,
    check: (n) => {
      if (n === 4711) throw new Error('4711 is taken')
    },
  })
  await withBulk(1, { server }, async ({ wfg }) => {
    for (const { error } of await outcomesOf(wfg, [{ n: 1 }, { n: 4711 }])) hides(shownOf(error), '4711')
  })
})

bulk.run()
