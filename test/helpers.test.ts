import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TransportRequest } from '../runtime/transport/transport.ts'
import { failedAssertion, rejects } from './_assert.ts'
import { project, runCli } from './_cli.ts'
import { fakeHost } from './_host.ts'
import { gzipped, halfJson, htmlPage, hugeBody, redirectTo } from './_replies.ts'
import { type Fault, refusedUrl, scriptedServer, withServer } from './_server.ts'

const helpers = suite('helpers')

helpers('fakeHost() throws an error that names what the test did not give', () => {
  const host = fakeHost()
  assert.throws(() => host.env, /^fakeHost has no "env": the test did not give it$/)
  assert.throws(() => host.transport, /"transport"/)
  assert.throws(() => host.random(), /"random"/)
})

helpers('fakeHost() gives what the test gave, and captures the outputs', async () => {
  const host = fakeHost({ env: { A: '1' }, commandLine: ['list'], secrets: { S: 'x' } })
  await host.stdout.write('one\n')
  await host.stdout.write('two\n')
  await host.stderr.write('note\n')
  host.setExitCode(3)
  assert.equal([host.env, host.commandLine, host.secrets], [{ A: '1' }, ['list'], { S: 'x' }])
  assert.equal([host.out, host.err, host.exitCode()], ['one\ntwo\n', 'note\n', 3])
})

helpers('fakeHost() runs timers and sleeps in the order of their time, and what they start', async () => {
  const host = fakeHost()
  const startMs = host.nowMs()
  const seen: string[] = []
  host.after(300, () => seen.push(`after ${host.nowMs() - startMs}`))
  host.after(200, () => seen.push('cancelled'))()
  const work = host.sleep(100).then(async () => {
    seen.push(`slept ${host.monotonicMs()}`)
    await host.sleep(100)
    seen.push(`slept ${host.monotonicMs()}`)
  })
  await host.advance(250)
  await work
  assert.equal(seen, ['slept 100', 'slept 200'])
  await host.advance(50)
  assert.equal(seen, ['slept 100', 'slept 200', 'after 300'])
  assert.is(host.pending, 0)
})

helpers('fakeHost() jumps with the wall clock only', () => {
  const host = fakeHost({ startMs: 1000 })
  host.jump(-400)
  assert.equal([host.nowMs(), host.monotonicMs()], [600, 0])
})

helpers('fakeHost() rejects a sleep when its signal aborts', async () => {
  const host = fakeHost()
  const ending = new AbortController()
  const sleep = host.sleep(1000, ending.signal)
  ending.abort(new Error('enough'))
  await rejects(sleep, { message: 'enough' })
  await rejects(host.sleep(1, ending.signal), { message: 'enough' })
  assert.is(host.pending, 0)
})

helpers('fakeHost() answers by its replies, keeps the requests, and knows what is left', async () => {
  const { transport } = fakeHost({
    replies: [{ body: { data: 1 } }, new Error('down'), ({ text }) => ({ status: 500, body: text }), {}],
  })
  const first = await transport.send(exchange('{}'))
  assert.is(new TextDecoder().decode(first.body), '{"data":1}')
  assert.equal([first.status, first.headers], [200, { 'content-type': 'application/json' }])
  await rejects(transport.send(exchange('{}')), { message: 'down' })
  const third = await transport.send(
    exchange(async function* () {
      yield new TextEncoder().encode('a stream')
    }),
  )
  assert.equal([third.status, new TextDecoder().decode(third.body)], [500, 'a stream'])
  assert.is(transport.requests.length, 3)
  await failedAssertion(() => transport.assertUsedUp())
  await transport.send(exchange(''))
  transport.assertUsedUp()
  await rejects(transport.send(exchange('')), { message: /^No reply is left for request 5, POST http:/ })
})

