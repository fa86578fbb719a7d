import { resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { historyFolder, settingsFor } from '../../../runtime/tasks/history/history_folder.ts'
import { fakeHost } from '../../_host.ts'

const folder = suite('tasks/history/history_folder')

function folderWith(env: Record<string, string>) {
  const host = fakeHost({ env, secrets: {}, platform: 'linux', cwd: () => '/srv/team', isAllowed: () => true })
  return historyFolder(host, settingsFor(host, '/none', undefined).settings)
}

const HOME = { HOME: '/home/a' }

folder('historyFolder() is in the state folder, or in WFG_CACHE_DIR', () => {
  assert.is(folderWith(HOME), '/home/a/.local/state/wfg')
  assert.is(folderWith({ ...HOME, WFG_CACHE_DIR: 'x' }), `${resolve('/srv/team/x')}/state`)
  assert.is(folderWith({ ...HOME, WFG_CACHE_DIR: 'x', XDG_STATE_HOME: '/s' }), '/s/wfg')
})

folder('historyFolder() is undefined if no file may be written', () => {
  assert.is(folderWith({ ...HOME, WFG_TOKEN_CACHE: 'off' }), undefined)
  assert.is(folderWith({ ...HOME, CI: '1' }), undefined)
  assert.is(folderWith({ ...HOME, CI: '1', WFG_TOKEN_CACHE: 'disk' }), '/home/a/.local/state/wfg')
  assert.is(folderWith({ ...HOME, WFG_TOKEN_CACHE: 'memory' }), '/home/a/.local/state/wfg')
  assert.is(folderWith({}), undefined)
})

folder('historyFolder() reads no variable that Deno would ask a person about', () => {
  const asked: string[] = []
  const env = new Proxy({ XDG_STATE_HOME: '/s', HOME: '/home/a' } as Record<string, string>, {
    get(target, name: string) {
      asked.push(name)
      return target[name]
    },
  })
  const isAllowed = (right: string, what: string) => right === 'env' && what === 'HOME'
  const host = fakeHost({ env, secrets: {}, platform: 'linux', isAllowed })
  const settings = { WFG_TOKEN_CACHE: { value: 'disk', directory: '/' } }
  assert.is(historyFolder(host, settings), '/home/a/.local/state/wfg')
  assert.equal(asked, ['HOME'])
})

folder('settingsFor() uses the environment if the profile does not exist', () => {
  const host = fakeHost({
    env: { WFG_SCOPE: 's' },
    secrets: {},
    platform: 'linux',
    cwd: () => '/w',
    isAllowed: () => true,
  })
  const { profile, settings } = settingsFor(host, '/none', 'unknown')
  assert.equal([profile, settings['WFG_SCOPE']?.value], ['unknown', 's'])
})

folder.run()
