import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Reply, type ScriptedServer, withServer } from '../_server.ts'
import { settingsFor, TOKEN } from '../cli/_configured.ts'
import { assertFailed, steps } from '../cli/_doctor.ts'

const discovery = suite('cli/doctor/discovery')

const PAGE: Reply = { status: 404, body: 'nothing here' }
const WELL: Reply[] = [{ body: { data: { __typename: 'Query' } } }, { body: { data: { viewer: { userName: 'ada' } } } }]

function byDiscovery(server: ScriptedServer): Record<string, string> {
  const { WFG_TOKEN_ENDPOINT: _, ...settings } = settingsFor(server)
  return { ...settings, WFG_PROVIDER: 'oidc', WFG_ISSUER: server.url }
}

discovery('the token endpoint that the metadata name is used', () => {
  const metadata = () => ({ body: { issuer: url, token_endpoint: `${url}/found` } })
  let url = ''
  return withServer([PAGE, metadata, metadata, TOKEN, ...WELL], async (server) => {
    url = server.url
    const { steps: found, exitCode } = await steps(byDiscovery(server))
    assert.is(exitCode, 0, JSON.stringify(found))
    const { status, detail } = found.find(({ name }) => name === 'discovery')!
    assert.equal([status, detail], ['ok', `the issuer's metadata name the token endpoint ${url}/found`])
  })
})

discovery('an issuer of another name is shown, with the setting', () =>
  withServer(
    [PAGE, { body: { issuer: 'https://o.example/', token_endpoint: 'https://o.example/t' } }],
    async (server) =>
      assertFailed(
        await steps(byDiscovery(server)),
        'discovery',
        3,
        /^Cannot find the token endpoint of the issuer .* its issuer is "https:\/\/o\.example\/"/,
        /^Check WFG_ISSUER, or set WFG_TOKEN_ENDPOINT\.$/,
      ),
  ),
)

discovery('no metadata at all', () =>
  withServer([PAGE, PAGE], async (server) =>
    assertFailed(await steps(byDiscovery(server)), 'discovery', 3, /answered 404 with text\/plain/, /WFG_ISSUER/),
  ),
)

discovery.run()