helpers('scriptedServer() records requests and answers in order, over one connection', async () => {
  await withServer([{ body: { a: 1 } }, (received) => ({ status: 201, body: received.body })], async (server) => {
    const agent = new Agent({ keepAlive: true })
    const first = await send(`${server.url}/graphql?x=1`, { agent, body: '{"q":1}' })
    const second = await send(server.url, { agent, body: 'é', chunked: true })
    agent.destroy()
    assert.equal([first.status, first.headers['content-type'], first.text], [200, 'application/json', '{"a":1}'])
    assert.equal([second.status, second.text], [201, 'é'])
    const [one] = server.requests
    assert.equal([one?.method, one?.path, one?.body], ['POST', '/graphql?x=1', '{"q":1}'])
    assert.is(one?.headers['content-length'], '7')
    assert.is(server.connections, 1)
  })
})

helpers('scriptedServer() fails its close when a reply was not used, and when more came', async () => {
  const unused = await scriptedServer([{}])
  assert.is((await failedAssertion(() => unused.close())).message, 'Expected all 1 replies to be used, 1 are left')
  const asked = await scriptedServer([])
  assert.is((await send(asked.url)).status, 500)
  assert.is((await failedAssertion(() => asked.close())).message, 'Expected no request beyond the script')
})

helpers('withServer() keeps the error of the test', async () => {
  await rejects(
    () =>
      withServer([{}], () => {
        throw new Error('first')
      }),
    { message: 'first' },
  )
})

const RESETS: readonly (readonly [fault: Fault, recorded: number])[] = [
  ['reset-on-connect', 0],
  ['reset-after-head', 0],
  ['reset-after-request', 1],
  ['reset-body', 1],
]
for (const [fault, recorded] of RESETS) {
  helpers(`scriptedServer() resets the connection: ${fault}`, async () => {
    await withServer([{ fault, body: 'four' }], async (server) => {
      const error = await rejects(exchangeRaw(server.url, rawPost('ok')))
      assert.is((error as NodeJS.ErrnoException).code, 'ECONNRESET')
      assert.is(server.requests.length, recorded)
    })
  })
}

helpers('scriptedServer() cuts a body short', async () => {
  await withServer([{ fault: 'truncate', body: 'four' }], async (server) => {
    const text = await exchangeRaw(server.url, rawPost(''))
    assert.match(text, /content-length: 4\r\n\r\nfo$/)
  })
})

for (const fault of ['stall', 'stall-body'] as const) {
  helpers(`scriptedServer() does not go on: ${fault}`, async () => {
    const server = await scriptedServer([{ fault, body: 'four' }])
    const stalled = send(server.url, { onRequest: () => server.destroy() })
    await rejects(stalled)
    assert.is(server.requests.length, 1)
  })
}

helpers('scriptedServer() closes a kept connection after the answer', async () => {
  await withServer([{ fault: 'close-after-answer', body: 'a' }], async (server) => {
    assert.match(await exchangeRaw(server.url, rawPost('')), /\r\n\r\na$/)
  })
})

helpers('scriptedServer() closes a kept connection when it has read the next request', async () => {
  await withServer([{ fault: 'close-on-next', body: 'a' }, { body: 'b' }], async (server) => {
    // By a raw connection: what is built on Deno's own HTTP client sends the second request again, unasked.
    const text = await exchangeRaw(server.url, rawPost('one'), rawPost('two'))
    assert.match(text, /\r\n\r\na$/)
    assert.is((await send(server.url)).text, 'b')
    assert.equal(
      server.requests.map(({ body, connection }) => [body, connection]),
      [
        ['one', 1],
        ['two', 1],
        ['', 2],
      ],
    )
  })
})

helpers('refusedUrl() refuses connections', async () => {
  const error = await rejects(send(await refusedUrl()))
  assert.is((error as NodeJS.ErrnoException).code, 'ECONNREFUSED')
})

