/** Requests through a proxy, from processes whose environment names it. */
import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hides } from '../_assert.ts'
import { certificate } from '../_certificates.ts'
import { runCli } from '../_cli.ts'
import { type Answer, type ConnectProxy, shownVariable, withTls } from '../_proxy.ts'
import { gzipped } from '../_replies.ts'
import { refusedUrl, withServer } from '../_server.ts'
import { CERTIFICATE, type Child, HOST, type Proxied, proxied, type Senders, senders } from './_child.ts'
import { onDeno } from './_exchange.ts'
import type { Sending } from './_sending.ts'

const tunnel = suite('transport/tunnel')
const VARIABLE = shownVariable('HTTPS_PROXY')

const URL_OF_HOST = `https://${HOST}/graphql`
const QUERY = { url: URL_OF_HOST }
const MUTATION = { url: URL_OF_HOST, once: true }

let sending: Senders
tunnel.before(() => {
  sending = senders()
})
tunnel.after(() => sending.close())

type Send = (sendings: readonly Sending[], env?: Record<string, string>) => Promise<Child>

/** With a proxy and a server; `send` has the authority trusted and `HTTPS_PROXY` set, unless `env` says otherwise. */
const tunnelled = (given: Parameters<typeof proxied>[0], action: (given: Proxied & { send: Send }) => Promise<void>) =>
  proxied(given, ({ env: { HTTPS_PROXY }, ...made }) => {
    const proxies = { HTTPS_PROXY: HTTPS_PROXY! }
    return action({ ...made, env: proxies, send: (all, env) => sending.send(all, { ...proxies, ...env }, true) })
  })

/** The authority is not trusted. */
const sendAlone: Send = (all, env = {}) => sending.send(all, env, false)

/** The process that sent is still there, and the proxy hears of the end a moment later. */
async function leavesNoneOpen(proxy: ConnectProxy): Promise<void> {
  for (let count = 0; count < 100 && proxy.open > 0; count += 1) await setTimeout(20)
  assert.is(proxy.open, 0)
}

tunnel('send() goes through CONNECT, with one tunnel for requests one after another', async () => {
  const replies = ['a', 'b', 'c'].map((body) => ({ body }))
  await tunnelled({ replies }, async ({ proxy, server, send }) => {
    const { outcomes } = await send([QUERY, QUERY, QUERY])
    assert.equal(
      outcomes,
      replies.map(({ body }) => ({ status: 200, text: body })),
    )
    assert.equal(
      proxy.requests.map(({ target }) => target),
      [`${HOST}:443`],
    )
    assert.is(proxy.requests[0]?.headers['proxy-authorization'], undefined)
    assert.is(server.connections, 1)
  })
})

tunnel('send() sends user name and password to the proxy, and not to the server', async () => {
  await tunnelled({ replies: [{ body: 'a' }, { body: 'b' }] }, async ({ proxy, server, send }) => {
    const { outcomes } = await send([QUERY, MUTATION], { HTTPS_PROXY: `http://j%C3%B6rg:p%40ss:word@${proxy.address}` })
    assert.equal(
      outcomes.map(({ text }) => text),
      ['a', 'b'],
    )
    for (const { headers } of proxy.requests) {
      const sent = Buffer.from(headers['proxy-authorization']!.replace('Basic ', ''), 'base64').toString()
      assert.is(sent, 'jörg:p@ss:word')
    }
    for (const { headers } of server.requests) assert.is(headers['proxy-authorization'], undefined)
  })
})

tunnel('send() streams a body through the tunnel, and unpacks the answer', async () => {
  const replies = [gzipped({ data: 'packed' }), { status: 413, body: 'no' }]
  await tunnelled({ replies }, async ({ server, send }) => {
    const { outcomes } = await send([{ ...MUTATION, chunks: 100 }, QUERY])
    assert.equal(outcomes, [
      { status: 200, text: '{"data":"packed"}' },
      { status: 413, text: 'no' },
    ])
    assert.is(server.requests[0]?.bytes.length, 6_553_600)
  })
})

