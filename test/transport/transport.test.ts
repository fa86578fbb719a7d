import type { Socket } from 'node:net'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Transport, TransportFailure, type TransportRequest } from '../../runtime/transport/transport.ts'
import { rejects } from '../_assert.ts'
import { notRun } from '../_not_run.ts'
import { redirectTo } from '../_replies.ts'
import { RUNTIME } from '../_runtime.ts'
import { refusedUrl, withServer } from '../_server.ts'
import { byFetch, onDeno, post, realTransport, textOf, withTransport } from './_exchange.ts'
import { answering, type RawServer, withRawServer } from './_raw_server.ts'

const transport = suite('transport')

transport('send() gives status, headers and body, and sends what it was given', async () => {
  const reply = { status: 418, headers: { 'X-One': 'a' }, body: { data: 'é' } }
  await withTransport([reply], async (server, transport) => {
    const response = await transport.send(
      post(`${server.url}/graphql?x=1`, { body: '{"a":"é"}', headers: { 'x-two': 'b' } }),
    )
    assert.equal([response.status, response.headers['x-one'], textOf(response)], [418, 'a', '{"data":"é"}'])
    const [request] = server.requests
    assert.equal([request?.method, request?.path, request?.body], ['POST', '/graphql?x=1', '{"a":"é"}'])
    assert.equal([request?.headers['x-two'], request?.headers['content-length']], ['b', '10'])
  })
})

transport('send() joins the values of a repeated header', async () => {
  const head = 'HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx-a: 1\r\nx-a: 2\r\ncontent-length: 0\r\n\r\n'
  await withRaw(answering(head), async ({ url }, transport) => {
    const { headers } = await transport.send(post(url))
    assert.equal([headers['set-cookie'], headers['x-a']], ['a=1, b=2', '1, 2'])
  })
})

transport('send() reuses one connection for requests one after another', async () => {
  await withTransport([{ body: 'a' }, { body: 'b' }, { body: 'c' }], async (server, transport) => {
    for (const expected of ['a', 'b', 'c']) assert.is(textOf(await transport.send(post(`${server.url}/`))), expected)
    assert.is(server.connections, 1)
  })
})

transport('send() writes a header in Latin-1, whatever the body holds', async () => {
  await withTransport([{ body: 'a' }, { body: 'b' }], async (server, transport) => {
    await transport.send(post(server.url, { headers: { 'x-user': 'müller' }, body: '"ü€"' }))
    await transport.send(post(server.url, { headers: { 'x-user': 'müller' }, method: 'GET', body: undefined }))
    for (const { headers } of server.requests) assert.is(headers['x-user'], 'müller')
    assert.is(server.requests[0]?.body, '"ü€"')
  })
})

transport('send() of a GET has no body', async () => {
  await withTransport([{ body: 'schema' }], async (server, transport) => {
    assert.is(textOf(await transport.send(post(server.url, { method: 'GET', body: undefined }))), 'schema')
    assert.equal([server.requests[0]?.method, server.requests[0]?.body], ['GET', ''])
  })
})

const quickly = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }
for (const [encoding, compress] of [
  ['gzip', (data: string | Buffer) => gzipSync(data, { level: 1 })],
  ['br', (data: string | Buffer) => brotliCompressSync(data, quickly)],
] as const) {
  transport(`send() asks for ${encoding} and unpacks it`, async () => {
    const reply = { headers: { 'content-encoding': encoding }, body: compress('{"data":"compressed"}') }
    await withTransport([reply, { body: 'next' }], async (server, transport) => {
      assert.is(textOf(await transport.send(post(server.url))), '{"data":"compressed"}')
      assert.match(server.requests[0]?.headers['accept-encoding'] ?? '', encoding)
      await transport.send(post(server.url))
      assert.is(server.connections, 1)
    })
  })

  transport(`send() fails with TOO_LARGE, and leaves nothing open, when ${encoding} unpacks to too much`, async () => {
    const bomb = compress(Buffer.alloc(80_000_000))
    await withRaw(answering(headOf(bomb, encoding), bomb), async (server, transport) => {
      const before = process.memoryUsage().rss
      await failure(transport, post(server.url, { maxBytes: 100_000 }), 'exchange', 'TOO_LARGE')
      assert.ok(process.memoryUsage().rss - before < 50_000_000)
      await server.closed()
    })
  })

  transport(`send() leaves nothing open when something follows the end of the ${encoding} data`, async () => {
    if (RUNTIME === 'bun') return notRun("Bun's fetch waits for the end that was announced, so for the end of the call")
    const body = Buffer.concat([compress('whole'), Buffer.from('and more')])
    await withRaw(answering(headOf(body, encoding), body), async (server, transport) => {
      await transport.send(post(server.url)).catch(() => {})
      await server.closed()
    })
  })

  transport(`send() fails when ${encoding} is damaged, and leaves nothing open`, async () => {
    const damaged = Buffer.alloc(50_000, 255)
    await withRaw(answering(headOf(damaged, encoding), damaged), async (server, transport) => {
      await failure(transport, post(server.url), 'exchange')
      await server.closed()
    })
  })
}

