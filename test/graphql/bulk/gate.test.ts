import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  AccessTokenError,
  AuthorizationError,
  OutcomeUnknownError,
  TransportError,
} from '../../../runtime/core/errors.ts'
import type { BulkOptions } from '../../../runtime/graphql/client/options.ts'
import type { BulkOutcome } from '../../../runtime/graphql/client/wfg.ts'
import { rejects } from '../../_assert.ts'
import { type Reply, refusedUrl, type ScriptedReply, withServer } from '../../_server.ts'
import {
  type BulkGiven,
  bulkClient,
  CREATE,
  entries,
  type GraphQLServer,
  graphqlServer,
  outcomesOf,
  statuses,
  withJournal,
} from '../_bulk.ts'

const gate = suite('bulk_gate')

const ONE_BY_ONE: BulkOptions = { batchSize: 1, concurrency: 1, retries: 0 }
const ERRORS = { errors: [{ message: 'broken' }] }

/** Outcomes, what reached the server in order (`m` for a mutation, `q` for a query), and what bulk() threw at its end. */
async function run(
  replies: readonly (ScriptedReply | 'execute')[],
  { list = entries(3), bulk = ONE_BY_ONE, ...given }: BulkGiven & { list?: object[]; bulk?: BulkOptions } = {},
): Promise<{ outcomes: BulkOutcome[]; asked: string; executed: readonly number[]; thrown: unknown }> {
  const server = graphqlServer()
  const outcomes: BulkOutcome[] = []
  let thrown: unknown
  let asked = ''
  await withServer(
    replies.map((reply) => (reply === 'execute' ? server.execute : reply)),
    async ({ url, requests }) => {
      const client = bulkClient(url, { address: 'https://workflow.example.com/graphql', ...given })
      try {
        for await (const outcome of client.wfg.bulk(CREATE, list as { n: number }[], bulk)) outcomes.push(outcome)
      } catch (error) {
        thrown = error
      } finally {
        client.close()
      }
      asked = requests.map(({ body }) => (body.includes('mutation') ? 'm' : 'q')).join('')
    },
  )
  return { outcomes, asked, executed: server.executed, thrown }
}

// --- an outage ---

gate('bulk() loses at most the batches in flight in an outage of 20 s', async () => {
  await withJournal(async (journal) => {
    const graphql = graphqlServer()
    const outage = await outageServer(graphql, 1000, 20_000)
    const { wfg, host, close } = bulkClient(outage.url, { slept: outage.slept })
    try {
      const outcomes = await outcomesOf(wfg, entries(2000), { journal })
      assert.is(
        host.err,
        `"${outage.url}/graphql" does not answer correctly. Nothing more is sent until it does, for at most 300 s.\n`,
      )
      const lost = outcomes.filter(({ status }) => status !== 'done')
      assert.ok(lost.length > 0 && lost.length <= 4 * 20, `${lost.length} are not done`)
      for (const { status } of lost) assert.is(status, 'unknown')
      assert.is(outage.refused, true, 'nothing listened during the outage')
      const again = await outcomesOf(wfg, entries(2000), { journal })
      assert.equal(new Set(statuses(again).split(' ')), new Set(['skipped', 'unknown']))
      for (const { index, status } of outcomes) {
        const times = graphql.executions.get(index + 1) ?? 0
        assert.ok(status === 'done' ? times === 1 : times <= 1, `entry ${index} is ${status}: ${times}`)
      }
    } finally {
      close()
      outage.close()
    }
  })
})

gate('bulk() leaves the other entries unsent after a long outage, and a later run sends them', async () => {
  await withJournal(async (journal) => {
    const graphql = graphqlServer()
    const outage = await outageServer(graphql, 100, 301_000)
    const client = bulkClient(outage.url, { slept: outage.slept })
    try {
      const first = await outcomesOf(client.wfg, entries(400), { journal })
      const unsent = first.filter(({ status }) => status === 'unsent')
      const unknown = first.filter(({ status }) => status === 'unknown')
      assert.ok(unknown.length <= 80 && unsent.length >= 200, `${unknown.length} unknown, ${unsent.length} unsent`)
      assert.is(client.incomplete, unsent.length + unknown.length)
      assert.match(
        unsent[0]!.error!.message,
        /^Entry \d+ was not sent: the run ended before its turn\. Cannot go on with the mutation "Create" in bulk: ".*" answered no query for 300 s\. Run it again with the same journal when the server is back\.$/,
      )
      await outage.back()
      for (const { index, status } of await outcomesOf(client.wfg, entries(400), { journal }))
        assert.is(status, { done: 'skipped', unknown: 'unknown', unsent: 'done' }[first[index]!.status as 'done'])
      for (let n = 1; n <= 400; n += 1) {
        const times = graphql.executions.get(n) ?? 0
        assert.ok(first[n - 1]!.status === 'unknown' ? times <= 1 : times === 1, `entry ${n}: ${times}`)
      }
    } finally {
      client.close()
      outage.close()
    }
  })
})