tunnel('send() reaches a proxy by TLS, and names it if its certificate is not trusted', async () => {
  await tunnelled({ replies: [{ body: 'a' }] }, async ({ proxy, send }) => {
    await withTls(CERTIFICATE, `http://${proxy.address}`, async (port) => {
      const HTTPS_PROXY = `https://user:password@127.0.0.1:${port}`
      assert.equal((await send([QUERY], { HTTPS_PROXY })).outcomes, [{ status: 200, text: 'a' }])
      assert.ok(proxy.requests[0]?.headers['proxy-authorization'])
    })
    await withTls(certificate('itself', { hosts: ['127.0.0.1'] }), `http://${proxy.address}`, async (port) => {
      const { outcomes } = await send([QUERY], { HTTPS_PROXY: `https://127.0.0.1:${port}` })
      const [failure] = outcomes
      assert.equal(
        [failure?.stage, failure?.reason, failure?.variable],
        ['connect', 'DEPTH_ZERO_SELF_SIGNED_CERT', VARIABLE],
      )
    })
    assert.is(proxy.requests.length, 1)
  })
})

tunnel('send() of a mutation uses no tunnel that was idle for more than a second', async () => {
  const replies = ['a', 'b', 'c', 'd'].map((body) => ({ body }))
  await tunnelled({ replies }, async ({ server, send }) => {
    await send([QUERY, { ...MUTATION, laterMs: 500 }, { ...QUERY, laterMs: 5000 }, { ...MUTATION, laterMs: 1001 }])
    const connections = server.requests.map(({ connection }) => connection)
    // Deno would send it again by itself, so a mutation takes no used one there.
    assert.equal(connections, onDeno ? [1, 2, 2, 3] : [1, 1, 1, 2])
  })
})

const REFUSALS: readonly (readonly [answer: Answer, reason: string, permanent: boolean, said: string])[] = [
  [407, 'PROXY_AUTHENTICATION', true, 'answered 407 instead of connecting to it'],
  [403, 'PROXY_REFUSED', true, 'answered 403 instead of connecting to it'],
  [429, 'PROXY_UNAVAILABLE', false, 'answered 429 instead of connecting to it'],
  [502, 'PROXY_UNAVAILABLE', false, 'answered 502 instead of connecting to it'],
  ['babble', 'PROXY_UNAVAILABLE', false, 'does not answer as a proxy'],
  [
    'close',
    'PROXY_UNAVAILABLE',
    false,
    'did not connect to it: Proxy connection ended before receiving CONNECT response',
  ],
]
for (const [answer, reason, permanent, said] of REFUSALS) {
  tunnel(`send() fails at the stage connect, and names the proxy, when that answers ${answer}`, async () => {
    await tunnelled({ answers: [answer] }, async ({ proxy, send }) => {
      const { outcomes } = await send([QUERY, MUTATION], {
        HTTPS_PROXY: `http://user:secret-of-proxy@${proxy.address}`,
      })
      const message = `the proxy "${proxy.address}" (${VARIABLE}) ${said}`
      const outcome = { stage: 'connect', reason, message, permanent, variable: VARIABLE }
      assert.equal(outcomes, [outcome, outcome])
      await leavesNoneOpen(proxy)
    })
  })
}

tunnel('send() fails at the stage connect when the proxy is not there', async () => {
  const address = (await refusedUrl()).replace('http://', '')
  const { outcomes } = await sendAlone([QUERY, MUTATION], { ALL_PROXY: address })
  for (const { stage, reason, message, variable } of outcomes) {
    assert.equal([stage, reason, variable], ['connect', 'ECONNREFUSED', shownVariable('ALL_PROXY')])
    assert.ok(
      message?.startsWith(`the proxy "${address}" (${shownVariable('ALL_PROXY')}) did not connect to it: `),
      message,
    )
  }
})

tunnel('send() ends, and leaves no connection open, when the proxy does not answer in time', async () => {
  await tunnelled({ answers: ['hang'] }, async ({ proxy, send }) => {
    const { outcomes } = await send([{ ...QUERY, afterMs: 1000 }])
    const message = `the proxy "${proxy.address}" (${VARIABLE}) did not connect to it: the call was ended`
    assert.equal([outcomes[0]?.stage, outcomes[0]?.reason, outcomes[0]?.message], ['connect', 'ABORTED', message])
    await leavesNoneOpen(proxy)
    assert.is(proxy.requests.length, 1)
  })
})

