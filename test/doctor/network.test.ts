import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { refusedUrl } from '../_server.ts'
import { settingsFor } from '../cli/_configured.ts'
import { assertFailed, type ExaminedSteps, steps } from '../cli/_doctor.ts'

const network = suite('cli/doctor/network')

/** Longer than a label may be: no resolver is asked for it. */
const NO_NAME = `https://${'x'.repeat(64)}.example`
/** Known to the proxy alone. */
const BEHIND_PROXY = 'https://workflow.invalid'

/** Runs `action` with a server that answers whatever is said to it with `answer`. */
async function withAnswer(
  answer: string,
  action: (address: string, heard: () => string) => Promise<void>,
): Promise<void> {
  let heard = ''
  const server: Server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
      socket.end(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await action(`127.0.0.1:${(server.address() as { port: number }).port}`, () => heard)
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

/** The library that knows the rules of `NO_PROXY` reads the environment itself. */
async function through(variables: Record<string, string>, settings: Record<string, string>): Promise<ExaminedSteps> {
  Object.assign(process.env, variables)
  try {
    return await steps({ ...settings, ...variables })
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name]
  }
}

network('a name that is not found is named, with the setting that holds it', async () => {
  const url = await refusedUrl()
  assertFailed(
    await steps({ ...settingsFor({ url }), WFG_TOKEN_ENDPOINT: `${NO_NAME}/oauth/token` }),
    'network',
    4,
    /^cannot connect to x{64}\.example:443: the name is not found \(DNS\) \(E\w+\)$/,
    /^Check the host in WFG_TOKEN_ENDPOINT for typing mistakes\. .*HTTPS_PROXY/,
  )
})

network('a connection that is refused names host, port and setting', async () => {
  const url = await refusedUrl()
  assertFailed(
    await steps(settingsFor({ url })),
    'network',
    4,
    new RegExp(`^cannot connect to ${new URL(url).host}: the connection is refused \\(ECONNREFUSED\\)$`),
    /^Check the host and port in WFG_GRAPHQL_URL/,
  )
})

network('WorkflowGen is reached as well as the identity provider', () =>
  withAnswer('', async (address) => {
    const settings = settingsFor({ url: `http://${address}` })
    assertFailed(
      await steps({ ...settings, WFG_GRAPHQL_URL: `${await refusedUrl()}/graphql` }),
      'network',
      4,
      /refused/,
      /WFG_GRAPHQL_URL/,
    )
  }),
)

network('a proxy that is not there is named by its variable', async () => {
  const proxy = new URL(await refusedUrl()).host
  assertFailed(
    await through({ HTTPS_PROXY: `http://${proxy}` }, settingsFor({ url: BEHIND_PROXY })),
    'network',
    4,
    new RegExp(`^cannot connect to the proxy ${proxy}: the connection is refused`),
    /^Check the host and port in HTTPS_PROXY/,
  )
})

for (const [answer, detail, remedy] of [
  [
    'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n',
    /workflow\.invalid:443 through the proxy 127\.0\.0\.1:\d+: the proxy asks for a name and password \(407\)/,
    /HTTPS_PROXY=http:\/\/name:password@/,
  ],
  ['HTTP/1.1 403 Forbidden\r\n\r\n', /the proxy refuses to connect \(PROXY_403\)/, /allow the host.*NO_PROXY/],
  ['HTTP/1.1 502 Bad Gateway\r\n\r\n', /the proxy could not connect \(PROXY_502\)/, /host in WFG_GRAPHQL_URL/],
  ['220 mail.example.com ESMTP\r\n', /PROXY_UNKNOWN/, /whoever runs the proxy/],
  ['HTTP/1.1', /PROXY_CLOSED/, /whoever runs the proxy/],
] as const) {
  network(`a proxy that answers ${JSON.stringify(answer.slice(0, 12))} is told from the server behind it`, () =>
    withAnswer(answer, async (address, heard) => {
      const variables = { HTTPS_PROXY: `http://me:pass%20word@${address}` }
      const found = await through(variables, settingsFor({ url: BEHIND_PROXY }))
      assertFailed(found, 'network', 4, detail, remedy)
      assert.not.match(found.out, /pass.*word@?127/)
      assert.match(heard(), /^CONNECT workflow\.invalid:443 HTTP\/1\.1\r\nhost: workflow\.invalid:443\r\n/)
      assert.match(heard(), new RegExp(`\r\nproxy-authorization: Basic ${btoa('me:pass word')}\r\n\r\n$`))
    }),
  )
}

network('a proxy is not asked for what NO_PROXY names', () =>
  withAnswer('HTTP/1.1 403 Forbidden\r\n\r\n', async (address, heard) => {
    const variables = { HTTPS_PROXY: `http://${address}`, NO_PROXY: '.example' }
    const found = await through(variables, settingsFor({ url: NO_NAME }))
    assertFailed(found, 'network', 4, /the name is not found/, /WFG_GRAPHQL_URL/)
    assert.is(heard(), '')
  }),
)

network.run()