for (const [title, lost] of [
  ['the answer is lost', { fault: 'reset-after-request' }],
  ['a gateway answers 503', { status: 503, body: 'upstream connect error' }],
  ['GraphQL answers 500 without data', { status: 500, body: ERRORS }],
  ['a page comes with a 200', { status: 200, body: '<html></html>' }],
] as const) {
  gate(`bulk() sends no batch until a query is answered: ${title}`, async () => {
    const replies = [lost, { status: 503 }, { status: 500, body: ERRORS }, { fault: 'reset-after-request' } as const]
    const { outcomes, asked, executed } = await run([...replies, 'execute', 'execute', 'execute'])
    assert.is(asked, 'mqqqqmm')
    assert.is(statuses(outcomes), 'unknown done done')
    assert.instance(outcomes[0]?.error, OutcomeUnknownError)
    assert.equal(executed, [2, 3])
  })
}

gate('bulk() treats a query with a GraphQL error as answered', async () => {
  const { asked } = await run([{ status: 502 }, { status: 400, body: ERRORS }, 'execute', 'execute'])
  assert.is(asked, 'mqmm')
})

gate('bulk() sends one batch alone after an outage, and more after it is answered', async () => {
  const graphql = graphqlServer()
  let inFlight = 0
  let most = 0
  let mutations = 0
  const seen: string[] = []
  const reply: ScriptedReply = async (request) => {
    if (!request.body.includes('mutation')) {
      seen.push('q')
      return answer(graphql, request.body)
    }
    const number = ++mutations
    seen.push('m')
    most = Math.max(most, ++inFlight)
    await new Promise((resolve) => setTimeout(resolve, 20))
    inFlight -= 1
    if (number === 4) {
      assert.is(most, 3)
      most = 0
    }
    return number <= 4 ? { status: 503 } : answer(graphql, request.body)
  }
  const replies = Array.from({ length: 12 }, () => reply)
  await withServer(replies, async ({ url }) => {
    const { wfg, close } = bulkClient(url)
    const outcomes = await outcomesOf(wfg, entries(10), { batchSize: 1, concurrency: 3 })
    assert.is(seen.join(''), 'mmmqmqmmmmmm')
    assert.is(outcomes.filter(({ status }) => status === 'unknown').length, 4)
    close()
  })
})

gate('bulk() loses few batches if queries are answered and mutations are not', async () => {
  const outcomes: BulkOutcome[] = []
  let mutations = 0
  const http = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (!body.includes('mutation')) return response.end('{"data":{}}')
    mutations += 1
    return response.writeHead(504).end()
  })
  const { wfg, close } = bulkClient(await listen(http))
  for await (const outcome of wfg.bulk(CREATE, entries(1000), { batchSize: 1 })) outcomes.push(outcome)
  close()
  http.close()
  assert.is(outcomes.filter(({ status }) => status === 'unknown').length, mutations)
  assert.ok(mutations < 60, `${mutations} were sent`)
  assert.is(outcomes.at(-1)?.status, 'unsent')
})

gate('bulk() sends a batch again if it was not executed because of the outage', async () => {
  const busy = { status: 429, body: 'busy' }
  const { outcomes, asked, executed } = await run(['execute', busy, { status: 503 }, 'execute', 'execute', 'execute'])
  assert.is(asked, 'mmqqmm')
  assert.is(statuses(outcomes), 'done done done')
  assert.equal(executed, [1, 2, 3])
})

gate('bulk() does not send an upload again because of an outage', async () => {
  const list = [{ n: 1, text: new Blob(['x']) }, { n: 2 }]
  const { outcomes, asked } = await run([{ status: 429 }, 'execute', 'execute'], { list })
  assert.is(asked, 'mqm')
  assert.is(statuses(outcomes), 'failed done')
})

gate('bulk() rejects with the reason when the signal aborts during an outage', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const ending: ScriptedReply = () => {
    controller.abort(reason)
    return { status: 503 }
  }
  const { outcomes, thrown, asked } = await run([{ status: 503 }, ending], {
    bulk: { ...ONE_BY_ONE, signal: controller.signal },
  })
  assert.is(asked, 'mq')
  assert.is(thrown, reason)
  assert.is(statuses(outcomes), 'unknown')
})

gate('bulk() does not wait for the server with outageMs: 0', async () => {
  const { outcomes, asked, thrown } = await run([{ status: 503 }], { bulk: { ...ONE_BY_ONE, outageMs: 0 } })
  assert.is(asked, 'm')
  assert.is(statuses(outcomes), 'unknown unsent unsent')
  assert.is(thrown, undefined)
})

// --- errors that end the run ---

