import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import { adviceOn, findTarget } from '../../../runtime/tasks/run/target.ts'
import { notRun } from '../../_not_run.ts'
import { withFolder } from '../_folder.ts'

const unnamed = suite('tasks/target')

const FILES = {
  'scripts/open-by-person.ts': '',
  'scripts/quick.mts': '',
  'scripts/my_own.ts': '',
  'scripts/_shared.ts': '',
  'scripts/who.ts': '',
  'scripts/finance/export.ts': '',
  'tasks.ts': '',
}

/** What was typed, and what is said. */
const ADVICE: readonly (readonly [name: string, advice: string | undefined])[] = [
  [
    'open-by-person',
    "The file scripts/open-by-person.ts exists, and tasks.ts does not name it. The line `'open-by-person': { script: './scripts/open-by-person.ts' },` there makes it a task; `wfg run scripts/open-by-person.ts` runs it as it is.",
  ],
  [
    'quick.mts',
    "The file scripts/quick.mts exists, and tasks.ts does not name it. The line `quick: { script: './scripts/quick.mts' },` there makes it a task; `wfg run scripts/quick.mts` runs it as it is.",
  ],
  [
    'my_own',
    'The file scripts/my_own.ts exists, and tasks.ts does not name it. `wfg run scripts/my_own.ts` runs it as it is.',
  ],
  ['who', 'The file scripts/who.ts is the task "viewer": `wfg viewer` runs it.'],
  ['_shared', undefined],
  ['../tasks', undefined],
  ['finance', undefined],
  ['none', undefined],
]

for (const [name, advice] of ADVICE) {
  unnamed(`adviceOn() says ${advice === undefined ? 'nothing' : 'what to do'} about ${name}`, () =>
    withFolder(FILES, (directory, url) => {
      const registry = defineTasks(url, { viewer: { script: './scripts/who.ts' } })
      assert.is(adviceOn(registry, name, { directory, tool: 'wfg' }), advice)
    }),
  )
}

unnamed('adviceOn() names the file relative to the working directory', () =>
  withFolder(FILES, (folder, url) => {
    const advice = adviceOn(defineTasks(url, {}), 'quick', { directory: join(folder, 'scripts/finance'), tool: 'wfg' })
    assert.match(advice!, '`wfg run ../quick.mts` runs it as it is')
  }),
)

unnamed('findTarget() knows a file by another case of its letters, and imports it by the case of tasks.ts', () =>
  withFolder(FILES, (folder, url) => {
    if (!existsSync(join(folder, 'TASKS.TS'))) return notRun('this disk tells upper and lower case apart')
    const registry = defineTasks(url, { viewer: { script: './scripts/who.ts' } })
    const target = (name: string) =>
      findTarget({ cwd: () => folder.toUpperCase(), program: '', runtime: 'node' }, registry, name)
    assert.is((target('SCRIPTS/Who.TS') as { task: { name: string } }).task.name, 'viewer')
    assert.equal(target('SCRIPTS/Quick.mts'), { file: join(folder, 'scripts', 'quick.mts') })
    assert.match(adviceOn(registry, 'Who', { directory: folder, tool: 'wfg' })!, 'is the task "viewer"')
  }),
)

unnamed('findTarget() finds a file of the folder, and one elsewhere', () =>
  withFolder(FILES, (folder, url) =>
    withFolder({ 'b.ts': '' }, (other) => {
      const registry = defineTasks(url, { viewer: { script: './scripts/who.ts' } })
      const target = (name: string) => findTarget({ cwd: () => folder, program: '', runtime: 'node' }, registry, name)
      assert.equal(target('scripts/quick.mts'), { file: join(folder, 'scripts', 'quick.mts') })
      assert.equal(target(join(other, 'b.ts')), { file: realpathSync(join(other, 'b.ts')) })
    }),
  ),
)

unnamed.run()
