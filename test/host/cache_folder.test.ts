import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cacheFolder, runsInCi } from '../../runtime/host/cache_folder.mjs'

const folder = suite('cache_folder')

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

for (const [env, expected] of [
  [{}, false],
  [{ CI: '' }, false],
  [{ CI: '0' }, false],
  [{ CI: 'False' }, false],
  [{ CI: 'true' }, true],
  [{ GITHUB_ACTIONS: 'true' }, true],
  [{ JENKINS_URL: 'http://ci/' }, true],
] as const) {
  folder(`runsInCi() is ${expected} with ${JSON.stringify(env)}`, () => {
    assert.is(runsInCi(env), expected)
  })
}

folder.run()
