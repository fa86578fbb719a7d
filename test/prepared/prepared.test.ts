/** The prepared runtime: what it gives is what the sources give, whatever happens to its files. */

import { Buffer } from 'node:buffer'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as mod from '../../runtime/mod.ts'
import * as preparedMod from '../../runtime/prepared/mod.mjs'
import { stateOf } from '../../runtime/prepared/prepared.mjs'
import * as preparedTasks from '../../runtime/prepared/tasks.mjs'
import * as preparedTesting from '../../runtime/prepared/testing.mjs'
import * as tasks from '../../runtime/tasks/mod.ts'
import * as testing from '../../runtime/testing/mod.ts'
import { type CliResult, REPOSITORY, runCli, temporaryFolder } from '../_cli.ts'
import { type Clone, clone } from '../_clone.ts'
import { LINKS, NO_LINKS } from '../_links.ts'
import { notRun } from '../_not_run.ts'
import { RUNTIME, runtimeArgs } from '../_runtime.ts'
import { type SandboxProcess, sandboxProcess } from '../_sandbox.ts'

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
  'scripts/emptied.ts': `// Empty the caches, as \`npm ci\` does, and fail.
import { rmSync } from 'node:fs'
import { defineScript } from '#wfg'
export default defineScript({
  run() {
    rmSync(new URL('../node_modules/.cache', import.meta.url), { recursive: true, force: true })
    throw new RangeError('once it is empty')
  },
})
`,
  'scripts/strict.ts': `import * as wfg from '#wfg'
for (const [name, value] of Object.entries(wfg)) console.log(name, typeof value, Object.hasOwn(value, 'arguments'))
`,
}
const SOURCES = { env: { NODE_DISABLE_COMPILE_CACHE: '1' } }

/** One clone for all tests, because each new one is prepared anew. They leave its sources as they found them. */
let common: Clone | undefined
prepared.after(() => common?.cleanup())

async function withClone(action: (made: Clone) => Promise<void>): Promise<void> {
  if (process.versions['bun']) return notRun('Bun takes the sources')
  common ??= clone(FILES)
  await action(common)
}

function forget({ dir }: Clone): void {
  rmSync(join(dir, 'node_modules', '.cache'), { recursive: true, force: true })
}

/** As in a new clone: nothing of it is prepared. What is, comes back after it. */
async function withNewClone(action: (made: Clone) => Promise<void>): Promise<void> {
  await withClone(async (made) => {
    const [caches, aside] = ['.cache', '.cache-of-before'].map((name) => join(made.dir, 'node_modules', name))
    const hasCaches = existsSync(caches!)
    if (hasCaches) renameSync(caches!, aside!)
    try {
      await action(made)
    } finally {
      rmSync(caches!, { recursive: true, force: true })
      if (hasCaches) renameSync(aside!, caches!)
    }
  })
}

/** Names of the prepared runtimes, and of whatever else is there. */
function kept({ dir }: Clone): { runtimes: string[]; others: string[] } {
  const folder = join(dir, 'node_modules', '.cache', 'wfg')
  const names = existsSync(folder) ? readdirSync(folder) : []
  const runtimes = names.filter((name) => /^[0-9a-f]{16}$/.test(name))
  return {
    runtimes,
    others: names.filter((name) => !runtimes.includes(name) && !/^typescript$|\.(json|compiled)$/.test(name)),
  }
}

/** The one file beside it whose name ends so. */
function only({ dir }: Clone, end: string): string {
  const folder = join(dir, 'node_modules', '.cache', 'wfg')
  const names = readdirSync(folder).filter((name) => name.endsWith(end))
  assert.is(names.length, 1)
  return join(folder, names[0]!)
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
  ['pending-action'],
  ['doctor', '--profile', 'none'],
  ['start-requests', '--help'],
  ['query', 'query { viewer { '],
  ['--version'],
  // On the embedded sandbox, with the lifetime of its token
  ['who-am-i'],
]) {
  prepared(`\`${args.join(' ')}\` gives what the sources give`, () => comparesWithSources(args))
}

for (const args of [
  ['pending-actions', '--format', 'csv'],
  ['overdue-report', '--dry-run'],
  ['query', 'query { viewer { userName } }'],
]) {
  prepared(`\`${args.join(' ')}\` gives what the sources give, of a server`, async () => {
    if (process.versions['bun']) return notRun('Bun takes the sources')
    await comparesWithSources(args, await settingsOfServer())
  })
}

let server: Promise<SandboxProcess> | undefined
prepared.after(async () => (await server)?.close())