transport('send() takes a body that is empty for what it is, whatever encoding its headers name', async () => {
  for (const encoding of ['gzip', 'br']) {
    for (const once of [false, true]) {
      const reply = { status: 503, headers: { 'content-encoding': encoding }, body: '' }
      await withTransport([reply], async (server, transport) => {
        const { status, body } = await transport.send(post(server.url, { once }))
        assert.equal([status, body.length], [503, 0])
      })
    }
  }
})

transport('send() gives a whole answer, whatever follows it, and is not disturbed by it', async () => {
  const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole'
  await withRaw(answering(`${whole}and more`), async (server, transport) => {
    for (const once of [false, true]) assert.is(textOf(await transport.send(post(server.url, { once }))), 'whole')
  })
})

transport('send() takes an answer of maxBytes, and fails with TOO_LARGE when it is one byte longer', async () => {
  await withTransport([{ body: 'x'.repeat(1000) }, { body: 'x'.repeat(1001) }], async (server, transport) => {
    assert.is((await transport.send(post(server.url, { maxBytes: 1000 }))).body.length, 1000)
    const error = await failure(transport, post(server.url, { maxBytes: 1000 }), 'exchange', 'TOO_LARGE')
    assert.is(error.message, 'the answer is larger than 1000 bytes')
  })
})

transport('send() stops reading an answer that never ends', async () => {
  const accept = (socket: Socket) => {
    const chunk = 'x'.repeat(65_536)
    const more = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', more)
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      more()
    })
  }
  await withRaw(accept, async (server, transport) => {
    await failure(transport, post(server.url), 'exchange', 'TOO_LARGE')
    await server.closed()
  })
})

transport('send() follows no redirect', async () => {
  await withTransport([redirectTo('/elsewhere')], async (server, transport) => {
    const response = await transport.send(post(server.url))
    assert.equal([response.status, response.headers['location']], [302, '/elsewhere'])
  })
})

// --- failures before anything was sent ---

transport('send() fails at the stage connect when the connection is refused', async () => {
  const url = await refusedUrl()
  await withReal(async (transport) => {
    for (const once of [false, true]) {
      const error = await failure(transport, post(url, { once }), 'connect', 'ECONNREFUSED')
      assert.match(error.message, /refused/i)
    }
  })
})

transport('send() fails at the stage connect when the port is one that the runtime does not connect to', async () => {
  await withReal(async (transport) => {
    for (const once of [false, true]) await failure(transport, post('http://127.0.0.1:1/', { once }), 'connect')
  })
})

transport('send() fails at the stage connect when the name is unknown', async () => {
  await withReal(async (transport) => {
    const error = await failure(transport, post('http://nowhere.invalid/graphql?token=abc'), 'connect')
    assert.match(error.reason, /^(ENOTFOUND|EAI_AGAIN)$/)
    assert.not.match(error.message, 'token=abc')
  })
})

transport('send() fails at the stage connect when TLS is spoken to a plain port', async () => {
  await withRaw(answering('HTTP/1.1 400 Bad Request\r\n\r\n'), async ({ port }, transport) => {
    for (const once of [false, true]) await failure(transport, post(`https://127.0.0.1:${port}/`, { once }), 'connect')
  })
})

transport('send() fails at the stage connect when the server closes during the TLS handshake', async () => {
  const closing = (socket: Socket) => socket.once('data', () => socket.destroy())
  await withRaw(closing, async ({ port }, transport) => {
    // Bun does not tell how far it had come.
    await failure(transport, post(`https://127.0.0.1:${port}/`), RUNTIME === 'bun' ? 'exchange' : 'connect')
  })
})

// --- failures after something was sent ---

for (const fault of ['reset-after-head', 'reset-after-request', 'truncate', 'reset-body'] as const) {
  for (const once of [false, true]) {
    transport(`send() fails at the stage exchange on a new connection: ${fault}, once: ${once}`, async () => {
      await withTransport([{ fault, body: 'some text' }], async (server, transport) => {
        await failure(transport, post(server.url, { once }), 'exchange', 'ECONNRESET')
        assert.is(server.connections, 1)
      })
    })
  }
}

