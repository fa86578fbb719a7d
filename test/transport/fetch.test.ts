import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createFetchTransport } from '../../runtime/transport/fetch.ts'
import { TransportFailure } from '../../runtime/transport/transport.ts'
import { hides, rejects } from '../_assert.ts'
import { refusedUrl, withServer } from '../_server.ts'
import { byFetch, post, realTransport, textOf } from './_exchange.ts'

const fetchTransport = suite('fetch transport')

const NODE_OR_BUN = createFetchTransport({ fetch: globalThis.fetch })

fetchTransport('createFetchTransport() works without a client of its own', async () => {
  await withServer([{ body: 'a' }, { body: 'b' }], async ({ url }) => {
    assert.is(textOf(await NODE_OR_BUN.send(post(url))), 'a')
    assert.is(textOf(await NODE_OR_BUN.send(post(url, { once: true }))), 'b')
  })
})

fetchTransport('createFetchTransport() opens one client for what is sent once, and closes it', async () => {
  const seen: string[] = []
  const client = { close: () => seen.push('close') }
  const transport = createFetchTransport({
    fetch: (async (_url: URL, init: { client?: unknown }) => {
      seen.push(init.client === client ? 'by the client' : 'shared')
      return new Response('a')
    }) as unknown as typeof fetch,
    deno: {
      createHttpClient({ poolMaxIdlePerHost }) {
        seen.push(`open ${poolMaxIdlePerHost}`)
        return client
      },
    },
  })
  for (const once of [false, true, true, false]) await transport.send(post('http://x.test/', { once }))
  transport.close()
  transport.close()
  assert.equal(seen, ['shared', 'open 0', 'by the client', 'by the client', 'shared', 'close'])
})

/** As Deno 2.9 and Bun word them. */
const WORDED: readonly (readonly [error: unknown, stage: string, reason: string, message: string])[] = [
  [
    failed(
      'error sending request for url (http://a.test/g?k=abc): client error (Connect): dns error: failed to lookup',
    ),
    'connect',
    'ENOTFOUND',
    'dns error: failed to lookup',
  ],
  [
    failed(
      'error sending request for url (https://a.test/): client error (Connect): invalid peer certificate: UnknownIssuer',
    ),
    'connect',
    'CERT_INVALID',
    'invalid peer certificate: UnknownIssuer',
  ],
  [
    failed(
      'error sending request from 10.0.0.1:5 for http://a.test/g?k=abc (10.0.0.2:80): client error (SendRequest): connection closed before message completed',
    ),
    'exchange',
    'ECONNRESET',
    'connection closed before message completed',
  ],
  [
    failed('Connection reset by peer (os error 104)'),
    'exchange',
    'ECONNRESET',
    'Connection reset by peer (os error 104)',
  ],
  [
    Object.assign(new Error('unable to verify the first certificate'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }),
    'connect',
    'CERT_INVALID',
    'unable to verify the first certificate',
  ],
  [
    Object.assign(new Error('EPROTO: The TLS handshake failed. Does the server speak TLS?'), { code: 'EPROTO' }),
    'connect',
    'EPROTO',
    'EPROTO: The TLS handshake failed. Does the server speak TLS?',
  ],
  [
    // Of a certificate that the server wants of the client: TLS 1.3 tells after the request.
    failed('client error (SendRequest): received fatal alert: CertificateRequired'),
    'exchange',
    'CERT_INVALID',
    'client error (SendRequest): received fatal alert: CertificateRequired',
  ],
  [
    Object.assign(new Error('Unable to connect. Is the computer able to access the url?'), {
      code: 'ConnectionRefused',
    }),
    'connect',
    'ECONNREFUSED',
    'Unable to connect. Is the computer able to access the url?',
  ],
  ...(
    [
      ['UNKNOWN', 'Fetch failed: Requests to port 1 are blocked'],
      ['UNKNOWN', 'Requires net access to "x.test:80", run again with the --allow-net flag'],
      ['CERT_INVALID', 'Failed opening CA file: No such file or directory (os error 2)'],
      ['CERT_INVALID', 'Unable to add pem file to certificate store: Is a directory (os error 21)'],
    ] as const
  ).map(([reason, message]) => [new TypeError(message), 'connect', reason, message] as const),
  [new TypeError('something new'), 'exchange', 'UNKNOWN', 'something new'],
]
for (const [error, stage, reason, message] of WORDED) {
  fetchTransport(`send() takes "${message}" for ${reason} at the stage ${stage}`, async () => {
    const transport = createFetchTransport({ fetch: () => Promise.reject(error) })
    const found = (await rejects(transport.send(post('http://x.test/')), {
      instance: TransportFailure,
    })) as TransportFailure
    assert.equal([found.stage, found.reason, found.message], [stage, reason, message])
  })
}

fetchTransport('send() does not show a header that cannot be sent', async () => {
  const sending = realTransport().send(post(await refusedUrl(), { headers: { authorization: 'Bearer abc\ndef' } }))
  const error = await rejects(sending, { instance: TypeError })
  hides(String(error.stack), 'abc', 'def')
})

fetchTransport('send() opens a new connection for each request that is sent once on Deno', async () => {
  const replies = [{ body: 'a' }, { body: 'b' }, { body: 'c' }]
  await withServer(replies, async (server) => {
    const transport = realTransport()
    await transport.send(post(server.url))
    await transport.send(post(server.url, { once: true }))
    await transport.send(post(server.url, { once: true }))
    transport.close()
    assert.is(server.connections, byFetch ? 3 : 1)
  })
})

// --- internal ---

function failed(cause: string): Error {
  return new TypeError('fetch failed', { cause: new Error(cause) })
}

fetchTransport.run()
