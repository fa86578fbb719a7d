import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { APPLICATIONS, startSandbox } from '../../runtime/sandbox/mod.ts'
import { rejects } from '../_assert.ts'
import { notRun, UNDER_WINE } from '../_not_run.ts'
import { programOf, RUNTIME } from '../_runtime.ts'
import { grant, withSandbox } from './_sandbox.ts'

const sandboxes = suite('mod')
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const DENO = programOf('deno')

sandboxes('startSandbox() returns the settings that connect to it', () =>
  withSandbox(async ({ sandbox }) => {
    assert.match(sandbox.origin, /^http:\/\/127\.0\.0\.1:\d+$/)
    assert.equal(sandbox.settings, {
      WFG_PROVIDER: 'sandbox',
      WFG_GRAPHQL_URL: `${sandbox.origin}/wfgen/graphql`,
      WFG_ISSUER: `${sandbox.origin}/`,
      WFG_AUDIENCE: 'https://workflowgen.example.com/wfgen/graphql',
      WFG_CLIENT_ID: 'sandbox-scripts',
      WFG_CLIENT_SECRET: 'sandbox-secret-of-scripts',
    })
    assert.is(sandbox.graphqlUrl, sandbox.settings['WFG_GRAPHQL_URL'])
    assert.is(sandbox.issuer, sandbox.settings['WFG_ISSUER'])
  }),
)

sandboxes('APPLICATIONS have different ids and secrets', () => {
  const values = Object.values(APPLICATIONS).flatMap(({ clientId, clientSecret }) => [clientId, clientSecret])
  assert.is(new Set(values).size, values.length)
})

sandboxes('startSandbox() listens on the given port, and rejects if it is in use', () =>
  withSandbox(async ({ sandbox }) => {
    const port = Number(new URL(sandbox.origin).port)
    await rejects(() => startSandbox({ port }), { code: 'EADDRINUSE' })
    await sandbox.close()
    const again = await startSandbox({ port })
    assert.is(again.origin, sandbox.origin)
    await again.close()
  }),
)

sandboxes('startSandbox() rejects a number of requests that is out of range', async () => {
  for (const requests of [-1, 1.5, 10_000_001, Number.NaN]) {
    await rejects(() => startSandbox({ requests }), { instance: RangeError, message: /expected 0 to 10000000/ })
  }
})

sandboxes('a token request that is too large is refused, and the server continues', () =>
  withSandbox(async ({ requestToken, token }) => {
    assert.is((await requestToken({ audience: 'x'.repeat(60_000) })).status, 413)
    await token()
  }),
)

sandboxes('startSandbox() listens on loopback only', () =>
  withSandbox(async ({ sandbox }) => {
    if (UNDER_WINE) return notRun('Wine does not tell the addresses of this machine')
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal)
    if (!outside) return notRun('the test of the loopback address needs another address of this machine')
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(new URL(sandbox.origin).port), outside.address)
      socket.on('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    assert.is(reached, false)
  }),
)

sandboxes('the front page says what the sandbox is and shows its settings', () =>
  withSandbox(async ({ get, sandbox }) => {
    const { status, headers, text } = await get('/')
    assert.is(status, 200)
    assert.match(headers.get('content-type') ?? '', /^text\/html/)
    assert.match(text, 'A stand-in for an identity provider and for WorkflowGen, to learn and test with.')
    assert.match(text, `WFG_GRAPHQL_URL=${sandbox.graphqlUrl}`)
  }),
)

sandboxes('latencyMs delays every response', () =>
  withSandbox(
    async ({ requestToken, graphql }) => {
      const started = performance.now()
      await requestToken(grant(APPLICATIONS.scripts))
      const asked = performance.now()
      assert.ok(asked - started >= 119)
      await graphql('{ viewer { userName } }') // with a token request of its own
      assert.ok(performance.now() - asked >= 238)
    },
    { latencyMs: 120 },
  ),
)

sandboxes('close() ends open connections, and can be called again', async () => {
  const sandbox = await startSandbox()
  const socket = connect(Number(new URL(sandbox.origin).port), '127.0.0.1')
  const closed = new Promise((resolve) => socket.on('close', resolve).on('error', () => {}))
  await new Promise((resolve) => socket.on('connect', resolve))
  await sandbox.close()
  if (RUNTIME === 'bun') notRun('Bun leaves a connection open on which nothing was sent')
  else await closed
  socket.destroy()
  await sandbox.close()
  await rejects(() => fetch(sandbox.origin), { instance: TypeError })
})

sandboxes('two sandboxes in one process are separate', () =>
  withSandbox(async (first) => {
    await withSandbox(async (second) => {
      await first.data('mutation { createRequest(input: { processName: "SIMPLE_REQUEST" }) { clientMutationId } }')
      assert.is((await first.data('{ requests { totalCount } }')).requests.totalCount, 401)
      assert.is((await second.data('{ requests { totalCount } }')).requests.totalCount, 400)
    })
  }),
)

/** Starts a sandbox, has a token and a query from it, never closes it, and leaves a word of its own on the console. */
const PROGRAM = `
  const warned = import('./runtime/sandbox/mod.ts').then(({ startSandbox }) => startSandbox({ requests: 10 }))
  const original = console.warn
  const sandbox = await warned
  const { WFG_CLIENT_ID: client_id, WFG_CLIENT_SECRET: client_secret, WFG_AUDIENCE: audience } = sandbox.settings
  const body = JSON.stringify({ grant_type: 'client_credentials', client_id, client_secret, audience })
  const json = { 'content-type': 'application/json' }
  const ask = async (authorization, query) => (await fetch(sandbox.graphqlUrl, { method: 'POST', headers: { ...json, authorization }, body: JSON.stringify({ query }) })).text()
  const answer = await (await fetch(sandbox.issuer + 'oauth/token', { method: 'POST', headers: json, body })).json()
  await (await fetch(sandbox.issuer + '.well-known/openid-configuration')).text()
  await ask('Bearer x', '{')
  await ask('Bearer ' + answer.access_token, '{')
  const text = await ask('Bearer ' + answer.access_token, '{ requests { totalCount } }')
  if (text !== '{"data":{"requests":{"totalCount":10}}}') console.error(text)
  if (console.warn !== original) console.error('the console is not as it was')
`

function run(command: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.on('close', (code) => resolve({ code, output }))
  })
}

sandboxes('a process with a sandbox prints nothing, and ends by itself (Node)', async () => {
  const node = programOf('node')!
  const args = [
    '--import',
    'tsx',
    '--input-type=module',
    '--eval',
    PROGRAM.replaceAll("'./runtime", `'${pathToFileURL(ROOT)}runtime`),
  ]
  assert.equal(await run(node, args), { code: 0, output: '' })
})

sandboxes('a process with a sandbox prints nothing, and ends by itself (Deno)', async () => {
  if (DENO === undefined) return notRun('the test of the silent sandbox needs Deno')
  const program = PROGRAM.replaceAll("'./runtime", `'${pathToFileURL(ROOT)}runtime`)
  assert.equal(await run(DENO, ['eval', '--ext=ts', program]), { code: 0, output: '' })
})

sandboxes.run()
