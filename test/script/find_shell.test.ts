import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as zx from 'zx/core'
import { ConfigError, UsageError } from '../../runtime/core/errors.ts'
import { findShell, shellOptions } from '../../runtime/script/find_shell.ts'
import { rejects } from '../_assert.ts'
import { withFolder } from '../tasks/_folder.ts'

const find = suite('script/find_shell')

const SUFFIX = process.platform === 'win32' ? '.exe' : ''

/** Folders with programs of these names, on a PATH. */
function withPrograms(names: readonly string[], work: (env: { PATH: string }, dir: string) => Promise<void> | void) {
  return withFolder({}, async (dir) => {
    const folders = names.map((name) => {
      const folder = join(dir, name)
      mkdirSync(folder)
      writeFileSync(join(folder, `${name}${SUFFIX}`), '')
      chmodSync(join(folder, `${name}${SUFFIX}`), 0o755)
      return folder
    })
    await work({ PATH: folders.join(delimiter) }, dir)
  })
}

find('findShell() takes bash first, and cmd only if it is chosen', () =>
  withPrograms(['cmd', 'powershell', 'sh', 'bash'], (env, dir) => {
    const at = (name: string) => ({ kind: name, path: join(dir, name, `${name}${SUFFIX}`) })
    assert.equal(findShell(env, undefined), at('bash'))
    assert.equal(findShell(env, 'cmd'), at('cmd'))
    assert.equal(findShell(env, at('sh').path), at('sh'))
    assert.equal(findShell({ PATH: join(dir, 'powershell') }, ''), at('powershell'))
    assert.is(findShell({ PATH: join(dir, 'cmd') }, undefined), undefined)
  }),
)

find('findShell() says what is wrong with WFG_SHELL', () =>
  withPrograms(['bash'], async (env, dir) => {
    for (const [wanted, message] of [
      [
        'fish',
        'Cannot use the shell of WFG_SHELL: it is "fish"; expected bash, sh, pwsh, powershell, cmd, or the path of one of them.',
      ],
      ['pwsh', 'Cannot use the shell of WFG_SHELL: there is no "pwsh" on the PATH.'],
      [join(dir, 'sh'), `Cannot use the shell of WFG_SHELL: there is no "${join(dir, 'sh')}".`],
    ] as const) {
      await rejects(() => findShell(env, wanted), { instance: ConfigError, message })
    }
  }),
)

find('shellOptions() quotes for cmd what cmd can take, and refuses the rest', async () => {
  const { quote } = shellOptions({ kind: 'cmd', path: 'cmd.exe' }, zx)
  assert.equal(['a.txt', 'C:\\a b\\', 'a & b', 'Zoë^!', ''].map(quote), [
    'a.txt',
    '"C:\\a b\\\\"',
    '"a & b"',
    '"Zoë^!"',
    '""',
  ])
  for (const value of ['a"b', '%PATH%', 'a\nb'])
    await rejects(() => quote(value), { instance: UsageError, message: /^Cannot pass a value with a double quote/ })
})

find.run()