transport('send() fails when a chunked answer ends without its end', async () => {
  const text = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"dat\r\n'
  const accept = (socket: Socket) => socket.once('data', () => socket.end(text))
  await withRaw(accept, async ({ url }, transport) => {
    await failure(transport, post(url), 'exchange', 'ECONNRESET')
  })
})

transport('send() fails when a compressed answer is cut off', async () => {
  const body = gzipSync('x'.repeat(100_000)).subarray(0, 60)
  await withTransport([{ headers: { 'content-encoding': 'gzip' }, body }], async (server, transport) => {
    await failure(transport, post(server.url), 'exchange')
  })
})

transport('send() fails at the stage exchange when what answers does not speak HTTP', async () => {
  const accept = (socket: Socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n'))
  await withRaw(accept, async ({ url }, transport) => {
    await failure(transport, post(url), 'exchange')
  })
})

// --- abort ---

transport('send() fails at once when the server switches to another protocol', async () => {
  const text = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n'
  await withRaw(answering(text), async (server, transport) => {
    const answer = await transport.send(post(server.url, { once: true })).catch((error) => error)
    if (onDeno) assert.is(answer.status, 101)
    else assert.is(answer.stage, 'exchange')
    if (RUNTIME === 'node') assert.is(answer.message, 'the connection was closed without an answer')
    await server.closed()
  })
})

transport('send() fails with ABORTED at the stage connect when the signal was aborted before', async () => {
  await withTransport([], async (server, transport) => {
    const ended = AbortSignal.abort(new Error('mine'))
    await failure(transport, post(server.url, { signal: ended }), 'connect', 'ABORTED')
    // An error event that nobody listens to would come a moment later.
    await new Promise((resolve) => setImmediate(resolve))
    assert.is(server.connections, 0)
  })
})

transport('send() fails with ABORTED when the signal aborts while it connects', async () => {
  // A handshake that is never answered is a connection that is not there yet.
  const ending = new AbortController()
  const accept = () => ending.abort()
  await withRaw(accept, async (server, transport) => {
    const request = post(`https://127.0.0.1:${server.port}/`, { signal: ending.signal })
    await failure(transport, request, byFetch ? 'exchange' : 'connect', 'ABORTED')
    await server.closed()
  })
})

transport('send() fails with ABORTED and closes the body when the signal aborts while it is sent', async () => {
  const ending = new AbortController()
  const source = watchedBody(1_000_000, 65_536)
  // The server reads nothing, so that the body soon waits for room.
  const accept = (socket: Socket) => {
    socket.pause()
    void setTimeout(200).then(() => ending.abort())
  }
  await withRaw(accept, async (server, transport) => {
    const request = post(server.url, { body: source.body, signal: ending.signal })
    await failure(transport, request, 'exchange', 'ABORTED')
    await source.closed
    assert.ok(source.chunks < 10_000)
  })
})

for (const fault of ['stall', 'stall-body'] as const) {
  transport(
    `send() fails with ABORTED, and closes the connection, when the signal aborts meanwhile: ${fault}`,
    async () => {
      const ending = new AbortController()
      const accept = (socket: Socket) =>
        socket.once('data', () => {
          if (fault === 'stall-body') socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsome')
          void setTimeout(50).then(() => ending.abort())
        })
      await withRaw(accept, async (server, transport) => {
        await failure(transport, post(server.url, { signal: ending.signal }), 'exchange', 'ABORTED')
        await server.closed()
      })
    },
  )
}

transport('send() leaves no listener on the signal', async () => {
  await withTransport([{ body: 'a' }], async (server, transport) => {
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    Object.defineProperty(signal, 'addEventListener', {
      value: (...args: Parameters<typeof add>) => {
        listeners += 1
        add(...args)
      },
    })
    Object.defineProperty(signal, 'removeEventListener', {
      value: (...args: Parameters<typeof remove>) => {
        listeners -= 1
        remove(...args)
      },
    })
    await transport.send(post(server.url, { signal }))
    assert.is(listeners, 0)
  })
})

// --- streamed bodies ---

transport('send() streams a body, opened anew for each request', async () => {
  let opened = 0
  async function* body() {
    opened += 1
    yield new TextEncoder().encode('one ')
    yield new TextEncoder().encode('two')
  }
  await withTransport([{ body: 'a' }, { body: 'b' }], async (server, transport) => {
    await transport.send(post(server.url, { body }))
    await transport.send(post(server.url, { body, once: true }))
    assert.equal(
      server.requests.map((request) => request.body),
      ['one two', 'one two'],
    )
    assert.is(opened, 2)
  })
})

transport('send() rejects with the error of the body itself when that cannot be read', async () => {
  await withRaw(
    () => {},
    async (server, transport) => {
      async function* body() {
        yield new TextEncoder().encode('one ')
        throw new RangeError('the disk is gone')
      }
      const sending = transport.send(post(server.url, { body }))
      await rejects(sending, { instance: RangeError, message: 'the disk is gone' })
      await server.closed()
    },
  )
})

transport('send() stops sending a body when the answer is there before its end', async () => {
  const eager = answering('HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno')
  await withRaw(eager, async (server, transport) => {
    const source = watchedBody(100_000, 1024, 1)
    const response = await transport.send(post(server.url, { body: source.body }))
    assert.equal([response.status, textOf(response)], [401, 'no'])
    await source.closed
    assert.ok(source.chunks < 10_000)
  })
})

// --- sent once ---

/** What the tests of a mutation's fate rely on: each request that was read whole counts as an execution. */
transport('send() with once executes exactly once when a reused connection is closed after the request', async () => {
  await withServer(
    [{ body: 'first', fault: 'close-on-next' }, ...(byFetch ? [{ body: 'second' }] : [])],
    async (server) => {
      await withReal(async (transport) => {
        await transport.send(post(server.url, { body: 'query' }))
        const sending = transport.send(post(server.url, { body: 'mutation', once: true }))
        // Node reuses the connection, which is younger than a second, and loses it; the others open another.
        if (byFetch) assert.is(textOf(await sending), 'second')
        else assert.is((await rejects(sending, { instance: TransportFailure })).message, 'socket hang up')
        assert.is(server.requests.filter(({ body }) => body === 'mutation').length, 1)
      })
    },
  )
})

transport('send() with once executes exactly once for each of many in a row', async () => {
  const replies = [1, 2, 3, 4, 5].map(() => ({ body: 'done', fault: 'close-after-answer' as const }))
  await withTransport(replies, async (server, transport) => {
    for (const _ of replies) await transport.send(post(server.url, { once: true })).catch(() => {})
    assert.ok(server.requests.length <= replies.length)
    for (let left = replies.length - server.requests.length; left > 0; left -= 1) await transport.send(post(server.url))
  })
})

transport('send() without once may execute twice on Deno, which is why mutations need it', async () => {
  const replies = [{ body: 'first', fault: 'close-on-next' as const }, ...(onDeno ? [{ body: 'second' }] : [])]
  await withServer(replies, async (server) => {
    await withReal(async (transport) => {
      await transport.send(post(server.url, { body: 'query' }))
      await transport.send(post(server.url, { body: 'mutation' })).catch(() => {})
      assert.is(server.requests.filter(({ body }) => body === 'mutation').length, onDeno ? 2 : 1)
    })
  })
})

transport(
  'send() with once uses no connection that was idle for more than a second, after a busy script too',
  async () => {
    await withTransport([{ body: 'a' }, { body: 'b' }, { body: 'c' }], async (server, transport) => {
      await transport.send(post(server.url))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100)
      await transport.send(post(server.url, { once: true }))
      assert.equal(
        server.requests.map(({ connection }) => connection),
        [1, 2],
      )
      await transport.send(post(server.url))
    })
  },
)