for (const [title, reply, first, error] of [
  ['404', { status: 404, body: '<html></html>' }, 'unsent', TransportError],
  ['a redirect', { status: 302, headers: { location: 'https://login.test/' } }, 'unsent', TransportError],
  ['405', { status: 405 }, 'unsent', TransportError],
  ['a 403 of GraphQL', { status: 403, body: ERRORS }, 'unsent', AuthorizationError],
  ['a 403 of somebody else', { status: 403, body: '<html></html>' }, 'unknown', OutcomeUnknownError],
] as const) {
  gate(`bulk() ends the run at ${title}, and a later run sends the other entries`, async () => {
    await withJournal(async (journal) => {
      const bulk = { ...ONE_BY_ONE, journal }
      const { outcomes, thrown, asked } = await run([reply], { bulk })
      assert.is(asked, 'm')
      assert.instance(thrown, error)
      assert.is(statuses(outcomes), `${first} unsent unsent`)
      const again = await run(first === 'unsent' ? ['execute', 'execute', 'execute'] : ['execute', 'execute'], { bulk })
      assert.is(statuses(again.outcomes), `${first === 'unsent' ? 'done' : 'unknown'} done done`)
    })
  })
}

gate('bulk() ends the run at a second 401', async () => {
  const { outcomes, thrown, asked } = await run([{ status: 401 }, { status: 401 }])
  assert.is(asked, 'mm')
  assert.instance(thrown, AuthorizationError)
  assert.is(statuses(outcomes), 'unsent unsent unsent')
})

gate('bulk() ends the run when nothing listens at the address', async () => {
  const client = bulkClient(await refusedUrl())
  const outcomes: BulkOutcome[] = []
  const error = await rejects(
    async () => {
      for await (const outcome of client.wfg.bulk(CREATE, entries(3), { batchSize: 2 })) outcomes.push(outcome)
    },
    { instance: TransportError, code: 'WFG_NETWORK' },
  )
  client.close()
  assert.is(statuses(outcomes), 'unsent unsent unsent')
  assert.is(
    outcomes[2]?.error?.message,
    `Entry 2 was not sent: the run ended before its turn. ${error.message}`,
    'each says why',
  )
  assert.is(client.incomplete, 3)
})

gate('bulk() ends the run when the token is refused while it waits for the server', async () => {
  const { outcomes, thrown, asked } = await run([{ status: 503 }, { status: 401 }, { status: 401 }])
  assert.is(asked, 'mqq')
  assert.instance(thrown, AuthorizationError)
  assert.is(statuses(outcomes), 'unknown unsent unsent')
})

gate('bulk() also waits for a token during an outage, except after a permanent error', async () => {
  for (const permanent of [false, true]) {
    let given = 0
    const token = async () => {
      given += 1
      if (given === 2) throw new AccessTokenError('no token', { permanent })
      return 'token'
    }
    const replies = permanent ? [] : (['execute', 'execute', 'execute'] as const)
    const { outcomes, thrown } = await run([{ status: 503 }, ...replies], { token })
    assert.is(statuses(outcomes), permanent ? 'unknown unsent unsent' : 'unknown done done')
    assert.is(thrown instanceof AccessTokenError, permanent)
  }
})

// --- internal ---

async function answer({ execute }: GraphQLServer, body: string): Promise<Reply> {
  return (execute as (request: { body: string }) => Promise<Reply>)({ body })
}

async function listen(http: Server, port = 0): Promise<string> {
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

/**
 * Executes so many entries and then goes away in the middle of its work: every connection is cut, after the mutation was
 * executed, and nothing listens any more until `awayMs` of the client's time have passed.
 */
async function outageServer(graphql: GraphQLServer, entriesBefore: number, awayMs: number) {
  let isAway = false
  let wasAway = false
  let goneAtMs = 0
  let sleptMs = 0
  let http = create()
  const url = await listen(http)
  const port = (http.address() as AddressInfo).port

  function create(): Server {
    return createServer(async (request, response) => {
      let body = ''
      try {
        for await (const chunk of request) body += chunk
      } catch {
        return // cut together with the others
      }
      const { status, body: json } = await answer(graphql, body)
      if (!wasAway && graphql.executed.length >= entriesBefore) {
        isAway = wasAway = true
        goneAtMs = sleptMs
        http.close()
        http.closeAllConnections()
      }
      if (!response.destroyed)
        response.writeHead(status!, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    })
  }
  async function back(): Promise<void> {
    if (!isAway) return
    isAway = false
    http = create()
    await listen(http, port)
  }
  return {
    url,
    get refused() {
      return wasAway && !isAway
    },
    back,
    async slept(total: number) {
      sleptMs = total
      if (isAway && total - goneAtMs >= awayMs) await back()
    },
    close() {
      http.close()
      http.closeAllConnections()
    },
  }
}

gate.run()
