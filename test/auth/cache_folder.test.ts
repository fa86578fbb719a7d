import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cacheFolder, tokenCacheMode } from '../../runtime/auth/cache_folder.ts'
import { configOf } from './_config.ts'

const folder = suite('auth/cache_folder')

for (const [platform, env, expected] of [
  ['linux', { XDG_CACHE_HOME: '/x', HOME: '/home/a' }, '/x/wfg'],
  ['linux', { HOME: '/home/a b' }, '/home/a b/.cache/wfg'],
  ['linux', { XDG_CACHE_HOME: '', HOME: '/home/a' }, '/home/a/.cache/wfg'],
  ['linux', { XDG_CACHE_HOME: 'relative', HOME: '/home/a' }, '/home/a/.cache/wfg'],
  ['freebsd', { HOME: '/home/a' }, '/home/a/.cache/wfg'],
  ['linux', {}, undefined],
  ['linux', { HOME: '' }, undefined],
  ['linux', { HOME: 'home' }, undefined],
  ['darwin', { HOME: '/Users/a', XDG_CACHE_HOME: '/x' }, '/Users/a/Library/Caches/wfg'],
  ['darwin', {}, undefined],
  ['win32', { LOCALAPPDATA: 'C:\\Users\\a b\\AppData\\Local' }, 'C:\\Users\\a b\\AppData\\Local\\wfg'],
  ['win32', { HOME: '/home/a' }, undefined],
] as const) {
  folder(`cacheFolder() is ${expected} on ${platform} with ${JSON.stringify(env)}`, () => {
    assert.is(cacheFolder({ platform, env }, undefined), expected)
    assert.is(cacheFolder({ platform, env }, '/set'), '/set')
  })
}

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
  folder(`tokenCacheMode() is ${expected} with ${JSON.stringify({ ...env, ...settings })}`, () => {
    assert.is(tokenCacheMode({ env }, configOf({ ...ISSUER, ...settings })), expected)
  })
}

folder('tokenCacheMode() is off for the profile of the sandbox, whatever is set', () => {
  const config = configOf({ ...ISSUER, WFG_TOKEN_CACHE: 'disk' })
  assert.is(tokenCacheMode({ env: {} }, { ...config, profile: 'sandbox' }), 'off')
})

folder.run()