tunnel('send() fails at the stage connect when the tunnel ends before anything was sent', async () => {
  await tunnelled({ answers: ['cut'] }, async ({ server, send }) => {
    const { outcomes } = await send([QUERY, MUTATION])
    for (const { stage, reason } of outcomes) assert.equal([stage, reason], ['connect', 'ECONNRESET'])
    assert.is(server.requests.length, 0)
  })
})

tunnel('send() fails at the stage exchange when the tunnel ends after the request was sent', async () => {
  const replies = [{ fault: 'reset-after-request' }, { fault: 'reset-after-request' }] as const
  await tunnelled({ replies }, async ({ server, send }) => {
    const { outcomes } = await send([QUERY, MUTATION])
    for (const { stage, variable } of outcomes) assert.equal([stage, variable], ['exchange', undefined])
    assert.is(server.requests.length, 2)
  })
})

tunnel('send() of a mutation executes exactly once when the server closes the tunnel after a request', async () => {
  const replies = [{ body: 'a', fault: 'close-on-next' as const }, ...(onDeno ? [{ body: 'b' }] : [])]
  await tunnelled({ replies }, async ({ server, send }) => {
    const [, mutation] = (await send([QUERY, MUTATION])).outcomes
    assert.equal([mutation?.stage, mutation?.text], onDeno ? [undefined, 'b'] : ['exchange', undefined])
    assert.is(server.requests.length, 2)
  })
})

tunnel('send() fails at the stage connect when the server behind the proxy is not trusted', async () => {
  await tunnelled({}, async ({ proxy, server }) => {
    const { outcomes } = await sendAlone([QUERY, MUTATION], { HTTPS_PROXY: proxy.address })
    for (const { stage, variable } of outcomes) assert.equal([stage, variable], ['connect', undefined])
    assert.is(server.requests.length, 0)
  })
})

tunnel('send() reaches this computer without the proxy', async () => {
  await withServer([{ body: 'a' }, { body: 'b' }], async (server) => {
    const proxies = { HTTP_PROXY: 'http://proxy.invalid:3128', HTTPS_PROXY: 'http://proxy.invalid:3128' }
    const { outcomes, noProxy } = await sendAlone([{ url: server.url }, { url: server.url, once: true }], {
      ...proxies,
      NO_PROXY: 'x.test',
    })
    assert.equal(
      outcomes.map(({ text }) => text),
      ['a', 'b'],
    )
    assert.is(noProxy, 'x.test')
  })
})

for (const noProxy of [HOST, 'x.test, .test:443', '*']) {
  tunnel(`send() goes without the proxy when NO_PROXY is ${noProxy}`, async () => {
    await tunnelled({}, async ({ proxy, send }) => {
      // There is no such host but behind the proxy.
      const { outcomes } = await send([{ ...QUERY, afterMs: 5000 }], { NO_PROXY: noProxy })
      assert.equal([outcomes[0]?.stage, outcomes[0]?.variable], ['connect', undefined])
      assert.match(outcomes[0]?.reason ?? '', /^(ENOTFOUND|EAI_AGAIN)$/)
      assert.is(proxy.requests.length, 0)
    })
  })
}

tunnel('send() shows no password in the debug output of the libraries', async () => {
  await tunnelled({ answers: [407] }, async ({ proxy }) => {
    const env = { HTTPS_PROXY: `http://user:secret-of-proxy@${proxy.address}` }
    const entry = sending.args.at(-1)!
    const stdin = `${JSON.stringify({ sendings: [QUERY], env })}\n`
    const { stderr, stdout } = await runCli([], { entry, stdin, env: { ...env, DEBUG: '*' } })
    assert.match(stdout, 'answered 407')
    assert.match(stderr, /https-proxy-agent/)
    hides(stdout + stderr, 'secret-of-proxy', Buffer.from('user:secret-of-proxy').toString('base64'))
  })
})

tunnel.run()