async function settingsOfServer(): Promise<Record<string, string>> {
  server ??= sandboxProcess()
  return { ...(await server).settings }
}

function comparesWithSources(args: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<void> {
  return withClone(async (made) => {
    const found = await made.run(args, { env: settings })
    const { env } = SOURCES
    assert.equal(anonymous(found), anonymous(await made.run(args, { env: { ...env, ...settings } })))
    assert.is(kept(made).runtimes.length, 1)
    assert.equal(kept(made).others, [])
  })
}

/** The embedded servers have another port in each process. */
function anonymous(result: { status: number | null; stdout: string; stderr: string }): unknown {
  const { status, stdout, stderr } = result
  return { status, output: [stdout, stderr].map((text) => text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1')) }
}

prepared('a source that has changed is what the next start runs, whether it is in the one file or besides', () =>
  withClone(async (made) => {
    assert.match((await made.run(['help', 'bad'])).stderr, 'Cannot run "bad"', 'it is no task')
    const changed = [
      ['runtime/cli/commands/list.ts', ['list']],
      ['runtime/cli/commands/help.ts', ['help']],
    ] as const
    for (const [path, args] of changed) {
      assert.not.match((await made.run(args)).stderr, 'changed')
      appendFileSync(join(made.dir, path), `\nprocess.stderr.write('changed ${path}')\n`)
      assert.match((await made.run(args)).stderr, `changed ${path}`)
    }
    for (const [path] of changed) cpSync(join(REPOSITORY, path), join(made.dir, path))
    forget(made)
  }),
)

prepared('two processes that start at once each end with a whole one', () =>
  withNewClone(async (made) => {
    const results = await Promise.all(Array.from({ length: 2 }, () => made.run(['list'])))
    for (const { status, stdout, stderr } of results) {
      assert.equal([status, stderr], [0, ''])
      assert.match(stdout, 'pending-actions')
    }
    assert.is(kept(made).runtimes.length, 1)
    assert.equal(kept(made).others, [])
  }),
)

let whole: CliResult | undefined
for (const [title, damage] of [
  ['its one file is cut', (made: Clone) => writeFileSync(core(made), readFileSync(core(made), 'utf8').slice(0, 5000))],
  ['its one file is empty', (made: Clone) => writeFileSync(core(made), '')],
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
      whole ??= await made.run(['list'])
      damage(made)
      assert.equal(await made.run(['list']), whole)
      assert.equal(await made.run(['list']), whole)
      assert.ok(readFileSync(core(made), 'utf8').length > 100_000)
    }),
  )
}

for (const [title, damaged] of [
  ['cut', (content: string) => content.slice(0, content.length / 2)],
  ['empty', () => ''],
] as const) {
  prepared(`nobody sees that the files besides are ${title}, and they are made anew`, () =>
    withClone(async (made) => {
      const whole = await made.run(['help'])
      const folder = dirname(core(made))
      const parts = readdirSync(folder).filter((name) => name.endsWith('.mjs'))
      const contents = () => parts.map((name) => readFileSync(join(folder, name), 'utf8'))
      const before = contents()
      for (const [index, name] of parts.entries()) writeFileSync(join(folder, name), damaged(before[index]!))
      assert.equal(await made.run(['help']), whole)
      assert.equal(contents(), before)
      assert.equal(kept(made).others, [])
    }),
  )
}

prepared(
  'nothing is kept with WFG_TOKEN_CACHE=off, with NODE_DISABLE_COMPILE_CACHE, or if the folder cannot be written',
  () =>
    withNewClone(async (made) => {
      const whole = await made.run(['list'], SOURCES)
      assert.equal(kept(made), { runtimes: [], others: [] })
      made.write('.env', 'WFG_TOKEN_CACHE=off\n')
      const off = await made.run(['list'])
      rmSync(join(made.dir, '.env'))
      assert.equal(off, whole)
      assert.equal(kept(made), { runtimes: [], others: [] })
      assert.equal(await made.run(['list'], { env: { CI: 'true' } }), whole)
      assert.equal(kept(made), { runtimes: [], others: [] })
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
      const { status, stderr } = await made.run(['run', join(made.dir, 'scripts', 'bad.ts')], {
        ...options,
        cwd: made.dir,
      })
      assert.is(status, 1)
      assert.match(stderr, /failed: RangeError: on line six\n.*scripts[\\/]bad\.ts:6:11/)
      const [, line] = /runtime[\\/]tasks[\\/]run[\\/]run_script\.ts:(\d+)/.exec(stderr) ?? []
      const source = readFileSync(join(made.dir, 'runtime', 'tasks', 'run', 'run_script.ts'), 'utf8').split('\n')
      assert.match(source[Number(line) - 1] ?? '', /await|\(/)
      assert.not.match(stderr, /\.cache[\\/]wfg[\\/]/)
    }),
  )
}

prepared('a damaged part of what the engine had compiled is not run, and made anew', () =>
  withClone(async (made) => {
    const folder = join(made.dir, 'node_modules', '.cache', 'wfg')
    for (const name of readdirSync(folder)) if (name.endsWith('.compiled')) rmSync(join(folder, name))
    const whole = await made.run(['list'])
    const file = only(made, '.compiled')
    const content = readFileSync(file)
    for (const start of [50, 1000, 20_000, 100_000]) {
      writeFileSync(file, Buffer.from(content).fill(0xfe, start, start + 400))
      assert.equal(await made.run(['list']), whole, `damaged from byte ${start}`)
      assert.not.equal(readFileSync(file).subarray(start, start + 400), Buffer.alloc(400, 0xfe))
    }
    rmSync(file)
    mkdirSync(file)
    assert.equal(await made.run(['list']), whole, 'a folder is in the way')
    assert.equal(kept(made).others, [])
  }),
)

prepared('it is made anew when what makes it has changed', () =>
  withClone(async (made) => {
    await made.run(['list'])
    const index = () => readFileSync(only(made, '.json'), 'utf8')
    const before = index()
    // Left so: it changes nothing of what they do.
    for (const name of ['build.mjs', 'prepared.mjs']) appendFileSync(join(made.dir, 'runtime/prepared', name), '\n')
    await made.run(['list'])
    assert.is.not(index(), before)
    forget(made)
  }),
)

prepared('what runs is strict, as the sources are', () =>
  withClone(async (made) => {
    const args = ['run', join(made.dir, 'scripts/strict.ts'), '--profile', 'sandbox']
    const sources = await made.run(args, SOURCES)
    assert.match(sources.stdout, 'defineScript function false')
    assert.is((await made.run(args)).stdout, sources.stdout)
  }),
)

prepared('clones that share their packages run their own sources, however alike their names are', () =>
  withNewClone(async ({ dir: packages }) => {
    if (!LINKS.file) return notRun(NO_LINKS)
    const dirs = ['a b', 'a_b'].map((name) => join(packages, name))
    for (const dir of dirs) {
      const made = clone()
      rmSync(join(made.dir, 'node_modules'), { recursive: true })
      symlinkSync(join(packages, 'node_modules'), join(made.dir, 'node_modules'), 'junction')
      appendFileSync(join(made.dir, 'runtime/cli/commands/list.ts'), `\nprocess.stderr.write(${JSON.stringify(dir)})\n`)
      renameSync(made.dir, dir)
    }
    for (const dir of [...dirs, dirs[0]!]) {
      assert.is((await runCli(['list'], { entry: join(dir, 'tasks.ts') })).stderr, dir)
    }
    for (const dir of dirs) rmSync(dir, { recursive: true })
  }),
)

prepared('a folder for caches that is elsewhere is not used: from there no package is found', () =>
  withNewClone(async (made) => {
    if (!LINKS.file) return notRun(NO_LINKS)
    const elsewhere = temporaryFolder()
    try {
      symlinkSync(elsewhere, join(made.dir, 'node_modules', '.cache'), 'junction')
      for (const _ of ['first', 'second']) {
        const { status, stderr } = await made.run(['doctor'], { env: await settingsOfServer() })
        assert.is(status, 0, stderr)
      }
    } finally {
      rmSync(elsewhere, { recursive: true, force: true })
    }
  }),
)

prepared('caches may be emptied while a task runs: what it loads later is made again', () =>
  withClone(async (made) => {
    const args = ['run', join(made.dir, 'scripts/emptied.ts'), '--profile', 'sandbox']
    const env = { GITHUB_ACTIONS: 'true', WFG_TOKEN_CACHE: 'memory' }
    await made.run(['list'])
    const { status, stderr } = await made.run(args, { env })
    assert.is(status, 1)
    assert.match(stderr, /^::error .*once it is empty/m)
  }),
)

prepared('who may not write runs the sources, and does not build in vain', () =>
  withNewClone(async (made) => {
    if (RUNTIME !== 'node' || process.geteuid?.() !== 0) return notRun('it takes root to become another user')
    chmodSync(made.dir, 0o755)
    const other = 'data:text/javascript,process.setgid(65534);process.setuid(65534)'
    const options = { command: [process.execPath, '--import', other, ...runtimeArgs()] }
    const sources = await made.run(['list'], { ...options, ...SOURCES })
    if (sources.status !== 0) return notRun('another user may not read the packages')
    const build = join(made.dir, 'runtime/prepared/build.mjs')
    const content = readFileSync(build, 'utf8')
    writeFileSync(build, content.replace("await import('esbuild')", "process.stderr.write('built')"))
    const stranger = await made.run(['list'], options)
    writeFileSync(build, content)
    assert.equal(stranger, sources)
    await made.run(['list'])
    writeFileSync(core(made), 'throw 1')
    assert.equal(await made.run(['list'], options), sources)
  }).finally(() => common && forget(common)),
)

/** A start with the umask of nobody's choice: all may do all. */
const OPEN = {
  command: [process.execPath, '--import', 'data:text/javascript,process.umask(0)', ...runtimeArgs()],
}

prepared('what is kept is this user’s alone, whatever the umask', () =>
  withNewClone(async (made) => {
    if (process.platform === 'win32') return notRun('modes of files are not those of Windows')
    if (RUNTIME !== 'node') return notRun('the umask of a start is set by an option of Node')
    const folder = join(made.dir, 'node_modules', '.cache', 'wfg')
    for (const entry of ['tasks.ts', 'runtime/cli/wfg.mjs']) {
      const { status, stderr } = await made.run(['list'], { ...OPEN, entry })
      assert.equal([status, stderr], [0, ''])
    }
    const paths = ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].map((name) => join(folder, name))
    assert.ok(paths.length > 20)
    for (const path of paths) {
      const found = statSync(path)
      assert.is(found.mode & 0o777, found.isDirectory() ? 0o700 : 0o600, path)
    }
    chmodSync(folder, 0o755)
    rmSync(core(made))
    await made.run(['list'], OPEN)
    assert.is(statSync(folder).mode & 0o777, 0o700, 'a folder of before is made private too')
  }),
)

