/** The prepared runtime: what it gives is what the sources give, whatever happens to its files. */

import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
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
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as mod from '../../runtime/mod.ts'
import * as preparedMod from '../../runtime/prepared/mod.mjs'
import { stateOf } from '../../runtime/prepared/prepared.mjs'
import * as preparedTasks from '../../runtime/prepared/tasks.mjs'
import * as preparedTesting from '../../runtime/prepared/testing.mjs'
import * as tasks from '../../runtime/tasks/mod.ts'
import * as testing from '../../runtime/testing/mod.ts'
import { type CliResult, environment, REPOSITORY, removeFolder, runCli, temporaryFolder } from '../_cli.ts'
import { type Clone, clone } from '../_clone.ts'
import { LINKS, NO_LINKS } from '../_links.ts'
import { notRun } from '../_not_run.ts'
import { BY_LAUNCHER, RUNTIME, runtimeArgs } from '../_runtime.ts'
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
  async run() {
    // On Windows a file that is still being loaded keeps its folder.
    await new Promise((resolve) => setTimeout(resolve, 500))
    rmSync(new URL('../node_modules/.cache', import.meta.url), { recursive: true, force: true })
    throw new RangeError('once it is empty')
  },
})
`,
  'scripts/strict.ts': `import * as wfg from '#wfg'
for (const [name, value] of Object.entries(wfg)) console.log(name, typeof value, Object.hasOwn(value, 'arguments'))
`,
  'scripts/line.mjs': `import { join } from 'node:path'
/** Runs a command line in this process, with all that the launcher gives it but the two outputs. */
export async function runLine(load, args, given = {}) {
  const { start } = await load('cli/main.ts')
  const { instanceOptions, startSandbox } = await load('compose.ts')
  const { SECRET_NAMES } = await load('host/host.ts')
  const { createOutput } = await load('host/standard_streams.ts')
  const { createSession } = await load('tasks/run/session.ts')
  const { networkHost } = await load('transport/open_transport.ts')
  const { tasks } = await import('../tasks.ts')
  const system = networkHost()
  const texts = { stdout: '', stderr: '' }
  let status = 0
  const output = (name) => {
    const write = (chunk, done) => {
      texts[name] += chunk
      done()
    }
    const options = { redactor: system.redactor, commandLine: args, inCi: () => false, atExit() {} }
    return createOutput({ isTTY: false, on() {}, write }, { ...options, givesData: name === 'stdout' })
  }
  const select = (isSecret) => Object.entries(given).filter(([name]) => SECRET_NAMES.includes(name) === isSecret)
  const host = {
    ...system,
    program: join(tasks.directory, 'runtime/cli/wfg.mjs'),
    commandLine: args,
    env: { ...process.env, ...Object.fromEntries(select(false)) },
    secrets: Object.fromEntries(select(true)),
    stdout: output('stdout'),
    stderr: output('stderr'),
    setExitCode: (code) => (status = code),
    exitCode: () => status,
    exit() {},
    transport: { send: system.transport.send, close() {} },
  }
  const loadSession = async () => createSession(host, { ...instanceOptions, findDirectory: () => tasks.directory })
  await start({ host, registry: tasks, loadSession, startSandbox })
  return { status, ...texts }
}
`,
  'scripts/lines.mjs': `import { isPrepared, load } from '../runtime/prepared/prepared.mjs'
import { runLine } from './line.mjs'
const results = []
for (const [args, env] of JSON.parse(process.argv[2])) results.push(await runLine(load, args, env))
process.stdout.write(JSON.stringify({ isPrepared: await isPrepared(), results }), () => process.exit())
`,
  'scripts/starts.mjs': `import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { runLine } from './line.mjs'
let count = 0
// Each start listens for the end.
process.setMaxListeners(0)
for await (const text of createInterface({ input: process.stdin })) {
  const env = JSON.parse(text)
  Object.assign(process.env, env)
  const write = process.stderr.write
  let told = ''
  process.stderr.write = (text) => {
    told += text
    return true
  }
  const { isPrepared, load } = await import('../runtime/prepared/prepared.mjs?' + ++count)
  const found = { isPrepared: await isPrepared() }
  if (found.isPrepared) Object.assign(found, await runLine(load, ['list']))
  process.stderr.write = write
  for (const name of Object.keys(env)) delete process.env[name]
  console.log(JSON.stringify({ ...found, stderr: told + (found.stderr ?? '') }))
}
`,
}
/** It builds once in a process. The process of all starts makes the runtime anew five times, from the same sources. */
const MAKER = readFileSync(join(REPOSITORY, 'runtime/prepared/build.mjs'), 'utf8').replace(
  'export async function build(',
  `/** @type {Promise<Prepared> | undefined} */
