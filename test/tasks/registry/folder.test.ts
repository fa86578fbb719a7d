import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { folder } from '../../../runtime/tasks/registry/folder.ts'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import { withFolder } from '../_folder.ts'

const folders = suite('tasks/folder')

const FILES = {
  'scripts/finance/export.ts': '',
  'scripts/finance/close-month.mts': '',
  'scripts/finance/old.js': '',
  'scripts/finance/_shared.ts': '',
  'scripts/finance/.hidden.ts': '',
  'scripts/finance/types.d.ts': '',
  'scripts/finance/export.test.ts': '',
  'scripts/finance/notes.md': '',
  'scripts/finance/deeper/no.ts': '',
}

folders('folder() names every script of the folder, in order, with the prefix and the options', () =>
  withFolder(FILES, (_, url) => {
    const registry = defineTasks(url, {
      first: { needs: ['finance:old'] },
      ...folder('./scripts/finance', { prefix: 'finance:', access: 'read', group: 'money' }),
    })
    assert.equal(registry.problems, [])
    assert.equal([...registry.tasks.keys()], ['first', 'finance:close-month', 'finance:export', 'finance:old'])
    const task = registry.find('finance:export')
    assert.is(task?.file, 'scripts/finance/export.ts')
    assert.is(task?.access, 'read')
    assert.is(task?.group, 'money')
    assert.is(registry.find('first')?.access, 'read')
  }),
)

folders('an entry written out replaces the one of folder() when it names the same script', () =>
  withFolder(FILES, (_, url) => {
    for (const entries of [
      { ...folder('scripts/finance'), export: { script: './scripts/finance/export.ts', group: 'own' } },
      { export: { script: './scripts/finance/export.ts', group: 'own' }, ...folder('scripts/finance') },
    ]) {
      const registry = defineTasks(url, entries)
      assert.equal(registry.problems, [])
      assert.is(registry.find('export')?.group, 'own')
    }
  }),
)

folders('two scripts of one name are a problem, and nothing is silently replaced', () =>
  withFolder({ 'a/x.ts': '', 'b/x.ts': '', 'b/y.js': '', 'b/y.ts': '' }, (_, url) => {
    assert.equal(defineTasks(url, { ...folder('a'), ...folder('b') }).problems, [
      '"x" names two tasks: in folder "a" and in folder "b"',
      '"y" names two tasks: in folder "b" and in folder "b"',
    ])
    assert.equal(defineTasks(url, { ...folder('a'), x: { script: 'b/x.ts' } }).problems, [
      '"x" names two tasks: in folder "a" and as an entry',
    ])
  }),
)

folders('a folder that cannot be read and an unknown option are problems', () =>
  withFolder({ 'a/x.ts': '' }, (_, url) => {
    const registry = defineTasks(url, { ...folder('./nowhere'), ...folder('a', { prefx: 'y:' } as object) })
    assert.equal(registry.problems, [
      'folder("./nowhere") cannot be read (ENOENT)',
      'folder("a") has the unknown option "prefx"; did you mean "prefix"?',
    ])
    assert.equal([...registry.tasks.keys()], ['x'])
  }),
)

folders.run()