const TOLD =
  /^warning: Cannot use the prepared runtime: ".*" (can be changed by other users|belongs to user 1000)\. Delete ".*wfg"\.\n$/

/** Code of another user, in the file that each start evaluates. */
function plant(made: Clone): void {
  writeFileSync(core(made), `process.stderr.write('planted');${readFileSync(core(made), 'utf8')}`)
}

/** Makes the index go with the file, whatever has been done to it. */
function index(made: Clone): void {
  const file = only(made, '.json')
  const found = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...found, parts: { ...found.parts, 'core.cjs': stateOf(core(made)) } }))
}

for (const [title, path] of [
  ['its folder', (made: Clone) => join(made.dir, 'node_modules', '.cache', 'wfg')],
  ['its index', (made: Clone) => only(made, '.json')],
  ['the folder of its files', (made: Clone) => dirname(core(made))],
  ['its one file', core],
] as const) {
  prepared(`nothing of it runs if another user may have written ${title}, and a start says so`, () =>
    withClone(async (made) => {
      if (process.platform === 'win32') return notRun('whose a file is, is a question of Unix')
      const whole = await made.run(['list'])
      if (whole.stderr !== 'planted') {
        plant(made)
        index(made)
        assert.equal(await made.run(['list']), { ...whole, stderr: 'planted' }, 'without a change it runs')
      }
      const file = path(made)
      const { mode, uid, gid } = statSync(file)
      const changes = [() => chmodSync(file, 0o777)]
      if (process.geteuid?.() === 0) changes.push(() => chownSync(file, 1000, 1000))
      else notRun('to give a file to another user takes root')
      for (const change of changes) {
        change()
        index(made)
        const found = await made.run(['list'])
        assert.equal([found.status, found.stdout], [0, whole.stdout])
        assert.match(found.stderr, TOLD)
        if (process.geteuid?.() === 0) chownSync(file, uid, gid)
        chmodSync(file, mode)
        index(made)
      }
      assert.is((await made.run(['list'])).stderr, 'planted', 'without a change it runs')
    }),
  )
}

prepared('a stack has the lines of the sources in a folder of any name', () =>
  withNewClone(async (made) => {
    const dir = `${made.dir} (ü) #1`
    renameSync(made.dir, dir)
    try {
      const args = ['run', join(dir, 'scripts/bad.ts'), '--profile', 'sandbox']
      const { stderr } = await runCli(args, { entry: join(dir, 'tasks.ts') })
      assert.match(stderr, `${join('scripts', 'bad.ts')}:6:11`)
      assert.ok(stderr.includes(`${join(dir, 'runtime/tasks/run/run_script.ts')}:`), stderr)
      assert.not.match(stderr, /\.cache[\\/]wfg[\\/]/)
    } finally {
      renameSync(dir, made.dir)
    }
  }),
)

prepared.run()