// --- internal ---

async function failure(
  transport: Transport,
  request: TransportRequest,
  stage: string,
  reason?: string,
): Promise<TransportFailure> {
  const error = await rejects(transport.send(request), { instance: TransportFailure })
  const found = error as TransportFailure
  assert.is(found.stage, stage, `${found.stage}, ${found.reason}: ${found.message}`)
  if (reason !== undefined) assert.is(found.reason, reason, `${found.reason}: ${found.message}`)
  return found
}

function withRaw(
  accept: (socket: Socket) => unknown,
  action: (server: RawServer, transport: Transport) => Promise<void>,
): Promise<void> {
  return withRawServer(accept, (server) => withReal((transport) => action(server, transport)))
}

/** Announces a little more than comes, so that the connection stays in use until somebody closes it. */
function headOf(body: Uint8Array, encoding: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length + 10}\r\n\r\n`
}

/** A body that tells how far it was read, and when it was closed. */
function watchedBody(count: number, bytes: number, pauseMs = 0) {
  let close = () => {}
  const closed = new Promise<void>((resolve) => {
    close = resolve
  })
  const source = { chunks: 0, closed, body }
  async function* body() {
    try {
      for (; source.chunks < count; source.chunks += 1) {
        yield new Uint8Array(bytes)
        if (pauseMs > 0) await setTimeout(pauseMs)
      }
    } finally {
      close()
    }
  }
  return source
}

async function withReal(action: (transport: Transport) => Promise<void>): Promise<void> {
  const transport = realTransport()
  try {
    await action(transport)
  } finally {
    transport.close()
  }
}

transport.run()
