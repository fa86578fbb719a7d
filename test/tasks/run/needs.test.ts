import { join } from 'node:path'
import readExcelFile from 'read-excel-file/node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import { inOrder } from '../../../runtime/tasks/run/needs.ts'
import { subjectOf } from '../../../runtime/tasks/run/run.ts'
import { type CliOptions, type CliResult, type Project, project } from '../../_cli.ts'
import { here } from '../../cli/_here.ts'

const needs = suite('tasks/needs')

function order(entries: Record<string, object>, name: string): string[] {
  const registry = defineTasks('file:///x/tasks.ts', entries)
  return inOrder(registry, registry.find(name)!).map(({ task }) => task.name)
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

needs('inOrder() has a task once for each set of arguments', () => {
  const entries = {
    all: {
      needs: [
        { task: 'a', args: { n: 1, m: 1 } },
        { task: 'a', args: {} },
        { task: 'a', args: { n: 2 } },
        { task: 'a', args: { m: 1, n: 1 } },
        'a',
      ],
    },
    a: { script, needs: ['b'] },
    b: { script },
  }
  assert.equal(order(entries, 'all'), ['b', 'a', 'a', 'a', 'all'])
})

needs('subjectOf() begins a sentence', () => {
  assert.is(subjectOf('a'), 'The task "a"')
})

function script1(name: string, body: string): string {
  return `import { defineScript } from '#wfg'
export default defineScript({ run({ args }) { console.log('${name} runs'); ${body} } })`
}

interface Tasks extends Project {
  /** As `run`, in this process. */
  task(args: readonly string[], options?: CliOptions): Promise<CliResult>
}

function withTasks(entries: string, files: Record<string, string>): Tasks {
  const made = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {${entries}})
await main(import.meta, tasks)`,
    ...files,
  })
  return { ...made, task: (args, options) => here(made.dir, args, { ...options, entries }) }
}

function office(): Tasks {
  return withTasks(
    `
  rows: { script: './scripts/rows.ts', access: 'read' },
  one: { script: './scripts/one.ts', access: 'read', needs: ['rows'] },
  late: { script: './scripts/late.ts', access: 'read' },
  bad: { script: './scripts/bad.ts', access: 'read' },
  named: { script: './scripts/named.ts', access: 'read', needs: ['one', 'rows', 'late'] },
  only: { description: 'All of it', needs: ['rows', 'one'] },
  none: { script: './scripts/none.ts', access: 'read' },
  empty: { needs: ['none'] },
  failing: { needs: ['rows', 'bad', 'one'] },
`,
    {
      'scripts/rows.ts': script1('rows', 'return [1, 2]'),
      'scripts/none.ts': script1('none', 'return []'),
      'scripts/one.ts': script1('one', 'return { a: 1 }'),
      'scripts/late.ts': "setTimeout(() => console.error('late ends'), 100)",
      'scripts/bad.ts': script1('bad', "throw 'broken'"),
      'scripts/named.ts': script1('named', 'return { result: true }'),
    },
  )
}

needs(
  'runTarget() runs what is needed first, each once, with a line each, and shows the result of the named one',
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

needs('runTarget() with --quiet writes no lines of needed tasks, and their rows are not shown', async () => {
  const { task, cleanup } = office()
  try {
    assert.is((await task(['empty', '--format', 'csv'])).stderr, 'none runs\nnone: done, 0 rows\n')
    assert.is((await task(['empty', '--quiet'])).stderr, 'none runs\n')
    assert.match((await task(['failing', '--quiet'])).stderr, /^rows runs\nbad runs\nfailing was not run, because bad/)
  } finally {
    cleanup()
  }
})

needs('runTarget() has no result for an entry that only needs others', async () => {
  const { task, cleanup } = office()
  try {
    const { status, stdout, stderr } = await task(['only', '--format', 'csv'])
    assert.equal([status, stdout], [0, ''])
    assert.is(stderr, 'rows runs\nrows: done, 2 rows\none runs\none: done, 1 row\n')
  } finally {
    cleanup()
  }
})

needs('runTarget() stops at a task that fails, and says what did not run because of it', async () => {
  const { task, cleanup } = office()
  try {
    const { status, stdout, stderr } = await task(['failing'])
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

needs('runTarget() stops at a task that sets an exit code or ends the process, and says so', async () => {
  const { run, cleanup } = withTasks(
    `
  five: { script: './scripts/five.ts', access: 'read' },
  leaves: { script: './scripts/leaves.ts', access: 'read' },
  one: { script: './scripts/one.ts', access: 'read', needs: ['five'] },
  two: { script: './scripts/one.ts', access: 'read', needs: ['leaves'] },
`,
    {
      'scripts/five.ts': script1('five', 'process.exitCode = 5'),
      'scripts/leaves.ts': "console.log('leaves runs')\nprocess.exit(0)",
      'scripts/one.ts': script1('one', 'return 1'),
    },
  )
  try {
    assert.equal(await run(['one']), {
      status: 5,
      signal: null,
      stdout: '',
      stderr: 'five runs\none was not run, because five, which it needs, ended with exit code 5.\n',
    })
    assert.equal(await run(['two']), {
      status: 1,
      signal: null,
      stdout: '',
      stderr: 'leaves runs\ntwo was not run, because leaves, which it needs, did not finish.\n',
    })
  } finally {
    cleanup()
  }
})

needs('runTarget() refuses arguments of an entry without a script, and says which flags had no effect', async () => {
  const { task, cleanup } = office()
  try {
    const refused = await task(['only', '--sinec', '3'])
    assert.equal([refused.status, refused.stderr], [2, 'error: Cannot use these arguments: there is no flag --sinec\n'])
    const { status, stderr } = await task(['empty', '--out', 'x.csv'])
    assert.is(status, 0)
    assert.match(stderr, /^warning: --out had no effect: "empty" has no script of its own\. /)
  } finally {
    cleanup()
  }
})

/** `counted` gives as many rows as it is told; `writes` may write; whatever runs says so. */
function factory(needed: string, more: Record<string, string> = {}): Tasks {
  const entries = `
  counted: { script: './scripts/counted.ts', access: 'read' },
  writes: { script: './scripts/writes.ts' },
  all: { needs: ${needed} },
  named: { script: './scripts/counted.ts', access: 'read', needs: ${needed} },
`
  return withTasks(entries, {
    'scripts/counted.ts': `import { defineScript } from '#wfg'
import * as v from 'valibot'
export default defineScript({
  args: v.object({ rows: v.number(), since: v.optional(v.date()) }),
  run({ args }) {
    console.log('counted runs', args.since?.getUTCFullYear() ?? '')
    return Array.from({ length: args.rows }, (_, index) => ({ index }))
  },
})`,
    'scripts/writes.ts': script1('writes', 'return undefined'),
    ...more,
  })
}

needs(
  'a needed task gets its arguments from tasks.ts, as from an arguments file, and writes its result to `out`',
  async () => {
    const { dir, task, cleanup } = factory(
      "[{ task: 'counted', args: { rows: 1 } }, { task: 'counted', args: { rows: 2, since: '2026-11-01' }, out: 'results/two.xlsx' }]",
    )
    try {
      const { status, stdout, stderr } = await task(['all', '--format', 'json'], { cwd: 'scripts' })
      assert.equal([status, stdout], [0, ''])
      assert.is(stderr, 'counted runs \ncounted: done, 1 row\ncounted runs 2026\ncounted: done, 2 rows\n')
      assert.equal(await readExcelFile(join(dir, 'results/two.xlsx')), [
        { sheet: 'counted', data: [['index'], [0], [1]] },
      ])
      const dry = await task(['all', '--dry-run'])
      assert.match(dry.stderr, /dry run: ".*two.xlsx" is not written\n/)
    } finally {
      cleanup()
    }
  },
)

needs('mistakes in any of the tasks are reported before the first of them runs', async () => {
  const wrong: [string, RegExp][] = [
    ["[{ task: 'counted', args: { rows: 1 } }, 'counted']", /--rows/],
    [
      "[{ task: 'counted', args: { rows: 1 } }, { task: 'counted', args: { rows: 1, row: 2 } }]",
      /arguments of "counted".*"row" is not/s,
    ],
    ["[{ task: 'counted', args: { rows: 1 } }, { task: 'counted', args: { rows: 'many' } }]", /--rows/],
  ]
  for (const [needed, expected] of wrong) {
    const { task, cleanup } = factory(needed)
    try {
      const { status, stderr } = await task(['named', '--rows', '1'])
      assert.is(status, 2)
      assert.match(stderr, expected)
      assert.match(stderr, /^named was not run, because counted, which it needs, cannot be started\.$/m)
      assert.not.match(stderr, /counted runs/)
    } finally {
      cleanup()
    }
  }
})

needs('a protected profile is confirmed before anything runs, once', async () => {
  const env = {
    '.env':
      'WFG_GRAPHQL_URL=http://localhost:9/graphql\nWFG_ISSUER=http://localhost:9/\nWFG_CLIENT_ID=a\nWFG_CLIENT_SECRET=bcdefgh12345\nWFG_AUDIENCE=x\nWFG_PROTECTED=true\nWFG_PROVIDER=oidc',
  }
  const { task, cleanup } = factory(
    "[{ task: 'counted', args: { rows: 1 } }, 'writes', { task: 'writes', args: {} }]",
    env,
  )
  try {
    const refused = await task(['all'])
    assert.is(refused.status, 7)
    assert.not.match(refused.stderr, /runs/)
    const confirmed = await task(['all', '--confirm', 'default'])
    assert.is(confirmed.status, 0, confirmed.stderr)
    assert.is(confirmed.stderr.match(/^Profile "default"/gm)?.length, 1)
    assert.match(confirmed.stderr, /counted runs \ncounted: done, 1 row\nwrites runs\nwrites: done/)
  } finally {
    cleanup()
  }
})

needs('args and out of a needed plain file are refused before anything runs', async () => {
  const plain = { 'scripts/writes.ts': "console.log('writes runs')" }
  const { task, cleanup } = factory(
    "[{ task: 'counted', args: { rows: 1 } }, { task: 'writes', args: { rows: 1 }, out: 'x.csv' }]",
    plain,
  )
  try {
    const { status, stderr } = await task(['all'])
    assert.is(status, 2)
    assert.match(
      stderr,
      /^error: Cannot use the "args" and "out" of "writes" in tasks\.ts: its script is a plain file/m,
    )
    assert.not.match(stderr, /runs/)
  } finally {
    cleanup()
  }
})

needs('a file of no known format is refused with the rest of the registry', async () => {
  const { task, cleanup } = factory("[{ task: 'counted', args: { rows: 1 }, out: 'results/rows.xls' }]")
  try {
    const { status, stderr } = await task(['list'])
    assert.is(status, 2)
    assert.match(
      stderr,
      /"all": "results\/rows.xls" cannot be written for "counted": the extension .xls names no format; a/,
    )
  } finally {
    cleanup()
  }
})

needs('mistakes in needs are reported with the rest of the registry', async () => {
  for (const needed of ["[{ task: 'counted', arg: {} }]", '[{ args: {} }]', "[{ task: 'counted', args: [] }]", '[1]']) {
    const { task, cleanup } = factory(needed)
    try {
      const { status, stderr } = await task(['list'])
      assert.is(status, 2)
      assert.match(stderr, /"all": "needs" needs a list of names, or of \{ task: 'export-requests'/)
    } finally {
      cleanup()
    }
  }
})

needs.run()
