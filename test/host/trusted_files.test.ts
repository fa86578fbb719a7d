import { chmodSync, chownSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { distrust, othersMay, READ, refusal, settingsFiles, trustedUsers } from '../../runtime/host/trusted_files.mjs'
import { notRun } from '../_not_run.ts'
import { withFolder } from '../tasks/_folder.ts'

const trusted = suite('trusted_files')

trusted('trustedUsers() are root, this user, and the one that the environment names', () => {
  assert.equal(trustedUsers({}, 1000), [0, 1000])
  assert.equal(trustedUsers({ WFG_TRUST_OWNER: ' 1001 ' }, 1000), [0, 1000, 1001])
  for (const value of ['', 'ann', '-1', '1,2', '*', '0x1']) {
    assert.equal(trustedUsers({ WFG_TRUST_OWNER: value }, 1000), [0, 1000], value)
  }
  assert.is(trustedUsers({ WFG_TRUST_OWNER: '1' }, undefined), undefined)
})

const OPEN = { reason: 'can be changed by other users' }
for (const [uid, gid, mode, found] of [
  [1000, 1000, 0o644, undefined],
  [1000, 1000, 0o664, undefined],
  [1000, 0, 0o664, undefined],
  [0, 0, 0o644, undefined],
  [0, 1000, 0o664, undefined],
  [1000, 100, 0o644, undefined],
  [1000, 100, 0o664, OPEN],
  [1000, 1000, 0o666, OPEN],
  [0, 0, 0o602, OPEN],
  [1001, 1000, 0o600, { reason: 'belongs to user 1001', owner: 1001 }],
] as const) {
  trusted(`distrust() of a file of ${uid}:${gid} with mode ${mode.toString(8)}, for user 1000`, () => {
    assert.equal(distrust({ uid, gid, mode }, [0, 1000]), found)
    assert.is(distrust({ uid, gid, mode }, undefined), undefined)
  })
}

trusted('othersMay() takes the group of a user’s own for that user', () => {
  const found = (mode: number, gid: number) => othersMay({ uid: 1000, gid, mode }, READ, [0, 1000])
  assert.equal(
    [found(0o600, 100), found(0o640, 1000), found(0o640, 100), found(0o604, 1000)],
    [false, false, true, true],
  )
  assert.is(othersMay({ uid: 1000, gid: 100, mode: 0o777 }, READ, undefined), false)
})

trusted('settingsFiles() leaves out the example', () =>
  withFolder({ '.env': '', '.env.test': '', '.env.example': '', '.environment': '' }, (folder) => {
    assert.equal(settingsFiles(folder).toSorted(), ['.env', '.env.test'])
  }),
)

const FILES = { 'tasks.ts': '', 'package.json': '{}', '.env': '', '.env.test': '', '.env.example': '', 'sub/x.txt': '' }
const users = trustedUsers({}, process.geteuid?.())

trusted('refusal() names the first part that others may change, and what to type', async () => {
  if (users === undefined) return notRun('whose a file is, is a question of Unix')
  await withFolder(FILES, (folder) => {
    assert.is(refusal(folder, users), undefined)
    for (const [name, mode] of [
      ['tasks.ts', 0o666],
      ['.env', 0o602],
      ['.env.test', 0o666],
      ['package.json', 0o666],
      ['.', 0o777],
    ] as const) {
      const path = join(folder, name)
      chmodSync(path, mode)
      assert.is(
        refusal(folder, users),
        `Cannot run what is in ${JSON.stringify(folder)}: ${JSON.stringify(path)} can be changed by other users. ` +
          `If you trust its content, type: chmod go-w ${JSON.stringify(path)}`,
      )
      chmodSync(path, name === '.' ? 0o1777 : 0o600)
      assert.is(refusal(folder, users), undefined, 'in a sticky folder nobody can replace a file of this user')
    }
    chmodSync(join(folder, '.env.example'), 0o666)
    assert.is(refusal(folder, users), undefined, 'the example is nobody’s settings')
    assert.match(refusal(folder, users, [join(folder, '.env.example')]) ?? '', 'can be changed')
  })
})

trusted('refusal() looks at the package.json above, and not at folders above', () =>
  withFolder(FILES, (folder) => {
    if (users === undefined) return notRun('whose a file is, is a question of Unix')
    chmodSync(folder, 0o777)
    const sub = join(folder, 'sub')
    assert.is(refusal(sub, users), undefined)
    chmodSync(join(folder, 'package.json'), 0o666)
    assert.match(refusal(sub, users) ?? '', 'package.json" can be changed by other users')
  }),
)

trusted('refusal() names the owner of a file, and of a link to one', () =>
  withFolder(FILES, (folder) => {
    if (process.geteuid?.() !== 0) return notRun('to give a file to another user takes root')
    const path = join(folder, 'tasks.ts')
    chownSync(path, 1000, 1000)
    const told =
      `Cannot run what is in ${JSON.stringify(folder)}: ${JSON.stringify(path)} belongs to user 1000. This process is user 0. ` +
      'If you trust that user, set WFG_TRUST_OWNER=1000 in the environment.'
    assert.is(refusal(folder, users), told)
    assert.is(refusal(folder, trustedUsers({ WFG_TRUST_OWNER: '1000' }, 0)), undefined)
    rmSync(path)
    symlinkSync('sub/x.txt', path)
    assert.is(refusal(folder, users), undefined)
    chownSync(join(folder, 'sub/x.txt'), 1000, 1000)
    assert.is(refusal(folder, users), told)
  }),
)

trusted.run()
