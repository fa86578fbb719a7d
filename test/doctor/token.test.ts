import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { temporaryFolder } from '../_cli.ts'
import { type Reply, withServer } from '../_server.ts'
import { settingsFor, TOKEN } from '../cli/_configured.ts'
import { assertFailed, steps } from '../cli/_doctor.ts'

const token = suite('cli/doctor/token')

const PAGE: Reply = { status: 404, body: 'nothing here' }
const WELL: Reply[] = [{ body: { data: { __typename: 'Query' } } }, { body: { data: { viewer: { userName: 'ada' } } } }]
const REFUSED: Reply = { status: 401, body: { error: 'access_denied', error_description: 'Unauthorized' } }

token('one is asked for each time; scripts get the one that is issued, and keep theirs where none is', () =>
  withServer([PAGE, TOKEN, ...WELL, PAGE, TOKEN, ...WELL, PAGE, REFUSED], async (server) => {
    const folder = temporaryFolder()
    try {
      const env = { ...settingsFor(server), WFG_TOKEN_CACHE: 'disk', WFG_CACHE_DIR: join(folder, 'wfg') }
      const kept = () => {
        const file = readdirSync(env.WFG_CACHE_DIR).find((name) => name.endsWith('.json') && name.startsWith('token-'))
        return readFileSync(join(env.WFG_CACHE_DIR, file!), 'utf8')
      }
      assert.is((await steps(env)).exitCode, 0)
      const first = kept()
      assert.is((await steps(env)).exitCode, 0)
      const second = kept()
      assert.is.not(first, second)
      assertFailed(await steps(env), 'token', 3, /401 access_denied/, /client secret is wrong/)
      assert.is(kept(), second)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }),
)

token('what is wrong with a key file is said with its setting, and exits with 2', () =>
  withServer([PAGE], async (server) => {
    const env = { WFG_CLIENT_AUTH: 'private_key_jwt', WFG_PRIVATE_KEY_FILE: 'no-such.pem' }
    const found = await steps({ ...settingsFor(server), ...env })
    assert.equal([found.last.name, found.last.status, found.exitCode], ['token', 'failed', 2])
    assert.match(`${found.last.detail} ${found.last.remedy}`, /WFG_PRIVATE_KEY_FILE must name .*there is no such file/)
    assert.not.match(found.last.detail, /\n/)
  }),
)

token('an identity provider that does not answer is given up after the time for a call', () =>
  withServer([PAGE, { fault: 'stall' }], async (server) =>
    assertFailed(
      await steps({ ...settingsFor(server), WFG_TIMEOUT_MS: '500' }),
      'token',
      3,
      /no answer within 500 ms/,
      /^Check WFG_ISSUER or WFG_TOKEN_ENDPOINT, the network and the proxy\.$/,
    ),
  ),
)

token.run()
