import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project, REPOSITORY } from '../_cli.ts'
import { commandOf, RUNTIME } from '../_runtime.ts'
import { here } from './_here.ts'

const main = suite('cli/main')

const SCRIPT = `import { defineScript } from '#wfg'
export default defineScript({ run: () => [{ a: 1 }] })`
const TASKS = `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  rows: { script: './scripts/rows.ts', access: 'read', aliases: ['r'] },
  raw: { script: './scripts/rows.ts', access: 'read' },
})
await main(import.meta, tasks)`

function failed(status: number, stderr: string) {
  return { status, signal: null, stdout: '', stderr }
}

main('start() runs a task by name or alias, with the flags of the tool before or after it', async () => {
  const { run, cleanup } = project({ 'tasks.ts': TASKS, 'scripts/rows.ts': SCRIPT })
  try {
    for (const args of [
      ['rows', '--format=csv'],
      ['--format', 'csv', 'r'],
      ['run', '--format', 'csv', 'rows', '--'],
    ]) {
      assert.equal(await run(args), { status: 0, signal: null, stdout: 'a\n1\n', stderr: '' }, args.join(' '))
    }
  } finally {
    cleanup()
  }
})

main('start() names the nearest task, command or flag', async () => {
  const { dir, cleanup } = project({ 'scripts/rows.ts': SCRIPT })
  try {
    const entries = "rows: { script: './scripts/rows.ts' }, raw: { script: './scripts/rows.ts' }"
    const unknown = 'no task or command has that name'
    assert.match(
      (await here(dir, ['row'], { entries })).stderr,
      new RegExp(`^error: Cannot run "row": ${unknown}; did you mean "r(ows|aw)"\\?`),
    )
    assert.match(
      (await here(dir, ['lst'], { entries })).stderr,
      new RegExp(`^error: Cannot run "lst": ${unknown}; did you mean "list"\\?`),
    )
    assert.equal(
      await here(dir, ['--dry-rnu', 'rows'], { entries }),
      failed(
        2,
        "error: Cannot use --dry-rnu here: the tool has no such flag; did you mean --dry-run? A script's flags follow its name.\n",
      ),
    )
    assert.equal(
      await here(dir, ['rows', '--dry-rnu'], { entries }),
      failed(2, 'error: Cannot use these arguments: there is no flag --dry-rnu; did you mean --dry-run?\n'),
    )
  } finally {
    cleanup()
  }
})

main('start() says what is wrong with the flags of the tool, all at once and without their values', async () => {
  const { status, stdout, stderr } = await here(REPOSITORY, [
    'hello',
    '--timeout',
    'secret',
    '--format=secret',
    '--out',
  ])
  assert.equal([status, stdout], [2, ''])
  assert.is(
    stderr,
    'error: Cannot read the command line:\n' +
      '  --timeout needs seconds, more than 0 and at most 604800\n' +
      '  --format needs one of: table, json, ndjson, csv, xlsx\n' +
      '  --out needs a value: --out FILE\n',
  )
})

main('start() shows versions, also when the registry cannot be used', async () => {
  const { run, cleanup } = project({
    'package.json': JSON.stringify({
      name: 'wfg-scripts',
      version: '0.1.0',
      type: 'module',
      imports: { '#wfg/tasks': './runtime/tasks/mod.ts' },
    }),
    'tasks.ts': TASKS,
  })
  try {
    const { status, stdout, stderr } = await run(['--version'])
    assert.equal([status, stderr], [0, ''])
    assert.match(stdout, /^wfg-scripts \d+\.\d+\.\d+, (node|deno|bun) \d+\.\d+\.\d+, \w+ \w+, shell of \$: \S.*\n$/)
  } finally {
    cleanup()
  }
})

main('start() reports every mistake of the registry before anything runs', async () => {
  const { run, cleanup } = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  rows: { script: './scripts/rows.ts' },
  lost: { script: './scripts/row.ts' },
  a: { needs: ['b'] }, b: { needs: ['a'] },
  list: { script: './scripts/rows.ts' },
})
await main(import.meta, tasks)`,
    'scripts/rows.ts': SCRIPT,
  })
  try {
    const expected = failed(
      2,
      'error: Cannot use the tasks of "tasks.ts":\n' +
        '  "lost": the script "scripts/row.ts" does not exist; did you mean "rows.ts"?\n' +
        '  "list" is the name of a command; the task needs another one\n' +
        '  the needs form a cycle: a -> b -> a\n',
    )
    assert.equal(await run(['rows']), expected)
    assert.equal(await run([]), expected)
  } finally {
    cleanup()
  }
})

main('start() says what main() wants when it is given no tasks', async () => {
  const { run, cleanup } = project({ 'tasks.ts': "import { main } from '#wfg/tasks'\nawait main(import.meta)" })
  try {
    assert.equal(
      // The launcher looks for the tasks itself.
      await run(['rows'], { command: commandOf(RUNTIME)! }),
      failed(
        2,
        'error: Cannot find the tasks: main() was called without them; expected `await main(import.meta, tasks)` with the result of defineTasks().\n',
      ),
    )
  } finally {
    cleanup()
  }
})

main('start() leaves a tasks.ts that cannot be read to the runtime, which names the place', async () => {
  const { run, cleanup } = project({ 'tasks.ts': "import { main } from '#wfg/tasks'\nexport const tasks = {" })
  try {
    const { status, stderr } = await run([])
    assert.is(status, 1)
    assert.match(stderr, /tasks\.ts:2\b/)
  } finally {
    cleanup()
  }
})

main.run()
