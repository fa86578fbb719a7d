/** The prepared runtime: what it gives is what the sources give, whatever happens to its files. */
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as mod from '../../runtime/mod.ts'
import * as preparedMod from '../../runtime/prepared/mod.mjs'
import * as preparedTasks from '../../runtime/prepared/tasks.mjs'
import * as preparedTesting from '../../runtime/prepared/testing.mjs'
import * as tasks from '../../runtime/tasks/mod.ts'
import * as testing from '../../runtime/testing/mod.ts'
import { type Clone, clone } from '../_clone.ts'
import { notRun } from '../_not_run.ts'

const prepared = suite('prepared/prepared')

const FILES = {
  'scripts/bad.ts': `// Fail.
import { defineScript } from '#wfg'
interface Unused { readonly takes: 'a line' }
export default defineScript({
  run() {
    throw new RangeError('on line six')
  },
})
`,
}
const SOURCES = { env: { NODE_DISABLE_COMPILE_CACHE: '1' } }

async function withClone(action: (made: Clone) => Promise<void>): Promise<void> {
  if (process.versions['bun']) return notRun('Bun takes the sources')
  const made = clone(FILES)
  try {
    await action(made)
  } finally {
    made.cleanup()
  }
}

/** Names of the prepared runtimes, and of whatever else is there. */
function kept({ dir }: Clone): { runtimes: string[]; others: string[] } {
  const folder = join(dir, 'node_modules', '.cache', 'wfg')
  const names = existsSync(folder) ? readdirSync(folder) : []
  const runtimes = names.filter((name) => /^[0-9a-f]{16}$/.test(name))
  return { runtimes, others: names.filter((name) => !runtimes.includes(name) && !/\.(json|compiled)$/.test(name)) }
}

/** The one file of the prepared runtime. */
function core(made: Clone): string {
  const { runtimes } = kept(made)
  assert.is(runtimes.length, 1)
  return join(made.dir, 'node_modules', '.cache', 'wfg', runtimes[0]!, 'core.cjs')
}

prepared('each entry exports what the source of the same name exports', () => {
  assert.equal(Object.keys(preparedMod).toSorted(), Object.keys(mod).toSorted())
  assert.equal(Object.keys(preparedTasks).toSorted(), Object.keys(tasks).toSorted())
  assert.equal(Object.keys(preparedTesting).toSorted(), Object.keys(testing).toSorted())
  assert.is(preparedMod.WfgError, mod.WfgError, 'a test that imports both forms has two runtimes')
})

for (const args of [
  ['list', '--json'],
  ['help'],
  ['help', 'pending-actions'],
  ['pending-actions', '--format', 'csv'],
  ['overdue-report', '--dry-run'],
  ['query', 'query { viewer { userName } }'],
  ['query', 'query { viewer { '],
  ['pending-action'],
  ['doctor', '--profile', 'none'],
  ['start-requests', '--help'],
  ['--version'],
]) {
  prepared(`\`${args.join(' ')}\` gives what the sources give`, () =>
    withClone(async (made) => {
      const [first, second] = [await made.run(args), await made.run(args)]
      const sources = await made.run(args, SOURCES)
      assert.equal([anonymous(first), anonymous(second)], [anonymous(sources), anonymous(sources)])
      assert.is(kept(made).runtimes.length, 1)
      assert.equal(kept(made).others, [])
    }),
  )
}

/** The embedded servers have another port in each process. */
function anonymous(result: { status: number | null; stdout: string; stderr: string }): unknown {
  const { status, stdout, stderr } = result
  return { status, output: [stdout, stderr].map((text) => text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1')) }
}

prepared('a source that has changed is what the next start runs, whether it is in the one file or besides', () =>
  withClone(async (made) => {
    assert.match((await made.run(['help', 'bad'])).stderr, 'Cannot run "bad"', 'it is no task')
    for (const [path, args] of [
      ['runtime/cli/list.ts', ['list']],
      ['runtime/cli/help.ts', ['help']],
    ] as const) {
      assert.not.match((await made.run(args)).stderr, 'changed')
      appendFileSync(join(made.dir, path), `\nprocess.stderr.write('changed ${path}')\n`)
      assert.match((await made.run(args)).stderr, `changed ${path}`)
    }
  }),
)

prepared('processes that start at once each end with a whole one', () =>
  withClone(async (made) => {
    const results = await Promise.all(Array.from({ length: 6 }, () => made.run(['list'])))
    for (const { status, stdout, stderr } of results) {
      assert.equal([status, stderr], [0, ''])
      assert.match(stdout, 'pending-actions')
    }
    assert.is(kept(made).runtimes.length, 1)
    assert.equal(kept(made).others, [])
  }),
)

for (const [title, damage] of [
  ['its one file is cut', (made: Clone) => writeFileSync(core(made), readFileSync(core(made), 'utf8').slice(0, 5000))],
  ['its one file is gone', (made: Clone) => rmSync(core(made))],
  [
    'all that tells of it is garbage',
    ({ dir }: Clone) => {
      const folder = join(dir, 'node_modules', '.cache', 'wfg')
      for (const name of readdirSync(folder))
        if (/\.(json|compiled)$/.test(name)) writeFileSync(join(folder, name), '{')
    },
  ],
] as const) {
  prepared(`nobody sees that ${title}, and it is made anew`, () =>
    withClone(async (made) => {
      const whole = await made.run(['list'])
      damage(made)
      assert.equal(await made.run(['list']), whole)
      assert.equal(await made.run(['list']), whole)
      assert.ok(readFileSync(core(made), 'utf8').length > 100_000)
    }),
  )
}

prepared('nothing is kept with WFG_TOKEN_CACHE=off, with the variable that turns it off, or where nothing can be', () =>
  withClone(async (made) => {
    const whole = await made.run(['list'], SOURCES)
    assert.equal(kept(made), { runtimes: [], others: [] })
    made.write('.env', 'WFG_TOKEN_CACHE=off\n')
    assert.equal(await made.run(['list']), whole)
    assert.equal(kept(made), { runtimes: [], others: [] })
    rmSync(join(made.dir, '.env'))
    writeFileSync(join(made.dir, 'node_modules', '.cache'), 'not a folder')
    assert.equal(await made.run(['list']), whole)
  }),
)

for (const [title, options] of [
  ['the prepared runtime', {}],
  ['the sources', SOURCES],
  ['the launcher', { entry: 'runtime/cli/wfg.mjs' }],
] as const) {
  prepared(`a stack has the lines of the script and of the sources, with ${title}`, () =>
    withClone(async (made) => {
      await made.run(['list'], options)
      const { status, stderr } = await made.run(['run', join(made.dir, 'scripts', 'bad.ts')], {
        ...options,
        cwd: made.dir,
      })
      assert.is(status, 1)
      assert.match(stderr, /failed: RangeError: on line six\n.*scripts\/bad\.ts:6:11/)
      const [, line] = /runtime\/tasks\/run\.ts:(\d+)/.exec(stderr) ?? []
      const source = readFileSync(join(made.dir, 'runtime', 'tasks', 'run.ts'), 'utf8').split('\n')
      assert.match(source[Number(line) - 1] ?? '', /await|\(/)
      assert.not.match(stderr, '.cache')
    }),
  )
}

prepared.run()
