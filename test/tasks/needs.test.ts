import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inOrder, subjectOf } from '../../runtime/tasks/needs.ts'
import { defineTasks } from '../../runtime/tasks/registry.ts'
import { project } from '../_cli.ts'

const needs = suite('tasks/needs')

function order(entries: Record<string, object>, name: string): string[] {
  const registry = defineTasks('file:///x/tasks.ts', entries)
  return inOrder(registry, registry.find(name)!).map((task) => task.name)
}

const script = './scripts/x.ts'

needs('inOrder() is the task alone when it needs nothing', () => {
  assert.equal(order({ a: { script }, b: { script } }, 'a'), ['a'])
})

needs('inOrder() puts what is needed first, in the order written, and what that needs before it', () => {
  const entries = { all: { needs: ['b', 'a'] }, a: { script, needs: ['c'] }, b: { script }, c: { script } }
  assert.equal(order(entries, 'all'), ['b', 'c', 'a', 'all'])
})

needs('inOrder() has each task once, however often and by whichever name it is needed', () => {
  const entries = {
    all: { needs: ['a', 'b', 'a', 'bee'] },
    a: { script, needs: ['b'] },
    b: { script, aliases: ['bee'] },
  }
  assert.equal(order(entries, 'all'), ['b', 'a', 'all'])
})

needs('subjectOf() begins a sentence', () => {
  assert.is(subjectOf('a'), 'The task "a"')
})

function script1(name: string, body: string): string {
  return `import { defineScript } from '#wfg'
export default defineScript({ run({ args }) { console.log('${name} runs'); ${body} } })`
}

function office() {
  return project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  rows: { script: './scripts/rows.ts', access: 'read' },
  one: { script: './scripts/one.ts', access: 'read', needs: ['rows'] },
  late: { script: './scripts/late.ts', access: 'read' },
  bad: { script: './scripts/bad.ts', access: 'read' },
  named: { script: './scripts/named.ts', access: 'read', needs: ['one', 'rows', 'late'] },
  only: { description: 'All of it', needs: ['rows', 'one'] },
  none: { script: './scripts/none.ts', access: 'read' },
  empty: { needs: ['none'] },
  failing: { needs: ['rows', 'bad', 'one'] },
})
await main(import.meta, tasks)`,
    'scripts/rows.ts': script1('rows', 'return [1, 2]'),
    'scripts/none.ts': script1('none', 'return []'),
    'scripts/one.ts': script1('one', 'return { a: 1 }'),
    'scripts/late.ts': "setTimeout(() => console.error('late ends'), 100)",
    'scripts/bad.ts': script1('bad', "throw 'broken'"),
    'scripts/named.ts': script1('named', 'return { result: true }'),
  })
}

needs(
  'runTask() runs what is needed first, each once, with a line each, and shows the result of the named one',
  async () => {
    const { run, cleanup } = office()
    try {
      const { status, stdout, stderr } = await run(['named'])
      assert.is(stdout, '{"result":true}\n')
      assert.is(
        stderr,
        'rows runs\nrows: done, 2 rows\none runs\none: done, 1 row\nlate ends\nlate: done\nnamed runs\n',
      )
      assert.is(status, 0)
    } finally {
      cleanup()
    }
  },
)

needs(
  'runTask() says nothing of what went well with --quiet, and nothing of needed rows that are shown nowhere',
  async () => {
    const { run, cleanup } = office()
    try {
      assert.is((await run(['empty', '--format', 'csv'])).stderr, 'none runs\nnone: done, 0 rows\n')
      assert.is((await run(['empty', '--quiet'])).stderr, 'none runs\n')
      assert.match((await run(['failing', '--quiet'])).stderr, /^rows runs\nbad runs\nfailing was not run, because bad/)
    } finally {
      cleanup()
    }
  },
)

needs('runTask() has no result when the entry only needs others', async () => {
  const { run, cleanup } = office()
  try {
    const { status, stdout, stderr } = await run(['only', '--format', 'csv'])
    assert.equal([status, stdout], [0, ''])
    assert.is(stderr, 'rows runs\nrows: done, 2 rows\none runs\none: done, 1 row\n')
  } finally {
    cleanup()
  }
})

needs('runTask() stops at what fails, and says what did not run because of it', async () => {
  const { run, cleanup } = office()
  try {
    const { status, stdout, stderr } = await run(['failing'])
    assert.equal([status, stdout], [1, ''])
    assert.is(
      stderr,
      'rows runs\nrows: done, 2 rows\nbad runs\n' +
        'failing was not run, because bad, which it needs, failed.\n' +
        'error: The task "bad" failed: it threw the text "broken", which is no Error and has no stack.\n',
    )
  } finally {
    cleanup()
  }
})

needs.run()
