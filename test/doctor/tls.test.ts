import { once } from 'node:events'
import { createServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import { suite } from 'uvu'
import { type Certificate, certificate } from '../_certificates.ts'
import { withServer } from '../_server.ts'
import { settingsFor } from '../cli/_configured.ts'
import { assertFailed, steps } from '../cli/_doctor.ts'

const tls = suite('cli/doctor/tls')

async function withTls({ cert, key }: Certificate, action: (url: string) => Promise<void>): Promise<void> {
  const server = createServer({ cert, key }, (_request, response) => response.end())
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await action(`https://127.0.0.1:${(server.address() as { port: number }).port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

tls('a certificate of an unknown authority is said to be not trusted, with the variable of each runtime', () =>
  withTls(certificate('127.0.0.1', { hosts: ['127.0.0.1'], issuer: certificate('An authority') }), async (url) => {
    assertFailed(
      await steps(settingsFor({ url })),
      'TLS',
      4,
      /^no answer from 127\.0\.0\.1:\d+: the certificate is not trusted \(\w+\)$/,
      /NODE_EXTRA_CA_CERTS to its path \(on Deno: DENO_CERT, or `deno run --cert FILE`\)\. Never turn verification off\.$/,
    )
  }),
)

tls('something that does not speak TLS is told by its port', async () => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const url = `https://127.0.0.1:${(server.address() as { port: number }).port}`
    assertFailed(
      await steps(settingsFor({ url })),
      'TLS',
      4,
      /the TLS handshake failed/,
      /^Check the port in WFG_GRAPHQL_URL/,
    )
  } finally {
    server.close()
  }
})

tls('a server that never answers is given up after the time for a call', () =>
  withServer([{ fault: 'stall' }], async (server) => {
    assertFailed(
      await steps({ ...settingsFor(server), WFG_TIMEOUT_MS: '300' }),
      'TLS',
      4,
      /nothing answers \(ABORTED\)/,
      /^Check the host in WFG_GRAPHQL_URL/,
    )
  }),
)

tls.run()