helpers('the ready replies are what they are called', async () => {
  const replies = [htmlPage(), halfJson({ a: 1 }), redirectTo('/login'), gzipped({ a: 1 }), hugeBody(100_000)]
  await withServer(replies, async ({ url }) => {
    const html = await send(url)
    assert.equal([html.status, html.headers['content-type'], html.text.slice(0, 9)], [502, 'text/html', '<!DOCTYPE'])
    assert.is((await send(url)).text, '{"a')
    const redirect = await send(url)
    assert.equal([redirect.status, redirect.headers['location']], [302, '/login'])
    assert.is(gunzipSync((await send(url)).bytes).toString(), '{"a":1}')
    assert.ok((await send(url)).bytes.length > 100_000)
  })
})

helpers('runCli() gives exit code and both outputs, feeds stdin, and leaves a bare environment', async () => {
  const folder = project({
    'tasks.ts': `
      import process from 'node:process'
      let text = ''
      for await (const chunk of process.stdin) text += chunk
      console.log(process.argv.slice(2).join(), text, process.env['A'], process.env['CI'])
      console.error(Object.keys(process.env).filter((name) => name.startsWith('WFG_')).length)
      process.exitCode = 3`,
  })
  const result = await folder.run(['a', 'b'], { stdin: 'in', env: { A: '1' } })
  folder.cleanup()
  assert.equal(result, { status: 3, signal: null, stdout: 'a,b in 1 undefined\n', stderr: '0\n' })
})

helpers('runCli() kills what takes too long and says so', async () => {
  const folder = project({ 'tasks.ts': `console.log('begun'); setInterval(() => {}, 1000)` })
  const run = runCli([], { entry: join(folder.dir, 'tasks.ts'), limitMs: 3000 })
  await rejects(run, { message: /tasks\.ts" did not end within \d+ ms and was killed\nbegun\n$/ })
  folder.cleanup()
})

helpers('project() makes a folder in which the package imports and packages resolve', async () => {
  const folder = project({
    'scripts/x.ts': `
      import * as v from 'valibot'
      const found = import.meta.resolve('#wfg')
      console.log(found.endsWith('/mod.mjs'), typeof v.object)`,
  })
  const result = await folder.run([], { entry: 'scripts/x.ts' })
  assert.match(readFileSync(join(folder.dir, 'package.json'), 'utf8'), '#wfg/testing')
  folder.cleanup()
  assert.equal(result, { status: 0, signal: null, stdout: 'true function\n', stderr: '' })
})

function exchange(body: TransportRequest['body']): TransportRequest {
  const signal = new AbortController().signal
  return { url: new URL('http://x.test/'), method: 'POST', headers: {}, body, once: false, signal, maxBytes: 1000 }
}

interface Answer {
  status: number
  headers: Record<string, unknown>
  bytes: Buffer
  text: string
}

interface Sending {
  agent?: Agent
  body?: string
  chunked?: boolean
  onRequest?: () => void
}

function send(url: string, { agent, body = '', chunked = false, onRequest }: Sending = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = chunked ? {} : { 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method: 'POST', headers, ...(agent ? { agent } : {}) }, (message) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('error', reject)
      message.on('end', () => {
        const bytes = Buffer.concat(chunks)
        resolve({ status: message.statusCode ?? 0, headers: message.headers, bytes, text: bytes.toString() })
      })
    })
    sent.on('error', reject)
    if (onRequest) sent.on('finish', () => setTimeout(onRequest, 100))
    sent.end(body)
  })
}

function rawPost(body: string): string {
  return `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

/** Writes the texts to the server, each after some answer to the one before, and reads until it closes the connection. */
function exchangeRaw(url: string, ...texts: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = new Socket().setEncoding('utf8').on('error', reject)
    const writeNext = () => {
      const text = texts.shift()
      if (text !== undefined) socket.write(text)
    }
    socket.on('data', (chunk) => {
      answer += chunk
      writeNext()
    })
    socket.on('end', () => {
      socket.end()
      resolve(answer)
    })
    socket.connect(Number(new URL(url).port), '127.0.0.1', writeNext)
  })
}

helpers.run()