let built
export const build = (...given) => (built ??= buildAnew(...given))

async function buildAnew(`,
)
const SOURCES = { env: { NODE_DISABLE_COMPILE_CACHE: '1' } }

/** One clone for all tests, because each new one is prepared anew. Only the last tests change its sources. */
let common: Clone | undefined

async function withClone(action: (made: Clone) => Promise<void>): Promise<void> {
  if (process.versions['bun']) return notRun('Bun takes the sources')
  common ??= cloneOfAnyName()
  await action(common)
}

/** In a folder whose name no address has as it is. */
function cloneOfAnyName(): Clone {
  const made = clone({ ...FILES, 'runtime/prepared/build.mjs': MAKER })
  const dir = `${made.dir} (ü) #1`
  renameSync(made.dir, dir)
  return {
    dir,
    run: (args, options = {}) => runCli(args, { ...options, entry: join(dir, options.entry ?? 'tasks.ts') }),
    write: (path, content) => writeFileSync(join(dir, path), content),
    cleanup: () => removeFolder(dir),
  }
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

function folderOf({ dir }: Clone): string {
  return join(dir, 'node_modules', '.cache', 'wfg')
}

/** Names of the prepared runtimes, and of whatever else is there. */
function kept(made: Clone): { runtimes: string[]; others: string[] } {
  const folder = folderOf(made)
  const names = existsSync(folder) ? readdirSync(folder) : []
  const runtimes = names.filter((name) => /^[0-9a-f]{16}$/.test(name))
  return {
    runtimes,
    others: names.filter((name) => !runtimes.includes(name) && !/^typescript$|\.(json|compiled)$/.test(name)),
  }
}

/** The one file beside it whose name ends so. */
function only(made: Clone, end: string): string {
  const folder = folderOf(made)
  const names = readdirSync(folder).filter((name) => name.endsWith(end))
  assert.is(names.length, 1)
  return join(folder, names[0]!)
}

/** The one file of the prepared runtime. */
function core(made: Clone): string {
  const { runtimes } = kept(made)
  assert.is(runtimes.length, 1)
  return join(folderOf(made), runtimes[0]!, 'core.cjs')
}

prepared('each entry exports what the source of the same name exports', () => {
  assert.equal(Object.keys(preparedMod).toSorted(), Object.keys(mod).toSorted())
  assert.equal(Object.keys(preparedTasks).toSorted(), Object.keys(tasks).toSorted())
  assert.equal(Object.keys(preparedTesting).toSorted(), Object.keys(testing).toSorted())
  assert.is(preparedMod.WfgError, mod.WfgError, 'a test that imports both forms has two runtimes')
})

/** A start with the umask of nobody's choice: all may do all. */
const open = (entry: string) => ({
  entry,
  command: [process.execPath, '--import', 'data:text/javascript,process.umask(0)', ...runtimeArgs(entry)],
})
const HAS_UMASK = RUNTIME === 'node' && process.platform !== 'win32'

/** What both forms give for `list`. */
let whole: CliResult

prepared('two processes that start at once each end with a whole one', () =>
  withClone(async (made) => {
    assert.equal(kept(made), { runtimes: [], others: [] }, 'no test before has prepared it')
    const ways = ['tasks.ts', 'runtime/cli/wfg.mjs'].map((entry) => (HAS_UMASK ? open(entry) : {}))
    for (const { status, stdout, stderr } of await Promise.all(ways.map((options) => made.run(['list'], options)))) {
      assert.equal([status, stderr], [0, ''])
      assert.match(stdout, 'pending-actions')
    }
    assert.is(kept(made).runtimes.length, 1)
    assert.equal(kept(made).others, [])
  }),
)

prepared('what is kept is this user’s alone, whatever the umask', () =>
  withClone(async (made) => {
    if (process.platform === 'win32') return notRun('modes of files are not those of Windows')
    if (!HAS_UMASK) return notRun('the umask of a start is set by an option of Node')
    // By the two starts of the test before.
    const folder = folderOf(made)
    const paths = ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].map((name) => join(folder, name))
    assert.ok(paths.length > 20)
    for (const path of paths) {
      const found = statSync(path)
      assert.is(found.mode & 0o777, found.isDirectory() ? 0o700 : 0o600, path)
    }
  }),
)

