/** The launcher, started as people start it: without anything that makes the runtime take TypeScript. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotedPath } from '../../runtime/core/visible.ts'
import { type Project, project, REPOSITORY, runCli, temporaryFolder } from '../_cli.ts'
import { NO_SIGNALS, needs, notRun, SENDS_SIGNALS } from '../_not_run.ts'
import { running } from './_running.ts'

const launcher = suite('cli/wfg')
const signalled = needs(SENDS_SIGNALS, NO_SIGNALS, launcher)

const LAUNCHER = 'runtime/cli/wfg.mjs'

const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  words: { script: './scripts/words.ts', access: 'read' },
  rows: { script: './scripts/rows.ts', access: 'read' },
  slow: { script: './scripts/slow.ts', access: 'read' },
})
await main(import.meta, tasks)`,
  'scripts/words.ts': `// Show the words that it is given.
import type { Wfg } from '#wfg'
export type Unused = Wfg
console.log(JSON.stringify(process.argv.slice(2)))`,
  'scripts/rows.ts': `/** Give one row. */
import { defineScript, isWfgError } from '#wfg'
import * as v from 'valibot'
export default defineScript({
  args: v.object({ fail: v.optional(v.boolean(), false), count: v.optional(v.number(), 1) }),
  run({ args }) {
    if (args.fail) throw new RangeError('as it was told')
    return { count: args.count, isWfgError: isWfgError(new Error()) }
  },
})`,
  'scripts/slow.ts': `import { defineScript } from '#wfg'
export default defineScript({
  async run({ signal }) {
    const timer = setTimeout(() => {}, 60_000)
    console.log('waits')
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    clearTimeout(timer)
    console.log('cleaned up')
    signal.throwIfAborted()
  },
})`,
}

const LIST = '  words  read   Show the words that it is given.\n  rows   read   Give one row.\n  slow   read\n'

let own: Project
launcher.before(() => {
  own = project(FILES)
})
launcher.after(() => own.cleanup())

/** Starts the launcher in a folder of the project. */
function launch(args: readonly string[], cwd = '.', { run } = own): ReturnType<typeof runCli> {
  return run(args, { entry: LAUNCHER, cwd })
}

/** Gives a project that has these files. */
async function withProject(
  files: Readonly<Record<string, string>>,
  action: (own: Project) => Promise<void>,
): Promise<void> {
  const made = project(files)
  try {
    await action(made)
  } finally {
    made.cleanup()
  }
}

launcher('it lists the tasks once, from a folder below too, and runs one', async () => {
  assert.equal(await launch([], 'scripts'), { status: 0, signal: null, stdout: LIST, stderr: '' })
  const { status, stdout } = await launch(['rows', '--count', '3', '--format', 'json'])
  assert.equal([status, JSON.parse(stdout)], [0, { count: 3, isWfgError: false }])
})

launcher('it finds the nearest tasks.ts upwards, and a file is relative to the working directory', () =>
  withProject(
    {
      ...FILES,
      'team one/tasks.ts': FILES['tasks.ts'].replace('words:', "'inner-words':").replace('main(', 'void ('),
      'team one/scripts/words.ts': "// The inner one.\nconsole.log('inner')",
      'team one/scripts/rows.ts': FILES['scripts/rows.ts'],
      'team one/scripts/slow.ts': FILES['scripts/slow.ts'],
      'team one/a b/c/quick.ts': "import '#wfg'\nconsole.log('quick')",
    },
    async (made) => {
      const { stdout } = await launch(['list'], 'team one/a b/c', made)
      assert.match(stdout, /inner-words +read +The inner one\./)
      assert.is((await launch(['inner-words'], 'team one/a b', made)).stdout, 'inner\n')
      assert.is((await launch(['run', 'quick.ts'], 'team one/a b/c', made)).stdout, 'quick\n')
    },
  ),
)

launcher('words reach a script as they were typed', async () => {
  const words = ['a b', '', '--x=1', "it's", '"q"', '$HOME', 'é', '*', '--', '--quiet']
  const { status, stdout } = await launch(['words', ...words])
  assert.equal([status, JSON.parse(stdout)], [0, words])
})

launcher('exit codes are those of the command line', async () => {
  const { status, stderr } = await launch(['rows', '--fail'])
  assert.is(status, 1)
  assert.match(stderr, /^error: .*as it was told/)
})

signalled('Ctrl-C reaches the script, which has the time to clean up', async () => {
  if (process.platform === 'win32') return notRun('signals need a system of the Unix kind')
  const home = temporaryFolder()
  const run = running(join(own.dir, LAUNCHER), ['slow'], { cwd: own.dir, home })
  await run.shows(/waits/)
  run.signal('SIGINT')
  const { status, stderr } = await run.ended
  assert.is(status, 130)
  assert.match(stderr, /cleaned up\nInterrupted\.\n$/)
  rmSync(home, { recursive: true })
})

launcher('it says what to do where there is no tasks.ts, and shows its version all the same', async () => {
  const home = temporaryFolder()
  const cwd = join(home, 'none here')
  mkdirSync(cwd)
  try {
    const entry = join(REPOSITORY, LAUNCHER)
    assert.equal(await runCli(['rows'], { entry, cwd }), {
      status: 2,
      signal: null,
      stdout: '',
      stderr: `error: Cannot find the tasks: there is no tasks.ts in ${quotedPath(cwd)} or in a folder above it; go to the folder of your tasks, or create one here with \`npx wfg init --here\`.\n`,
    })
    const { status, stdout } = await runCli(['--version'], { entry, cwd })
    assert.is(status, 0)
    assert.match(stdout, /^wfg-scripts \d/)
  } finally {
    rmSync(home, { recursive: true })
  }
})

launcher('it says what to write in a tasks.ts that exports no tasks, beside which a folder can be started', () =>
  withProject({ 'tasks.ts': 'export const registry = {}' }, async (made) => {
    assert.not.match((await launch(['init', '--here', '--dry-run'], '.', made)).stderr, /exports none/)
    const { status, stderr } = await launch(['list'], '.', made)
    assert.is(status, 2)
    assert.is(
      stderr,
      `error: Cannot find the tasks: ${quotedPath(join(made.dir, 'tasks.ts'))} exports none; write \`export const tasks = defineTasks(…)\` in it.\n`,
    )
  }),
)

launcher('it leaves a tasks.ts that cannot be read to the runtime, which names the place', () =>
  withProject({ 'tasks.ts': "import { main } from '#wfg/tasks'\nexport const tasks = {" }, async (made) => {
    const { status, stderr } = await launch(['list'], '.', made)
    assert.is(status, 1)
    assert.match(stderr, /tasks\.ts:2[:\n]/)
  }),
)

launcher.run()
