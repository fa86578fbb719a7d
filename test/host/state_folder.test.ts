import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stateFolder } from '../../runtime/host/state_folder.ts'

const folder = suite('state_folder')

for (const [platform, env, expected, configured] of [
  ['linux', { XDG_STATE_HOME: '/x', HOME: '/home/a' }, '/x/wfg', '/x/wfg'],
  ['linux', { HOME: '/home/a b' }, '/home/a b/.local/state/wfg', '/set/state'],
  ['linux', { XDG_STATE_HOME: '', HOME: '/home/a' }, '/home/a/.local/state/wfg', '/set/state'],
  ['linux', { XDG_STATE_HOME: 'relative', HOME: '/home/a' }, '/home/a/.local/state/wfg', '/set/state'],
  ['linux', {}, undefined, '/set/state'],
  ['linux', { HOME: 'home' }, undefined, '/set/state'],
  ['darwin', { HOME: '/Users/a', XDG_STATE_HOME: '/x' }, '/Users/a/Library/Application Support/wfg', '/set/state'],
  ['win32', { LOCALAPPDATA: 'C:\\Users\\a b' }, 'C:\\Users\\a b\\wfg\\state', '\\set\\state'],
  ['win32', { HOME: '/home/a' }, undefined, '\\set\\state'],
] as const) {
  folder(`stateFolder() is ${expected} on ${platform} with ${JSON.stringify(env)}`, () => {
    assert.is(stateFolder({ platform, env }, undefined), expected)
    assert.is(stateFolder({ platform, env }, '/set'), configured)
  })
}

folder('stateFolder() does without what Deno does not let it read', () => {
  const env = new Proxy<Record<string, string>>(
    {},
    {
      get(_, name) {
        if (name !== 'HOME') throw new Error(`Requires env access to ${String(name)}`)
        return '/home/a'
      },
    },
  )
  assert.is(stateFolder({ platform: 'linux', env }, undefined), '/home/a/.local/state/wfg')
})

folder.run()