const LINES: readonly (readonly string[])[] = [
  ['list'],
  ['list', '--json'],
  ['help'],
  ['help', 'pending-actions'],
  ['pending-action'],
  ['doctor', '--profile', 'none'],
  ['start-requests', '--help'],
  ['query', 'query { viewer { '],
  ['--version'],
]
const OF_SERVER: readonly (readonly string[])[] = [
  ['pending-actions', '--format', 'csv'],
  ['overdue-report', '--dry-run'],
  ['query', 'query { viewer { userName } }'],
]

type Result = Pick<CliResult, 'status' | 'stdout' | 'stderr'>

/** What each of the command lines gives, by the prepared runtime and by the sources: one process of each runs them all. */
let compared: Promise<readonly (readonly Result[])[]> | undefined

async function compareAll(made: Clone): Promise<readonly (readonly Result[])[]> {
  const settings = await settingsOfServer()
  const lines = [...LINES.map((args) => [args, {}]), ...OF_SERVER.map((args) => [args, settings])]
  const options = { entry: 'scripts/lines.mjs', command: [process.execPath, ...runtimeArgs()] }
  const found = []
  for (const form of [{}, SOURCES]) {
    const { stdout, stderr } = await made.run([JSON.stringify(lines)], { ...options, ...form })
    const { isPrepared, results } = JSON.parse(stdout || JSON.stringify(stderr))
    assert.is(isPrepared, form !== SOURCES)
    found.push(results)
  }
  return found
}

for (const [index, args] of [...LINES, ...OF_SERVER].entries()) {
  const title = `\`${args.join(' ')}\` gives what the sources give${OF_SERVER.includes(args) ? ', of a server' : ''}`
  prepared(title, () =>
    withClone(async (made) => {
      compared ??= compareAll(made)
      const [found, expected] = (await compared).map((results) => results[index]!)
      assert.ok(found!.stdout || found!.stderr)
      assert.equal(anonymous(found!), anonymous(expected!))
      assert.is(kept(made).runtimes.length, 1)
      assert.equal(kept(made).others, [])
    }),
  )
}

prepared('`list` by the launcher gives what the sources give', () =>
  withClone(async (made) => {
    compared ??= compareAll(made)
    const expected = (await compared)[1]![LINES.findIndex((args) => args.join() === 'list')]!
    whole = await made.run(['list'])
    assert.equal(anonymous(whole), anonymous(expected))
    assert.is(kept(made).runtimes.length, 1)
    assert.equal(kept(made).others, [])
  }),
)

