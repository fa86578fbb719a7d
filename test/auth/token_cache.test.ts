import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tokenCacheMode } from '../../runtime/auth/token_cache.ts'
import { configOf } from './_config.ts'

const mode = suite('auth/token_cache')

const ISSUER = { WFG_ISSUER: 'https://as.example/' }

for (const [env, settings, expected] of [
  [{}, {}, 'disk'],
  [{ CI: '' }, {}, 'disk'],
  [{ CI: '0' }, {}, 'disk'],
  [{ CI: 'False' }, {}, 'disk'],
  [{ CI: 'true' }, {}, 'off'],
  [{ CI: '1' }, {}, 'off'],
  [{ GITHUB_ACTIONS: 'true' }, {}, 'off'],
  [{ JENKINS_URL: 'http://ci/' }, {}, 'off'],
  [{ CI: 'true' }, { WFG_TOKEN_CACHE: 'disk' }, 'disk'],
  [{ CI: 'true' }, { WFG_TOKEN_CACHE: 'memory' }, 'memory'],
  [{}, { WFG_TOKEN_CACHE: 'off' }, 'off'],
  [{}, { WFG_PROVIDER: 'sandbox' }, 'off'],
  [{}, { WFG_PROVIDER: 'sandbox', WFG_TOKEN_CACHE: 'disk' }, 'off'],
] as const) {
  mode(`tokenCacheMode() is ${expected} with ${JSON.stringify({ ...env, ...settings })}`, () => {
    assert.is(tokenCacheMode({ env }, configOf({ ...ISSUER, ...settings })), expected)
  })
}

mode('tokenCacheMode() is off for the profile of the sandbox, whatever is set', () => {
  const config = configOf({ ...ISSUER, WFG_TOKEN_CACHE: 'disk' })
  assert.is(tokenCacheMode({ env: {} }, { ...config, profile: 'sandbox' }), 'off')
})

mode.run()
