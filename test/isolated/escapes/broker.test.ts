/** Escapes by the broker: as a hostile process of this computer, and as the script that has the key. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Broker, startBroker } from '../../../runtime/isolated/broker.ts'
import type { Isolation } from '../../../runtime/tasks/registry/entry.ts'
import { grantsOf } from '../../../runtime/tasks/registry/grants.ts'
import { runSettings, type Session } from '../../../runtime/tasks/run/session.ts'
import { networkHost } from '../../../runtime/transport/open_transport.ts'
import { needs } from '../../_not_run.ts'

const broker = suite('isolated/escapes/broker')
const users = needs(
  process.getuid?.() === 0 && existsSync('/usr/bin/setpriv') && existsSync('/bin/bash'),
  'only root can start a process of another user',
  suite('isolated/escapes/broker of another user'),
)

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: string
}

interface Tested {
  readonly opened: Broker
  /** Sends it with the key to the broker, and with the token to WorkflowGen: the body of the answer, or undefined if refused. */
  send(sent: Sent, to?: 'broker' | 'server'): Promise<string | undefined>
  /** Writes bytes to the broker: what it answers. */
  write(text: string): Promise<string>
  /** Documents that reached WorkflowGen. */
  readonly received: string[]
  readonly session: Session
}

const TOKEN = 'token-that-nobody-may-see'