prepared('the launcher starts the sandbox that is a part of it', () =>
  withClone(async (made) => {
    const { status, stdout, stderr } = await made.run(['who-am-i'])
    assert.is(status, 0, stderr)
    assert.match(stdout, /^\{"user":"john_smith",.*"profile":"sandbox",/)
    assert.match(stderr, /^Nothing is configured, so this uses the embedded sandbox: .*\n$/)
    assert.is(kept(made).runtimes.length, 1)
    assert.equal(kept(made).others, [])
  }),
)

let server: Promise<SandboxProcess> | undefined
prepared.after(async () => (await server)?.close())

async function settingsOfServer(): Promise<Record<string, string>> {
  server ??= sandboxProcess()
  return { ...(await server).settings }
}

/** The embedded servers have another port in each process. */
function anonymous(result: { status: number | null; stdout: string; stderr: string }): unknown {
  const { status, stdout, stderr } = result
  return { status, output: [stdout, stderr].map((text) => text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1')) }
}

interface Started {
  readonly isPrepared: boolean
  readonly stderr: string
  /** Of `list`, if the prepared runtime runs. */
  readonly status?: number
  readonly stdout?: string
}

/** One process that chooses the form of the runtime anew whenever it is asked, as each start of a process does. */
interface Starts {
  next(env?: Readonly<Record<string, string>>): Promise<Started>
  end(): Promise<void>
}

let starts: Starts | undefined
prepared.after(async () => {
  await starts?.end()
  common?.cleanup()
})

function startsOf({ dir }: Clone): Starts {
  const home = temporaryFolder()
  const command = [...runtimeArgs(), join(dir, 'scripts/starts.mjs')]
  const child = spawn(process.execPath, command, { cwd: dir, env: environment(home) })
  child.stdin.on('error', () => {}) // it may have ended
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async next(env = {}) {
      child.stdin.write(`${JSON.stringify(env)}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error(`It ended: ${stderr}`)
      return JSON.parse(value)
    },
    async end() {
      child.stdin.end()
      await ended
      removeFolder(home)
    },
  }
}

function withStarts(action: (starts: Starts, made: Clone) => Promise<void>): Promise<void> {
  return withClone((made) => {
    starts ??= startsOf(made)
    return action(starts, made)
  })
}

prepared('it is made without the packages of the sandbox where there are none', () =>
  withStarts(async (starts, made) => {
    if (!LINKS.folder) return notRun(NO_LINKS)
    const names = ['oidc-provider', 'jose', 'graphql-yoga']
    const parts = () => readdirSync(dirname(core(made))).filter((name) => names.includes(name.replace(/\.mjs$/, '')))
    assert.equal(parts().length, names.length)
    for (const name of names) rmSync(join(made.dir, 'node_modules', name), { recursive: true })
    rmSync(dirname(core(made)), { recursive: true })
    const { status, stdout, stderr } = whole
    assert.equal(await starts.next(), { isPrepared: true, status, stdout, stderr })
    assert.equal(parts(), [])
  }),
)

const DAMAGES: readonly (readonly [title: string, damage: (made: Clone) => void])[] = [
  ['its one file is cut', (made: Clone) => writeFileSync(core(made), readFileSync(core(made), 'utf8').slice(0, 5000))],
  ['its one file is empty', (made: Clone) => writeFileSync(core(made), '')],
  ['its one file is gone', (made: Clone) => rmSync(core(made))],
  [
    'all that tells of it is garbage',
    (made: Clone) => {
      const folder = folderOf(made)
      for (const name of readdirSync(folder))
        if (/\.(json|compiled)$/.test(name)) writeFileSync(join(folder, name), '{')
    },
  ],
]

for (const [title, damage] of DAMAGES) {
  prepared(`nobody sees that ${title}, and it is made anew`, () =>
    withStarts(async (starts, made) => {
      damage(made)
      if (process.platform !== 'win32') chmodSync(folderOf(made), 0o755)
      for (const _time of ['first', 'second']) {
        const { status, stdout, stderr } = whole
        assert.equal(await starts.next(), { isPrepared: true, status, stdout, stderr })
        assert.ok(readFileSync(core(made), 'utf8').length > 100_000)
      }
      if (process.platform !== 'win32')
        assert.is(statSync(folderOf(made)).mode & 0o777, 0o700, 'a folder of before is made private too')
    }),
  )
}

prepared('nobody sees that a file besides is cut and the others are empty, and they are made anew', () =>
  withClone(async (made) => {
    const help = await made.run(['help'])
    const folder = dirname(core(made))
    const parts = readdirSync(folder).filter((name) => name.endsWith('.mjs'))
    const contents = () => parts.map((name) => readFileSync(join(folder, name), 'utf8'))
    const before = contents()
    for (const [index, name] of parts.entries()) {
      // The one that runs is cut.
      const isRun = name === 'cli.commands.help.mjs'
      writeFileSync(join(folder, name), isRun ? before[index]!.slice(0, before[index]!.length / 2) : '')
    }
    assert.equal(await made.run(['help']), help)
    assert.equal(contents(), before)
    assert.equal(kept(made).others, [])
  }),
)

prepared(
  'nothing is kept with WFG_TOKEN_CACHE=off, with NODE_DISABLE_COMPILE_CACHE, or if the folder cannot be written',
  () =>
    withNewClone(() =>
      withStarts(async (starts, made) => {
        for (const settings of [SOURCES.env, { WFG_TOKEN_CACHE: 'off' }, { CI: 'true' }]) {
          assert.equal(await starts.next(settings), { isPrepared: false, stderr: '' })
          assert.equal(kept(made), { runtimes: [], others: [] })
        }
        made.write('.env', 'WFG_TOKEN_CACHE=off\n')
        const off = await starts.next()
        rmSync(join(made.dir, '.env'))
        assert.equal(off, { isPrepared: false, stderr: '' })
        assert.equal(kept(made), { runtimes: [], others: [] })
        writeFileSync(join(made.dir, 'node_modules', '.cache'), 'not a folder')
        assert.equal(await made.run(['list']), whole)
      }),
    ),
)

for (const [title, options] of [
  ['the prepared runtime', BY_LAUNCHER ? { command: [process.execPath, ...runtimeArgs()] } : {}],
  ['the sources', SOURCES],
  ['the launcher', { entry: 'runtime/cli/wfg.mjs' }],
] as const) {
  prepared(`a stack has the lines of the script and of the sources, in a folder of any name, with ${title}`, () =>
    withClone(async (made) => {
      const env = { ...(await settingsOfServer()), ...('env' in options ? options.env : {}) }
      const args = ['run', join(made.dir, 'scripts', 'bad.ts')]
      const { status, stderr } = await made.run(args, { ...options, env, cwd: made.dir })
      assert.is(status, 1)
      assert.match(stderr, /failed: RangeError: on line six\n.*scripts[\\/]bad\.ts:6:11/)
      const file = join(made.dir, 'runtime', 'tasks', 'run', 'run_script.ts')
      // Deno names sources by their addresses.
      const name = [file, ...(options === SOURCES ? [pathToFileURL(file).href] : [])].find((each) =>
        stderr.includes(`${each}:`),
      )
      const [, line] = /^:(\d+)/.exec(stderr.split(name!)[1] ?? '') ?? []
      const source = readFileSync(file, 'utf8').split('\n')
      assert.match(source[Number(line) - 1] ?? '', /await|\(/)
      assert.not.match(stderr, /\.cache[\\/]wfg[\\/]/)
    }),
  )
}

prepared('a damaged part of what the engine had compiled is not run, and made anew', () =>
  withClone(async (made) => {
    const folder = folderOf(made)
    for (const name of readdirSync(folder)) if (name.endsWith('.compiled')) rmSync(join(folder, name))
    assert.equal(await made.run(['list']), whole)
    const file = only(made, '.compiled')
    const content = readFileSync(file)
    for (const start of [50, 20_000]) {
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

prepared('what runs is strict, as the sources are', () =>
  withClone(async (made) => {
    const args = ['run', join(made.dir, 'scripts/strict.ts')]
    const { stdout } = await made.run(args, { env: await settingsOfServer() })
    const lines = Object.entries(mod).map(([name, value]) => [name, typeof value, Object.hasOwn(value, 'arguments')])
    assert.match(stdout, 'defineScript function false')
    assert.equal(stdout.trim().split('\n').toSorted(), lines.map((line) => line.join(' ')).toSorted())
  }),
)

prepared('clones that share their packages run their own sources, however alike their names are', () =>
  withClone(async (made) => {
    if (!LINKS.file) return notRun(NO_LINKS)
    const index = only(made, '.json')
    const before = readFileSync(index, 'utf8')
    const { runtimes } = kept(made)
    const other = clone()
    const dir = join(dirname(made.dir), basename(made.dir).replaceAll(/[^\w.-]/g, '_'))
    try {
      rmSync(join(other.dir, 'node_modules'), { recursive: true })
      symlinkSync(join(made.dir, 'node_modules'), join(other.dir, 'node_modules'), 'junction')
      appendFileSync(
        join(other.dir, 'runtime/cli/commands/list.ts'),
        `\nprocess.stderr.write(${JSON.stringify(dir)})\n`,
      )
      renameSync(other.dir, dir)
      assert.is((await runCli(['list'], { entry: join(dir, 'tasks.ts') })).stderr, dir)
      assert.is.not(readFileSync(only(made, '.json'), 'utf8'), before, 'both have the same name for the index')
    } finally {
      writeFileSync(index, before)
      removeFolder(other.dir)
      removeFolder(dir)
      for (const name of kept(made).runtimes.filter((each) => !runtimes.includes(each)))
        rmSync(join(folderOf(made), name), { recursive: true })
    }
  }),
)

prepared('a folder for caches that is elsewhere is not used: from there no package is found', () =>
  withNewClone(async (made) => {
    if (!LINKS.file) return notRun(NO_LINKS)
    const elsewhere = temporaryFolder()
    try {
      symlinkSync(elsewhere, join(made.dir, 'node_modules', '.cache'), 'junction')
      const { status, stderr } = await made.run(['doctor'], { env: await settingsOfServer() })
      assert.is(status, 0, stderr)
      assert.equal(kept(made), { runtimes: [], others: [] }, 'so the second start gets no other')
    } finally {
      rmSync(elsewhere, { recursive: true, force: true })
    }
  }),
)

prepared('caches may be emptied while a task runs: what it loads later is made again', () =>
  withClone(async (made) => {
    const args = ['run', join(made.dir, 'scripts/emptied.ts')]
    const env = { ...(await settingsOfServer()), GITHUB_ACTIONS: 'true', WFG_TOKEN_CACHE: 'memory' }
    assert.is(kept(made).runtimes.length, 1)
    const { status, stderr } = await made.run(args, { env })
    assert.is(status, 1)
    assert.match(stderr, /^::error .*once it is empty/m)
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

let isPlanted = false
for (const [title, path] of [
  ['its folder', folderOf],
  ['its index', (made: Clone) => only(made, '.json')],
  ['the folder of its files', (made: Clone) => dirname(core(made))],
  ['its one file', core],
] as const) {
  prepared(`nothing of it runs if another user may have written ${title}, and a start says so`, () =>
    withStarts(async (starts, made) => {
      if (process.platform === 'win32') return notRun('whose a file is, is a question of Unix')
      const { status, stdout } = whole
      if (!isPlanted) {
        assert.equal(await starts.next(), { isPrepared: true, status, stdout, stderr: '' })
        plant(made)
        index(made)
        isPlanted = true
      }
      const runs = async () =>
        assert.equal(
          await starts.next(),
          { isPrepared: true, status, stdout, stderr: 'planted' },
          'without a change it runs',
        )
      await runs()
      const file = path(made)
      const { mode, uid, gid } = statSync(file)
      const changes = [() => chmodSync(file, 0o777)]
      if (process.geteuid?.() === 0) changes.push(() => chownSync(file, 1000, 1000))
      else notRun('to give a file to another user takes root')
      for (const [at, change] of changes.entries()) {
        change()
        index(made)
        const { isPrepared, stderr } = await starts.next()
        assert.not(isPrepared)
        assert.match(stderr, TOLD)
        // One of them by a process of the launcher.
        if (path === folderOf && at === 0) {
          const found = await made.run(['list'])
          assert.equal([found.status, found.stdout], [0, stdout])
          assert.match(found.stderr, TOLD)
        }
        if (process.geteuid?.() === 0) chownSync(file, uid, gid)
        chmodSync(file, mode)
        index(made)
      }
      await runs()
    }),
  )
}

// From here on the tests change sources, and leave them so.

prepared('who may not write runs the sources, and does not build in vain', () =>
  withClone(async (made) => {
    if (RUNTIME !== 'node' || process.geteuid?.() !== 0) return notRun('it takes root to become another user')
    chmodSync(made.dir, 0o755)
    const other = 'data:text/javascript,process.setgid(65534);process.setuid(65534)'
    const options = { command: [process.execPath, '--import', other, ...runtimeArgs()] }
    const sources = await made.run(['list'], { ...options, ...SOURCES })
    if (sources.status !== 0) return notRun('another user may not read the packages')
    const build = join(made.dir, 'runtime/prepared/build.mjs')
    const content = readFileSync(build, 'utf8')
    writeFileSync(build, content.replace("await import('esbuild')", "process.stderr.write('built')"))
    // Where nothing is prepared, and where the owner has prepared something.
    await withNewClone(async () => assert.equal(await made.run(['list'], options), sources))
    writeFileSync(build, content)
    const whole = readFileSync(core(made))
    writeFileSync(core(made), 'throw 1')
    assert.equal(await made.run(['list'], options), sources)
    writeFileSync(core(made), whole)
    index(made)
  }),
)

prepared('it is made anew when what makes it has changed', () =>
  withClone(async (made) => {
    const index = () => readFileSync(only(made, '.json'), 'utf8')
    const before = index()
    // It changes nothing of what they do.
    for (const name of ['build.mjs', 'prepared.mjs']) appendFileSync(join(made.dir, 'runtime/prepared', name), '\n')
    await made.run(['list'])
    assert.is.not(index(), before)
  }),
)

prepared('a source that has changed is what the next start runs, whether it is in the one file or besides', () =>
  withClone(async (made) => {
    assert.match((await made.run(['help', 'bad'])).stderr, 'Cannot run "bad"', 'it is no task')
    const { files } = JSON.parse(readFileSync(only(made, '.json'), 'utf8'))
    const commands = ['list', 'help']
    const told = (command: string) => `changed ${command}`
    for (const command of commands) {
      const source = join(made.dir, `runtime/cli/commands/${command}.ts`)
      assert.ok(files[source], 'either is looked at')
      appendFileSync(source, `\nprocess.stderr.write('${told(command)}')\n`)
    }
    for (const command of commands) assert.is((await made.run([command])).stderr, told(command))
  }),
)

prepared.run()
