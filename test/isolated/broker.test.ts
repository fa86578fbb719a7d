/** The broker of isolated runs: who may use it, and what it sends of what it is asked for. */
import { request as httpRequest } from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Broker, startBroker } from '../../runtime/isolated/broker.ts'
import { grantsOf } from '../../runtime/tasks/registry/grants.ts'
import { runSettings, type Session } from '../../runtime/tasks/run/session.ts'
import { networkHost } from '../../runtime/transport/open_transport.ts'
import { type ScriptedReply, scriptedServer } from '../_server.ts'

const broker = suite('isolated/broker')

interface Asked {
  readonly status: number
  /** The message of an error of the broker itself. */
  readonly refused: string | undefined
  readonly body: string
}

type Ask = (
  body: unknown,
  options?: { headers?: Record<string, string | undefined>; method?: string; path?: string },
) => Promise<Asked>

async function withBroker(
  replies: readonly ScriptedReply[],
  work: (ask: Ask, opened: Broker, sent: () => string[]) => Promise<void>,
  { access = 'write', mutations }: { access?: 'read' | 'write'; mutations?: number } = {},
): Promise<void> {
  const server = await scriptedServer(replies)
  const host = networkHost()
  const session = {
    host,
    runSettings: runSettings({}, access),
    clientContext: { inFlight: new Set() },
    connect: async () => ({
      config: { profile: 'x', graphqlUrl: new URL(server.url), impersonateHeader: 'x-as', impersonate: undefined },
      token: { get: async () => 'the-token', invalidate() {} },
    }),
  } as unknown as Session
  const opened = await startBroker(session, grantsOf({ mutations, impersonate: ['ann'] }, '/')!)
  const ask: Ask = (body, { headers = {}, method = 'POST', path = '/' } = {}) =>
    new Promise((resolve, reject) => {
      const all = {
        ...{ authorization: `Bearer ${opened.key}`, 'content-type': 'application/json' },
        ...{ host: `127.0.0.1:${opened.port}`, ...headers },
      }
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
      const request = httpRequest(
        { port: opened.port, host: '127.0.0.1', method, path, headers: given },
        (response) => {
          let text = ''
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () => {
            const isOwn = response.headers['x-wfg-error'] !== undefined
            resolve({ status: response.statusCode!, refused: isOwn ? JSON.parse(text).message : undefined, body: text })
          })
        },
      )
      request.on('error', reject)
      request.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  try {
    await work(ask, opened, () => server.requests.map((request) => JSON.parse(request.body).query.replace(/\s+/g, ' ')))
  } finally {
    opened.close()
    host.transport.close()
    await server.close()
  }
}

const OK = { body: { data: { a: 1 } } }

broker('answers the key of its run alone, from the start of the run to its end', async () => {
  await withBroker([OK], async (ask, opened, sent) => {
    const query = { query: '{ a }' }
    assert.match(String((await ask(query)).refused), /the run has not begun/)
    opened.open()
    assert.is((await ask(query)).body, '{"data":{"a":1}}')
    const foreign = [
      { headers: { authorization: undefined } },
      { headers: { authorization: `Bearer ${'A'.repeat(opened.key.length)}` } },
      { headers: { authorization: `bearer ${opened.key}` } },
      { headers: { origin: 'null' } },
      { headers: { host: `localhost:${opened.port}` } },
      { method: 'GET' },
      { method: 'PUT' },
      { path: '/graphql' },
      { headers: { 'x-mine': '1' } },
      { headers: { 'x-as': 'bob' } },
      { headers: { 'content-type': 'text/plain' } },
    ]
    for (const options of foreign) {
      const found = await ask(options.method === 'GET' ? '' : query, options)
      assert.ok(found.refused, JSON.stringify(options))
    }
    assert.is(sent().length, 1)
    opened.close()
    const error = await ask(query).catch(({ code }) => code)
    assert.is(error, 'ECONNREFUSED')
  })
})

broker('sends one operation, written anew, without what else the document has', async () => {
  await withBroker([OK, OK], async (ask, opened, sent) => {
    opened.open()
    const two = 'query A { a ...F } mutation B { drop } fragment F on Q { b } fragment G on Q { c } # comment'
    assert.is((await ask({ query: two, operationName: 'A', extensions: { persistedQuery: {} } })).status, 200)
    assert.is((await ask({ query: '{a}', variables: null, operationName: null })).status, 200)
    assert.equal(sent(), ['query A { a ...F } fragment F on Q { b }', '{ a }'])
    const deep = `{ ${'a { '.repeat(200)} b ${'} '.repeat(200)} }`
    const doubling = Array.from({ length: 40 }, (_, n) => `fragment F${n} on Q { ...F${n + 1} ...F${n + 1} }`).join(' ')
    const refused = [
      [{ query: '{ a }' }],
      { query: two },
      { query: 'subscription { a }' },
      { query: '{ a' },
      { query: deep },
      { query: `{ ${'['.repeat(20)} }` },
      { query: `{ a(b: ${'['.repeat(100_000)} }` },
      { query: `{ ${Array.from({ length: 1000 }, (_, n) => `a${n}: a`).join(' ')} }` },
      { query: `{ ...F0 } ${doubling} fragment F40 on Q { a }` },
      { query: '{ ...F } fragment F on Q { ...F }' },
      { query: `{ a(b: "${'x'.repeat(3_000_000)}") }` },
      { variables: {} },
      { query: '{ a }', variables: [] },
      '{',
      'null',
    ]
    for (const body of refused) assert.ok((await ask(body)).refused, JSON.stringify(body).slice(0, 80))
    assert.is(sent().length, 2)
  })
})

broker('refuses mutations to a reader, however they are hidden, and counts their root fields', async () => {
  const hidden = 'query A { a } mutation B @x { ...F @include(if: false) ... on M { c } } fragment F on M { a b }'
  await withBroker(
    [],
    async (ask, opened) => {
      opened.open()
      assert.match(String((await ask({ query: hidden, operationName: 'B' })).refused), /this task may only read/)
    },
    { access: 'read' },
  )
  const replies = [{ status: 401, body: { errors: [{ message: 'no' }] } }, OK, OK]
  await withBroker(
    replies,
    async (ask, opened, sent) => {
      opened.open()
      const send = () => ask({ query: hidden, operationName: 'B' })
      assert.is((await send()).status, 401, 'which proves that nothing was executed, so it does not count')
      assert.is((await send()).status, 200)
      assert.match(String((await send()).refused), /may send 5 root fields of mutations, 3 are sent, and this has 3/)
      assert.is((await ask({ query: 'mutation { a b }' })).status, 200)
      assert.is(sent().length, 3)
    },
    { mutations: 5 },
  )
})

broker.run()
