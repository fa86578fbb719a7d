import { cpSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hashFiles } from '../../runtime/queue/hash_files.ts'
import { taskFilesOf } from '../../runtime/queue/task_files.ts'
import { defineTasks, type Registry, type Task } from '../../runtime/tasks/registry/registry.ts'
import { temporaryFolder } from '../_cli.ts'
import { withFolder } from '../tasks/_folder.ts'

const files = suite('queue/task_files')

const FILES = {
  'tasks.ts': `import { more } from './more.ts'\n`,
  'more.ts': 'export const more = {}\n',
  'scripts/a.ts': `import { rows } from './_shared.ts'\nimport data from './data.json' with { type: 'json' }\nimport '#wfg'\n`,
  'scripts/_shared.ts': `export * from './_deep'\nconst later = () => import("../lib/late.ts")\n`,
  'scripts/_deep.ts': 'export const deep = 1\n',
  'scripts/data.json': '{}\n',
  'lib/late.ts': 'export {}\n',
  'scripts/b.ts': 'export default 1\n',
  'scripts/unrelated.ts': 'export default 1\n',
}

/** As a process that starts now reads it. */
function hashOf(registry: Registry, task: Task): string {
  return taskFilesOf(registry).hashOf(task)
}

function registryIn(folder: string): Registry {
  return defineTasks(pathToFileURL(join(folder, 'tasks.ts')).href, {
    a: { script: './scripts/a.ts', needs: ['b'] },
    b: { script: './scripts/b.ts' },
    unrelated: { script: './scripts/unrelated.ts' },
    both: { needs: ['a', 'unrelated'] },
  })
}

/** Of which tasks the hash changes with the file. */
function changedBy(folder: string, file: string, text: string): string[] {
  const registry = registryIn(folder)
  const all = () => [...registry.tasks.values()].map((task) => [task.name, hashOf(registry, task)] as const)
  const before = new Map(all())
  writeFileSync(join(folder, file), text)
  return all().flatMap(([name, value]) => (before.get(name) === value ? [] : [name]))
}

files('the hash covers exactly the files that the run would read', () =>
  withFolder(FILES, (folder) => {
    const cases: [file: string, tasks: string[]][] = [
      ['scripts/a.ts', ['a', 'both']],
      ['scripts/_deep.ts', []], // no longer imported by what a.ts is now
      ['scripts/b.ts', ['a', 'b', 'both']],
      ['scripts/unrelated.ts', ['unrelated', 'both']],
      ['more.ts', ['a', 'b', 'unrelated', 'both']],
      ['tasks.ts', ['a', 'b', 'unrelated', 'both']],
      ['scripts/new.ts', []],
    ]
    for (const [file, tasks] of cases) assert.equal(changedBy(folder, file, '// other\n'), tasks, file)
  }),
)

for (const file of ['scripts/_shared.ts', 'scripts/_deep.ts', 'scripts/data.json', 'lib/late.ts']) {
  files(`what is imported by a relative path counts: ${file}`, () =>
    withFolder(FILES, (folder) => assert.equal(changedBy(folder, file, '"other"\n'), ['a', 'both'])),
  )
}

files('removing a file changes the hash', () =>
  withFolder(FILES, (folder) => {
    const registry = registryIn(folder)
    const before = hashOf(registry, registry.find('a')!)
    rmSync(join(folder, 'scripts/_deep.ts'))
    assert.is.not(hashOf(registry, registry.find('a')!), before)
  }),
)

files('the hash is the same in another folder and with CRLF', () =>
  withFolder(FILES, (folder) => {
    const other = temporaryFolder()
    try {
      cpSync(folder, other, { recursive: true })
      for (const [file, text] of Object.entries(FILES)) writeFileSync(join(other, file), text.replaceAll('\n', '\r\n'))
      const [here, there] = [registryIn(folder), registryIn(other)]
      for (const task of here.tasks.values()) assert.is(hashOf(there, there.find(task.name)!), hashOf(here, task))
      assert.match(hashOf(here, here.find('a')!), /^[0-9a-f]{64}$/)
    } finally {
      rmSync(other, { recursive: true, force: true })
    }
  }),
)

files('files that import each other are read once', () =>
  withFolder({ ...FILES, 'scripts/_deep.ts': `import './_shared.ts'\n` }, (folder) => {
    assert.type(hashOf(registryIn(folder), registryIn(folder).find('a')!), 'string')
  }),
)

files('taskFilesOf() finds a task by its present files, and notices a changed tasks.ts', () =>
  withFolder(FILES, (folder) => {
    const registry = registryIn(folder)
    const found = taskFilesOf(registry)
    const before = hashOf(registry, registry.find('b')!)
    assert.is(found.taskFor('b', before)?.name, 'b')
    assert.is(found.taskFor('b', before.slice(0, 12))?.name, 'b')
    assert.is(found.taskFor('a', before), undefined)
    assert.is(found.taskFor('gone', before), undefined)
    writeFileSync(join(folder, 'scripts/b.ts'), '// other\n')
    assert.is(found.taskFor('b', before), undefined)
    assert.is(found.taskFor('b', hashOf(registry, registry.find('b')!))?.name, 'b')
    assert.is(found.isOutdated(), false)
    writeFileSync(join(folder, 'more.ts'), '// other\n')
    assert.is(found.isOutdated(), true)
    assert.is.not(found.hashOfRegistry(), before)
  }),
)

files('what is remembered of a file is read anew once the file has changed, appeared or gone', () =>
  withFolder(FILES, (folder) => {
    const registry = registryIn(folder)
    const found = taskFilesOf(registry)
    const task = registry.find('a')!
    const before = found.hashOf(task)
    const steps: (() => void)[] = [
      // As long as it was.
      () => writeFileSync(join(folder, 'scripts/_deep.ts'), 'export const deep = 2\n'),
      () => writeFileSync(join(folder, 'scripts/_deep.ts'), `import './new.ts'\n`),
      () => writeFileSync(join(folder, 'scripts/new.ts'), ''),
      () => rmSync(join(folder, 'scripts/new.ts')),
      () => writeFileSync(join(folder, 'scripts/_deep.ts'), FILES['scripts/_deep.ts']),
    ]
    for (const [index, step] of steps.entries()) {
      step()
      // Two changes within a tick of the clock look the same.
      utimesSync(join(folder, 'scripts/_deep.ts'), index, index)
      assert.is(found.hashOf(task), hashOf(registry, task), String(step))
    }
    assert.is(found.hashOf(task), before)
    assert.is(hashFiles(folder, found.filesOf(task)), before, 'so a run sees it without a parser')
  }),
)

files.run()
