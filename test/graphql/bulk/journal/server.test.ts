import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TransportError } from '../../../../runtime/core/errors.ts'
import { isEmbedded, journalServer } from '../../../../runtime/graphql/bulk/journal/server.ts'
import { startSandbox } from '../../../../runtime/sandbox/mod.ts'
import type { Config } from '../../../../runtime/settings/config.ts'
import { networkHost } from '../../../../runtime/transport/open_transport.ts'
import { rejects } from '../../../_assert.ts'
import { PATIENCE } from '../../../_not_run.ts'
import { refusedUrl } from '../../../_server.ts'

const journalServerOf = suite('journal_server')
const { transport, after, monotonicMs } = networkHost()

async function nameOf(url: string, given: Partial<Pick<Config, 'profile' | 'provider'>> = {}): Promise<string> {
  const timeoutMs = 10_000 * PATIENCE
  const config = { profile: 'default', provider: undefined, graphqlUrl: new URL(url), timeoutMs, ...given }
  const name = await journalServer({ transport, after, monotonicMs }, config)
  assert.is(isEmbedded(name), given.profile === 'sandbox')
  return name
}

journalServerOf('journalServer() returns the address without secrets, and sends no request', async () => {
  assert.is(await nameOf('http://127.0.0.1:4001/wfgen/graphql'), 'http://127.0.0.1:4001/wfgen/graphql')
  assert.is(await nameOf('https://a:b@wfg.example.com/graphql?key=c'), 'https://wfg.example.com/graphql')
})

journalServerOf('journalServer() names an embedded sandbox', async () => {
  const name = await nameOf('http://127.0.0.1:4001/wfgen/graphql', { profile: 'sandbox', provider: 'sandbox' })
  assert.is(name, 'embedded sandbox at http://127.0.0.1:4001/wfgen/graphql')
})

journalServerOf('journalServer() distinguishes a sandbox that was started again on the same port', async () => {
  const first = await startSandbox()
  const kept = { provider: 'sandbox' } as const
  const name = await nameOf(first.graphqlUrl, kept)
  assert.match(name, new RegExp(`^sandbox [0-9a-f]{8} at ${first.graphqlUrl}$`))
  assert.is(await nameOf(first.graphqlUrl, kept), name)
  transport.close()
  await first.close()
  const second = await startSandbox({ port: Number(new URL(first.origin).port) })
  assert.is.not(await nameOf(second.graphqlUrl, kept), name)
  transport.close()
  await second.close()
})

journalServerOf('journalServer() throws if the sandbox does not answer', async () => {
  const url = await refusedUrl()
  const { message } = await rejects(nameOf(`${url}/wfgen/graphql`, { provider: 'sandbox' }), {
    instance: TransportError,
    code: 'WFG_NETWORK',
  })
  assert.match(message, `Cannot use a journal: the sandbox at "${url}" does not answer (ECONNREFUSED).`)
})

journalServerOf.run()
