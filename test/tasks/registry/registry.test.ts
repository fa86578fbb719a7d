import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../runtime/core/errors.ts'
import { defineTasks, findTask } from '../../../runtime/tasks/registry/registry.ts'
import { rejects } from '../../_assert.ts'

const registry = suite('tasks/registry')

registry('defineTasks() resolves scripts against the folder of tasks.ts when they are relative', () => {
  const tasks = defineTasks(import.meta.url, { a: { script: '../x/a.ts', group: 'g', aliases: ['b'] } })
  assert.is(tasks.file, fileURLToPath(import.meta.url))
  assert.equal(tasks.find('a'), {
    name: 'a',
    script: join(tasks.directory, '..', 'x', 'a.ts'),
    file: '../x/a.ts',
    access: 'write',
    group: 'g',
    aliases: ['b'],
    needs: [],
    hidden: false,
    isolated: undefined,
  })
})

registry('an entry has a schedule, and settings for a worker', () => {
  const entry = {
    script: 'a.ts',
    schedule: { cron: '0 2 * * *', tz: 'Europe/Paris', args: { n: 1 }, missed: 'once' },
    timeoutSeconds: 60,
    retry: { limit: 2, delaySeconds: 30 },
    concurrencyKey: 'export',
  } as const
  const { schedule, timeoutSeconds, retry, concurrencyKey } = defineTasks(import.meta.url, { a: entry }).find('a')!
  const { script, ...given } = entry
  assert.equal({ schedule, timeoutSeconds, retry, concurrencyKey }, given)
})

registry('a default of onFailure is for every entry but the task that it names, and an entry may name another', () => {
  const entries = {
    a: { script: 'a.ts' },
    b: { script: 'b.ts', onFailure: 'a' },
    tell: { script: 't.ts', aliases: ['t'] },
    own: { script: 'o.ts', onFailure: 't' },
  }
  const named = (options?: object) =>
    [...defineTasks(import.meta.url, entries, options).tasks.values()].map(({ onFailure }) => onFailure)
  assert.equal(named(), [undefined, 'a', undefined, 'tell'])
  assert.equal(named({ defaults: {} }), named())
  assert.equal(named({ defaults: { onFailure: 't' } }), ['tell', 'a', undefined, 'tell'])
})

registry('defineTasks() keeps what it cannot use of its third argument for checkRegistry()', () => {
  for (const options of [{ onFailure: 'a' }, { defaults: { retry: { limit: 1 } } }, { defaults: { onFailure: 1 } }]) {
    assert.equal(defineTasks(import.meta.url, {}, options as object).problems, [
      "the third argument of defineTasks() needs to be such as { defaults: { onFailure: 'notify-webhook' } }",
    ])
  }
})

registry('defineTasks() keeps the order written', () => {
  const tasks = defineTasks(import.meta.url, { z: { script: 'z.ts' }, a: { script: 'a.ts' } })
  assert.equal([...tasks.tasks.keys()], ['z', 'a'])
})

registry('find() knows aliases, and needs written by alias become names', () => {
  const tasks = defineTasks(import.meta.url, {
    a: { script: 'a.ts', aliases: ['x'] },
    b: { needs: ['x', { task: 'x', args: { n: 1 } }] },
  })
  assert.is(tasks.find('x')?.name, 'a')
  assert.equal(tasks.find('b')?.needs, [{ task: 'a' }, { task: 'a', args: { n: 1 } }])
  assert.is(tasks.find('toString'), undefined)
})

registry('access is the strongest of what is needed, however indirectly, when there is no script', () => {
  const tasks = defineTasks(import.meta.url, {
    reads: { script: 'r.ts', access: 'read' },
    writes: { script: 'w.ts' },
    only: { needs: ['reads'] },
    deep: { needs: ['reads', 'middle'] },
    middle: { needs: ['writes'] },
    raised: { needs: ['reads'], access: 'write' },
    script: { script: 's.ts', access: 'read', needs: ['writes'] },
  })
  const access = Object.fromEntries([...tasks.tasks].map(([name, task]) => [name, task.access]))
  assert.equal(access, {
    reads: 'read',
    writes: 'write',
    only: 'read',
    deep: 'write',
    middle: 'write',
    raised: 'write',
    script: 'read',
  })
})

registry('defineTasks() throws nothing when the entries are nonsense, and notes the problems', () => {
  const nonsense = { a: null, b: 'x', c: { script: 5, needs: 'a' }, d: { needs: ['d'] } } as never
  assert.ok(defineTasks(import.meta.url, nonsense).problems.length >= 4)
  assert.is(defineTasks(import.meta.url, undefined as never).problems.length, 1)
  assert.is(defineTasks(import.meta as never, {}).problems.length, 1)
})

registry('a name that begins with _ is hidden unless the entry says otherwise', () => {
  const tasks = defineTasks(import.meta.url, { _a: { script: 'a.ts' }, _b: { script: 'b.ts', hidden: false } })
  assert.equal(
    [...tasks.tasks.values()].map((task) => task.hidden),
    [true, false],
  )
})

registry('findTask() suggests the nearest task when no task has the name', async () => {
  const tasks = defineTasks(import.meta.url, { 'pending-actions': { script: 'a.ts' }, _secret: { script: 'b.ts' } })
  await rejects(() => findTask(tasks, 'pendng-actions', ['list'], 'npx tsx tasks.ts'), {
    instance: UsageError,
    code: 'WFG_USAGE',
    message:
      'Cannot run "pendng-actions": no task or command has that name; did you mean "pending-actions"? ' +
      '`npx tsx tasks.ts` lists them.',
  })
  await rejects(() => findTask(tasks, 'lst', ['list'], 'npx tsx tasks.ts'), { message: /did you mean "list"\?/ })
  await rejects(() => findTask(tasks, '_secre', ['list'], 'npx tsx tasks.ts'), { message: /has that name\. `npx/ })
  await rejects(() => findTask(tasks, 'scripts/x.ts', ['list'], 'npx tsx tasks.ts'), {
    message: /to run a file, put "run" before it/,
  })
})

registry.run()