async function withBroker(
  isolated: Isolation,
  access: 'read' | 'write',
  work: (tested: Tested) => Promise<void>,
): Promise<void> {
  const received: string[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      received.push(text)
      response.writeHead(200, { 'content-type': 'application/json', 'x-token': TOKEN }).end('{"data":{"a":1}}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const host = networkHost()
  const session = {
    host,
    runSettings: runSettings({}, access),
    clientContext: { inFlight: new Set() },
    connect: async () => ({
      config: {
        profile: 'x',
        graphqlUrl: new URL(`http://127.0.0.1:${port}/`),
        impersonateHeader: 'x-as',
        impersonate: undefined,
      },
      token: { get: async () => TOKEN, invalidate() {} },
    }),
  } as unknown as Session
  const opened = await startBroker(session, grantsOf(isolated, '/')!)
  opened.open()
  const send: Tested['send'] = ({ method = 'POST', path = '/', headers, body = '{"query":"{ a }"}' }, to = 'broker') =>
    new Promise((resolve, reject) => {
      const target = to === 'broker' ? opened.port : port
      const all = {
        ...{ authorization: `Bearer ${to === 'broker' ? opened.key : TOKEN}`, 'content-type': 'application/json' },
        ...{ host: `127.0.0.1:${target}`, ...headers },
      }
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
      const request = httpRequest({ port: target, host: '127.0.0.1', method, path, headers: given }, (response) => {
        if (to === 'broker' && JSON.stringify(response.headers).includes(TOKEN)) reject(new Error('it passed a header'))
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(response.statusCode === 200 ? text : undefined))
      })
      request.on('error', (error) => (to === 'broker' ? resolve(undefined) : reject(error)))
      request.end(body)
    })
  const write: Tested['write'] = (text) =>
    new Promise((resolve) => {
      let answer = ''
      const socket = connect(opened.port, '127.0.0.1', () => socket.write(text))
      socket.setEncoding('utf8').on('data', (chunk) => {
        answer += chunk
        socket.destroy()
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(answer))
    })
  try {
    await work({ opened, send, write, received, session })
  } finally {
    opened.close()
    host.transport.close()
    server.closeAllConnections()
    server.close()
  }
}

const document = (query: string, more: object = {}) => ({ body: JSON.stringify({ query, ...more }) })
const fields = (count: number) => Array.from({ length: count }, (_, n) => `a${n}: a`).join(' ')
const HIDDEN = 'query A { a } mutation B { ...F } fragment F on M { drop }'

/** As another process, or a page in a browser, would ask. */
const FOREIGN: Readonly<Record<string, Sent>> = {
  'no key': { headers: { authorization: undefined } },
  'an empty key': { headers: { authorization: 'Bearer ' } },
  'a guessed key': { headers: { authorization: `Bearer ${'A'.repeat(32)}` } },
  'a very long key': { headers: { authorization: `Bearer ${'A'.repeat(8000)}` } },
  'an origin': { headers: { origin: 'http://127.0.0.1' } },
  'an origin of a file': { headers: { origin: 'null' } },
  'a foreign host, as after a rebinding of DNS': { headers: { host: 'evil.example' } },
  'the host by name': { headers: { host: 'localhost' } },
  GET: { method: 'GET', path: '/?query={a}', body: '' },
  PUT: { method: 'PUT' },
  OPTIONS: { method: 'OPTIONS', body: '' },
  'another path': { path: '/graphql' },
  'a parameter': { path: '/?query={a}' },
  'a whole address': { path: 'http://evil.example/' },
}

/** As the script would ask, which has the key. All of it is answered by WorkflowGen. */
const BY_THE_SCRIPT: Readonly<Record<string, Sent>> = {
  'a mutation': document('mutation { drop }'),
  'a mutation by its name': document('query A { a } mutation B { drop }', { operationName: 'B' }),
  'a mutation by a fragment': document(HIDDEN, { operationName: 'B' }),
  'a mutation by a directive': document('mutation M @live { drop @skip(if: false) @include(if: true) }'),
  'a mutation after a comment': document('# query {\nmutation { drop }'),
  'a mutation after a mark': document('\ufeffmutation { drop }'),
  'several operations': document('query A { a } query B { b }'),
  'the name of none': document('query A { a }', { operationName: 'B' }),
  'a name that is no text': document('query A { a }', { operationName: ['A'] }),
  'a subscription': document('subscription { a }'),
  'a definition of a type': document('{ a } type A { a: Int }'),
  'a batch': { body: '[{"query":"{ a }"},{"query":"mutation { drop }"}]' },
  'a batch of one': { body: '[{"query":"{ a }"}]' },
  'a persisted query': { body: '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}' },
  'a number of a query': { body: '{"id":"7"}' },
  '1,000 aliases': document(`{ ${fields(1000)} }`),
  '1,000 aliases by fragments': document(
    `{ ${Array.from({ length: 100 }, () => '...F').join(' ')} } fragment F on Q { ${fields(10)} }`,
  ),
  'fragments that double': document(
    `{ ...F0 } ${Array.from({ length: 40 }, (_, n) => `fragment F${n} on Q { ...F${n + 1} ...F${n + 1} }`).join(' ')} fragment F40 on Q { a }`,
  ),
  'a fragment of itself': document('{ ...F } fragment F on Q { ...F }'),
  'a fragment twice': document('{ ...F } fragment F on Q { a } fragment F on Q { b }'),
  'deep nesting': document(`${'{ a '.repeat(5000)}${'}'.repeat(5000)}`),
  'deep lists': document(`{ a(b: ${'['.repeat(50_000)}) }`),
  'a document of 50 MB': document(`{ a } #${'x'.repeat(50_000_000)}`),
  'a header': { headers: { 'x-mine': '1' } },
  'a cookie': { headers: { cookie: 'a=b' } },
  'another method by a header': { headers: { 'x-http-method-override': 'GET' } },
  'a forwarded address': { headers: { 'x-forwarded-for': '127.0.0.1' } },
  'another user': { headers: { 'x-as': 'admin' } },
  'a list of users': { headers: { 'x-as': 'ann, admin' } },
  'a form': { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'query={a}' },
  'a text': { headers: { 'content-type': 'text/plain' } },
  'GraphQL alone': { headers: { 'content-type': 'application/graphql' }, body: '{ a }' },
}

broker('a hostile process or page gets no answer of WorkflowGen', async () => {
  await withBroker({}, 'read', async ({ send, received, opened, write }) => {
    for (const [name, sent] of Object.entries(FOREIGN)) assert.is(await send(sent), undefined, name)
    const line = `Host: 127.0.0.1:${opened.port}\r\n`
    const key = `Authorization: Bearer ${opened.key}\r\n`
    const raw = [
      `CONNECT 127.0.0.1:${opened.port} HTTP/1.1\r\n${line}${key}\r\n`,
      `GET / HTTP/1.1\r\n${line}${key}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      `POST / HTTP/1.1\r\n${line}Host: evil.example\r\n${key}Content-Length: 2\r\n\r\n{}`,
      `POST / HTTP/1.1\r\n${line}${key}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
      `POST / HTTP/1.1\r\n${line}X: ${'x'.repeat(100_000)}\r\n\r\n`,
      '\u0016\u0003\u0001\u0002\u0000',
    ]
    for (const text of raw) assert.not.match(await write(text), /^HTTP\/1\.1 (1|2)/, text.slice(0, 40))
    assert.equal(received, [])
    assert.is(await send({}), '{"data":{"a":1}}', 'the script gets its answer')
    const control = [
      await send({}, 'server'),
      await send({ path: '/graphql' }, 'server'),
      await send({ method: 'PUT' }, 'server'),
    ]
    assert.equal(
      control,
      Array.from({ length: 3 }, () => '{"data":{"a":1}}'),
    )
    opened.close()
    assert.is(await send({}), undefined, 'nothing after the end of the run')
  })
})

broker('the script gets no more than one operation that it may send', async () => {
  await withBroker({ impersonate: ['ann'] }, 'read', async ({ send, received }) => {
    for (const [name, sent] of Object.entries(BY_THE_SCRIPT)) assert.is(await send(sent), undefined, name)
    assert.equal(received, [])
    assert.is(await send({ headers: { 'x-as': 'ann' } }), '{"data":{"a":1}}')
    for (const [name, sent] of Object.entries(BY_THE_SCRIPT))
      assert.ok(await send(sent, 'server'), `without the broker: ${name}`)
  })
})

broker('requests at once cannot send more mutations than the run may', async () => {
  await withBroker({ mutations: 3 }, 'write', async ({ send, received }) => {
    const sent = await Promise.all(Array.from({ length: 20 }, () => send(document('mutation { a b }'))))
    assert.is(sent.filter(Boolean).length, 1)
    assert.ok(await send(document('mutation { a }')))
    assert.not(await send(document(HIDDEN, { operationName: 'B' })))
    assert.is(received.length, 2)
  })
})

broker('what goes out has nothing of the script but its operation', async () => {
  await withBroker({}, 'read', async ({ send, received }) => {
    const more = { operationName: 'A', variables: { b: 1 }, extensions: { persistedQuery: {} }, query2: 'x' }
    await send(document('query A { a } # hidden\nmutation B { drop }', more))
    assert.equal(JSON.parse(received[0]!), { query: 'query A {\n  a\n}', operationName: 'A', variables: { b: 1 } })
  })
})

users('another user of this computer gets nothing', async () => {
  await withBroker({}, 'read', async ({ opened, received }) => {
    const ask = `exec 3<>/dev/tcp/127.0.0.1/${opened.port}; printf 'POST / HTTP/1.1\\r\\nHost: 127.0.0.1:${opened.port}\\r\\nContent-Type: application/json\\r\\nContent-Length: 17\\r\\n\\r\\n{"query":"{ a }"}' >&3; head -1 <&3; cat /proc/${process.pid}/environ /proc/${process.pid}/mem`
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
      const words = ['--reuid=65534', '--regid=65534', '--clear-groups', 'bash', '-c', ask]
      execFile('setpriv', words, { cwd: '/' }, (_, out, err) => resolve({ stdout: out, stderr: err }))
    })
    assert.match(stdout, /^HTTP\/1\.1 403 Forbidden\s*$/)
    assert.is(stderr.match(/Permission denied/g)?.length, 2, stderr)
    assert.equal(received, [])
  })
})

broker.run()
users.run()
