/** Escapes by the network: every way out but to the broker. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import type { AddressInfo, createServer } from 'node:net'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { UNDER_WINE } from '../../_not_run.ts'
import { TOKEN } from '../../cli/_configured.ts'
import { type Attacks, attack, compare, escapes, victim } from './_attacks.ts'

const network = escapes('network')

const reached = (host: string) => `(await fetch('http://${host}:' + at.port)).status`

const ATTACKS: Attacks = {
  'another port': reached('127.0.0.1'),
  'another port by name': reached('localhost'),
  'another port of all addresses': reached('0.0.0.0'),
  'another port as a number': reached('2130706433'),
  'another address': reached('127.0.0.2'),
  ...(!UNDER_WINE && { 'an address of IPv4 as one of IPv6': reached('[::ffff:127.0.0.1]') }),
  IPv6: "(await fetch('http://[::1]:' + at.port6)).status",
  'by Deno.connect': "(await Deno.connect({ hostname: '127.0.0.1', port: at.port })).close()",
  'by TLS': "(await Deno.connect({ hostname: '127.0.0.1', port: at.port })).close()",
  'by node:net':
    "const socket = net.connect(at.port, '127.0.0.1'); await inTime(new Promise((resolve, reject) => socket.on('connect', resolve).on('error', reject))); socket.destroy()",
  'by node:http':
    "await inTime(new Promise((resolve, reject) => http.get('http://127.0.0.1:' + at.port, (response) => { response.destroy(); resolve() }).on('error', reject)))",
  'by node:http2':
    "const session = (await import('node:http2')).connect('http://127.0.0.1:' + at.port); try { await inTime(new Promise((resolve, reject) => session.on('connect', resolve).on('error', reject))) } finally { session.destroy() }",
  'by a WebSocket':
    "const socket = new WebSocket('ws://127.0.0.1:' + at.port); await inTime(new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = (event) => reject(/101|handshake|status/i.test(event.message) ? resolve() : new Error('NotCapable? ' + event.message)) }))",
  'by events':
    "const source = new EventSource('http://127.0.0.1:' + at.port); await inTime(new Promise((resolve, reject) => { source.onopen = resolve; source.onerror = () => (source.readyState === 2 && at.how === 'control' ? resolve() : reject(new Error('NotCapable'))) })); source.close()",
  'by a proxy':
    "await fetch('http://example.invalid', { client: Deno.createHttpClient({ proxy: { url: 'http://127.0.0.1:' + at.port } }) })",
  'by a worker': "await inWorker('return (await fetch(\"http://127.0.0.1:' + at.port + '\")).status')",
  'by a redirect of the broker': `
    if (at.how === 'control') return (await fetch(at.redirect)).status
    const own = globalThis.fetch
    let sent
    globalThis.fetch = (...given) => { sent = given; return own(...given) }
    await wfg\`{ a }\`.catch(() => {})
    globalThis.fetch = own
    if (!sent) throw new Error('it did not see the broker')
    await fetch(sent[0], { method: 'POST', headers: sent[1].headers, body: '{"query":"{ a }"}' })`,
  'by a module': "await import('http://127.0.0.1:' + at.port + '/module.js')",
  'names by DNS':
    "try { await inTime(Deno.resolveDns('example.invalid', 'A', { nameServer: { ipAddr: '127.0.0.1', port: at.udp } }), 500) } catch (error) { if (error.name === 'NotCapable') throw error }",
  'names by node:dns': "await (await import('node:dns')).promises.lookup('localhost')",
  'a server': "Deno.listen({ hostname: '127.0.0.1', port: 0 }).close()",
  'a server of HTTP':
    "await Deno.serve({ hostname: '127.0.0.1', port: 0, onListen() {} }, () => new Response()).shutdown()",
  ...(process.platform !== 'win32' && {
    'a socket in the file system': "Deno.listen({ transport: 'unix', path: at.temp + '/socket' }).close()",
  }),
  ...(!UNDER_WINE && { 'the network cards': 'os.networkInterfaces()' }),
}

network('reaches nothing but the broker', async () => {
  let count = 0
  const spy = createHttp((request, response) => {
    count++
    if (request.url === '/redirect') return void response.writeHead(302, { location: '/' }).end()
    response
      .writeHead(200, { 'content-type': request.url === '/module.js' ? 'text/javascript' : 'text/event-stream' })
      .end('')
  })
  const spy6 = createHttp((_, response) => {
    count++
    response.end()
  })
  const udp = createSocket('udp4').on('message', () => count++)
  udp.bind(0, '127.0.0.1')
  const server = createHttp((request, response) => {
    request.resume()
    if (request.url!.includes('token'))
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(TOKEN.body))
    response.writeHead(302, { location: `http://127.0.0.1:${portOf(spy)}/` }).end()
  })
  spy.listen(0, '0.0.0.0')
  spy6.listen(0, '::1')
  server.listen(0, '127.0.0.1')
  await Promise.all([
    once(spy, 'listening'),
    once(server, 'listening'),
    once(udp, 'listening'),
    once(spy6, 'listening').catch(() => {}),
  ])
  const made = victim(ATTACKS)
  const at = {
    port: portOf(spy),
    port6: portOf(spy6),
    udp: udp.address().port,
    redirect: `http://127.0.0.1:${portOf(server)}`,
  }
  try {
    const isolated = await attack(made, 'isolated', at, at.redirect)
    assert.is(count, 0, 'nothing was reached')
    compare(
      isolated,
      await attack(made, 'control', at, at.redirect),
      ATTACKS,
      /NotCapable|Requires net access|remote specifier|getaddrinfo EPERM/,
    )
    assert.ok(count > 10)
  } finally {
    for (const each of [spy, spy6, server]) each.closeAllConnections()
    for (const each of [spy, spy6, server, udp]) each.close()
    made.cleanup()
  }
})

// --- internal ---

function portOf(server: ReturnType<typeof createServer> | ReturnType<typeof createHttp>): number {
  return (server.address() as AddressInfo).port
}

network.run()
