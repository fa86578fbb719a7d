/**
 * The package as a dependency: packed, installed by npm into a repository that `init --here` started, and used there on
 * each runtime. npm has an empty home, and only what the cache of this user holds.
 */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { writeTeamFolder } from '../runtime/setup/team_folder.ts'
import { REPOSITORY, temporaryFolder } from './_cli.ts'
import { fakeOutput } from './_host.ts'
import { node24 } from './_node24.ts'
import { notRun } from './_not_run.ts'
import { addPackages } from './_packages.ts'
import { programOf } from './_runtime.ts'
import { type SandboxProcess, sandboxProcess } from './_sandbox.ts'
import { HAS_TERMINAL, NO_TERMINAL, onTerminal } from './cli/_terminal.ts'

const packed = suite('package')

/** Entries that the team adds to its tasks. */
const TASKS = `
  rows: { script: './scripts/rows.ts', access: 'read' },
  sneaky: { script: './scripts/sneaky.ts', access: 'read' },`
const NO_TASKS = `import { defineTasks, main } from 'wfg-scripts/tasks'
export const tasks = defineTasks(import.meta.url, {})
await main(import.meta, tasks)
`
const FILES = {
  'scripts/words.ts': `// Show the words that it is given, and the user.
import { wfg } from 'wfg-scripts'
const { viewer } = await wfg\`query { viewer { userName } }\`
console.log(viewer.userName, JSON.stringify(process.argv.slice(2)))
`,
  'scripts/rows.ts': `/** Give processes. */
import * as v from 'valibot'
import { defineScript, gql } from 'wfg-scripts'
const Processes = gql\`query Processes($page: Int) { processes(page: { number: $page, size: 2 }) { hasNextPage items { name } } }\`
export default defineScript({
  args: v.object({ first: v.optional(v.number(), 1) }),
  async *run({ args, wfg }) {
    let left: number = args.first
    for await (const { name } of wfg.paginate(Processes)) if (left-- > 0) yield { name }
  },
})
`,
  // Its entry promises that it only reads; a client of another copy of the runtime would not know that.
  'scripts/sneaky.ts': `import { wfg } from 'wfg-scripts'
await wfg('mutation { createRequest(input: { processName: "P" }) { request { number } } }')
`,
  // uvu alone would end with 0.
  'test/lost.test.ts': `import { suite } from 'uvu'
const test = suite('lost')
test.before(() => {
  throw new Error('no server')
})
test('is never run', () => {})
test.run()
`,
  '.env.broken': 'WFG_GRAPHQL_URL=nowhere\n',
}

const DENO = programOf('deno')
/** Of one program: on a busy machine npm may take a minute. */
const LIMIT_MS = 300_000

interface Ended {
  status: number
  stdout: string
  stderr: string
}

interface Team {
  readonly dir: string
  readonly home: string
  /** Path of the archive. */
  readonly archive: string
  /** Files in the package. */
  readonly contents: readonly string[]
  /** Runs a command in a folder of the repository, by default its first; on a sandbox that runs already. */
  run(command: readonly string[], cwd?: string, env?: Record<string, string>): Promise<Ended>
  /** On the sandbox that the package brings. */
  alone(command: readonly string[], cwd?: string): Promise<Ended>
}

let sandbox: SandboxProcess | undefined

let made: Promise<Team> | undefined
let folder: string | undefined

/** One for all tests, made by the first that needs it. */
function team(): Promise<Team> {
  made ??= install()
  return made
}

async function install(): Promise<Team> {
  folder = temporaryFolder()
  const [dir, home] = [join(folder, 'team scripts'), join(folder, 'home')]
  for (const path of [dir, home]) mkdirSync(path)
  linkCache()
  const packing = await npm(['pack', '--json', '--pack-destination', folder], REPOSITORY)
  // What its build prints comes before.
  const [{ filename, files }] = JSON.parse(packing.slice(packing.search(/^\[/m)))
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ dependencies: { 'wfg-scripts': `file:../${filename}` } }))
  await writeTeamFolder({ cwd: () => dir, stdout: fakeOutput().output })
  const tasks = readFileSync(join(dir, 'tasks.ts'), 'utf8').replace(/defineTasks\(.*/, (begin) => begin + TASKS)
  for (const [path, content] of Object.entries({ ...FILES, 'tasks.ts': tasks })) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
  }
  addPackages(dir)
  await npm(['install', ...QUICK], dir)
  sandbox = await sandboxProcess()
  const start = (command: readonly string[], cwd: string, env: Record<string, string>) => {
    const cache = process.env['DENO_DIR'] ?? join(homedir(), '.cache', 'deno')
    const own = { HOME: home, PATH: process.env['PATH']!, DENO_DIR: cache, npm_config_update_notifier: 'false' }
    return execute(command, resolve(dir, cwd), { ...own, ...env })
  }
  return {
    dir,
    home,
    archive: join(folder, filename),
    contents: files.map(({ path }: { path: string }) => path),
    run: (command, cwd = '.', env = {}) => start(command, cwd, { ...sandbox!.settings, ...env }),
    alone: (command, cwd = '.') => start(command, cwd, { WFG_PROFILE: 'sandbox' }),
  }
}

async function npm(args: readonly string[], cwd: string): Promise<string> {
  const ended = await execute(['npm', ...args], cwd, npmEnvironment())
  assert.is(ended.status, 0, `npm ${args[0]} failed: ${ended.stderr}`)
  return ended.stdout
}

/** The compiler does not look for memory that is free again, which takes a third of its time. */
const QUICK_TSC = { GOGC: 'off' }
const QUICK = ['--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier']

/** Without what the npm that runs the tests says of this repository. */
function npmEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => !/^(npm_|WFG_|NODE_V8_COVERAGE$)/.test(name))
  const own = { HOME: join(folder!, 'home'), ...npmSettings(), ...QUICK_TSC }
  return { ...(Object.fromEntries(entries) as Record<string, string>), ...own }
}

/** The archive is unpacked in the cache too, to look at it: where files of tests are, it takes less time. */
function linkCache(): void {
  const cache = process.env['npm_config_cache'] ?? join(homedir(), '.npm')
  for (const part of ['content-v2', 'index-v5']) {
    const [theirs, ours] = [cache, join(folder!, 'cache')].map((each) => join(each, '_cacache', part))
    mkdirSync(theirs!, { recursive: true })
    mkdirSync(dirname(ours!), { recursive: true })
    symlinkSync(theirs!, ours!)
  }
}

function npmSettings(): Record<string, string> {
  const settings = {
    cache: join(folder!, 'cache'),
    userconfig: join(homedir(), '.npmrc'),
    prefer_offline: 'true',
    audit: 'false',
    fund: 'false',
  }
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`npm_config_${name}`, value]))
}

function execute([program, ...args]: readonly string[], cwd: string, env: Record<string, string>): Promise<Ended> {
  return new Promise((done) => {
    execFile(program!, args, { cwd, env, timeout: LIMIT_MS, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      const status = error ? (typeof error.code === 'number' ? error.code : -1) : 0
      done({ status, stdout, stderr: error ? `${stderr}${error.message}` : stderr })
    })
  })
}

/** Everything that a repository does with the package, by one way of starting a file. */
async function works(
  { run, alone }: Team,
  start: readonly string[],
  launcher: readonly string[],
  test: readonly string[],
): Promise<void> {
  for (const command of [[...start, 'tasks.ts'], launcher]) {
    const hello = await alone([...command, 'hello'])
    assert.equal([hello.status, hello.stdout, hello.stderr], [0, 'john_smith\n', ''])
    const sneaky = await run([...command, 'sneaky'])
    assert.is(sneaky.status, 7, sneaky.stderr)
  }
  // Settings are beside tasks.ts, and started directly beside package.json, wherever one is.
  for (const command of [launcher, [...start, '../tasks.ts']]) {
    const { status, stderr } = await alone([...command, 'hello', '--profile', 'broken'], 'scripts')
    assert.is(status, 2)
    assert.match(stderr, 'WFG_GRAPHQL_URL')
  }
  const words = await run([...start, 'words.ts', 'a', '--verbose', 'b c'], 'scripts')
  assert.equal([words.status, words.stdout], [0, 'john_smith ["a","b c"]\n'], words.stderr)
  for (const [header, ...command] of [
    ['request,process,action,assignee,opened', ...launcher, 'pending-actions'],
    ['name', ...start, 'scripts/rows.ts', '--first', '1'],
  ]) {
    const { status, stdout, stderr } = await run([...command, '--format', 'csv'])
    assert.equal([status, stdout.split('\n')[0]], [0, header], stderr)
  }
  const { status, stdout, stderr } = await run(test)
  assert.is(status, 1, stderr)
  assert.match(stdout, /\nfailed: lost\.test\.ts: 1 of 1 tests did not pass\n1 passed, 1 failed\n$/)
}

packed('holds what runs, its types, and nothing of this repository besides', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  const { contents } = await team()
  const foreign = contents.filter(
    (path) =>
      !/^dist\/.*\.(?:m?js|d\.m?ts)$|^dist\/prepared\/[\w.-]+\.[cm]js(\.map)?$|^dist\/(completion|gql\.tada|guides|setup\/te(am|mplates))\/|^dist\/sandbox\/graphql\/schema\.graphql$|^runtime\/.*\.[cm]js$|^scripts\/((_import\/)?[\w-]+\.ts|\.schema\/[\w.]+)$/.test(
        path,
      ),
  )
  const shared = ['.editorconfig', '.env.example', '.graphqlrc.json', 'tasks.ts']
  assert.equal(foreign.toSorted(), [...shared, 'LICENSE', 'README.md', 'package.json'].toSorted())
  for (const entry of ['mod', 'tasks/mod', 'testing/mod']) assert.ok(contents.includes(`dist/${entry}.d.ts`), entry)
})

packed('works by tsx and by npx wfg', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  const { dir, run, ...rest } = await team()
  assert.match((await run(['npx', 'wfg', 'list'])).stdout, /hello +read +Say who this script acts as\./)
  const bin = join(dir, 'node_modules', '.bin')
  await works({ dir, run, ...rest }, [join(bin, 'tsx')], [join(bin, 'wfg')], ['npm', 'test'])
})

packed('keeps nothing where the settings of the team say so', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  const { dir, run } = await team()
  const [kept, settings] = [join(dir, 'node_modules/.cache'), join(dir, '.env')]
  rmSync(kept, { recursive: true, force: true })
  try {
    for (const [content, isKept] of [
      ['WFG_TOKEN_CACHE=off\n', false],
      ['', true],
    ] as const) {
      writeFileSync(settings, content)
      assert.is((await run([join(dir, 'node_modules/.bin/wfg'), 'hello'])).status, 0)
      assert.is(existsSync(kept), isKept)
    }
  } finally {
    rmSync(settings, { force: true })
  }
})

packed('brings what completes commands, the guides, and what new scripts are made of', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  const { dir, run } = await team()
  const wfg = join(dir, 'node_modules', '.bin', 'wfg')
  assert.match((await run([wfg, 'completion', 'bash'])).stdout, /complete/)
  assert.match((await run([wfg, 'help', 'connect'])).stdout, /^# Connect your server/)
  const registry = readFileSync(join(dir, 'tasks.ts'), 'utf8')
  try {
    assert.is((await run([wfg, 'new', 'new-one'])).status, 0)
    assert.match(readFileSync(join(dir, 'scripts/new-one.ts'), 'utf8'), /from 'wfg-scripts'/)
    assert.is((await run([wfg, 'new', 'copy', '--from', 'pending-actions'])).status, 0)
    const copied = ['copy', 'pending-actions'].map((name) => readFileSync(join(dir, `scripts/${name}.ts`), 'utf8'))
    assert.is(copied[0], copied[1])
    const { status, stdout, stderr } = await run([wfg, 'new-one', '--format', 'ndjson'])
    assert.is(status, 0, stderr)
    assert.match(stdout, /^\{/)
  } finally {
    writeFileSync(join(dir, 'tasks.ts'), registry)
    for (const file of ['scripts/new-one.ts', 'scripts/copy.ts', 'test/new-one.test.ts'])
      rmSync(join(dir, file), { force: true })
  }
})

packed('names the command that adds the packages of the sandbox, and runs it for a person who says yes', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir, run, alone } = await team()
  const manifest = readFileSync(join(dir, 'package.json'), 'utf8')
  for (const name of ['jose', 'oidc-provider']) rmSync(join(dir, 'node_modules', name), { recursive: true })
  const { status, stderr } = await alone([join(dir, 'node_modules', '.bin', 'wfg'), 'hello'])
  assert.is(status, 2)
  assert.match(
    stderr,
    /Cannot start the sandbox: the package "[\w-]+" is not installed\. Add what it needs with `npm install --save-dev [^`]+ jose@6`/,
  )
  writeFileSync(join(dir, 'scripts', 'boss.ts'), "import 'pg-boss'\nexport default {}\n")
  const script = await run([join(dir, 'node_modules', '.bin', 'wfg'), 'run', 'scripts/boss.ts'])
  rmSync(join(dir, 'scripts', 'boss.ts'))
  assert.equal([script.status, /Add what it needs with `npm install pg-boss@10 /.test(script.stderr)], [2, true])
  const env = { WFG_PROFILE: 'sandbox', ...npmSettings() }
  const answers = [[/Add what it needs now\?/, 'y']] as const
  const added = await onTerminal(dir, ['hello'], { env, answers, limitMs: 90_000 })
  assert.equal([added.status, added.typed], [0, 1], added.text)
  assert.match(added.text, /npm install --save-dev oidc-provider@9 [\s\S]*john_smith\n/)
  writeFileSync(join(dir, 'package.json'), manifest)
})

packed('works on Deno', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  if (DENO === undefined) return notRun('the package on Deno needs Deno')
  const { dir, run, ...rest } = await team()
  const start = [DENO, 'run', '-A', '--no-prompt']
  await works(
    { dir, run, ...rest },
    start,
    [...start, join(dir, 'node_modules', '.bin', 'wfg')],
    [...start, 'test/_run.ts'],
  )
})

packed('works on Node 24, whose compiled code is kept', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  const { dir, home, run, ...rest } = await team()
  const node = await node24()
  if (node === undefined) return notRun('the package on Node 24 needs the npm registry')
  const launcher = [node, join(dir, 'node_modules', '.bin', 'wfg')]
  const cache = join(home, '.cache', 'wfg', 'compiled')
  await run([...launcher, 'list'], '.', { WFG_TOKEN_CACHE: 'off' })
  assert.not(existsSync(cache))
  await works({ dir, home, run, ...rest }, [node], launcher, [node, '--import', 'tsx', 'test/_run.ts'])
  assert.ok(readdirSync(cache).length > 0)
})

packed('installed for all folders, takes the runtime of the folder it is in, and is small', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  const { archive, run, alone } = await team()
  const prefix = join(folder!, 'global')
  await npm(['install', '--global', '--prefix', prefix, archive, ...QUICK], folder!)
  const { stdout: size } = await execute(['du', '-sm', join(prefix, 'lib', 'node_modules')], folder!, npmEnvironment())
  assert.ok(Number.parseInt(size, 10) <= 45, size)
  const wfg = join(prefix, 'bin', 'wfg')
  assert.is((await alone([wfg, 'hello'], 'scripts')).stdout, 'john_smith\n')
  assert.is((await run([wfg, 'sneaky'])).status, 7)
  // A clone
  const inClone = await run([wfg, 'hello'], REPOSITORY)
  assert.is(inClone.stdout, 'john_smith\n', inClone.stderr)
  const without = await run([wfg, 'sandbox'], folder)
  assert.is(without.status, 2)
  assert.match(without.stderr, 'Add what it needs with `npm install --global oidc-provider@9 ')
  const bare = join(folder!, 'bare')
  mkdirSync(bare)
  const here = await run([wfg, 'init', '--here'], bare)
  assert.is(here.status, 2)
  assert.match(
    here.stderr,
    'wfg-scripts is installed elsewhere, and a repository needs it in its own folder; type `npm',
  )
  assert.equal(readdirSync(bare), [])
  writeFileSync(join(bare, 'tasks.ts'), NO_TASKS)
  const { status, stderr } = await run([wfg, 'list'], bare)
  assert.is(status, 2)
  assert.match(
    stderr,
    `${JSON.stringify(bare)}: the package "wfg-scripts" is not installed. Run \`npm install\` there.\n`,
  )
})

// The repository has no dependencies and what a start needs of a build that was made before, so that npm only does what it
// does for an address.
packed('is built when npm installs it from a git address, and says what to do if it was not', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  const { dir, run } = await team()
  const [source, target] = [join(folder!, 'repository'), join(dir, 'by git')]
  for (const path of [join(source, 'runtime', 'prepared'), target]) mkdirSync(path, { recursive: true })
  const { dependencies, devDependencies, peerDependencies, ...manifest } = JSON.parse(
    readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
  )
  assert.ok(dependencies && devDependencies && peerDependencies)
  writeFileSync(join(source, 'package.json'), JSON.stringify(manifest))
  for (const part of ['cli', 'host', 'prepared'])
    cpSync(join(REPOSITORY, 'runtime', part), join(source, 'runtime', part), {
      recursive: true,
      filter: (path) => !path.endsWith('.ts'),
    })
  const made = JSON.stringify(join(dir, 'node_modules', 'wfg-scripts', 'dist', 'prepared'))
  writeFileSync(
    join(source, 'runtime', 'prepared', 'pack.mjs'),
    `import { cpSync } from 'node:fs'\ncpSync(${made}, 'dist/prepared', { recursive: true })\n`,
  )
  const git = (...args: string[]) => execute(['git', '-C', source, ...args], source, npmEnvironment())
  await git('init', '-q')
  await git('add', '.')
  const commit = await git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'all')
  assert.is(commit.status, 0, commit.stderr)
  writeFileSync(join(target, 'package.json'), '{"type":"module"}')
  writeFileSync(join(target, 'tasks.ts'), NO_TASKS)
  await npm(['install', `git+file://${encodeURI(source)}`, ...QUICK], target)
  const wfg = join(target, 'node_modules', '.bin', 'wfg')
  const built = await run([wfg, '--version'], target)
  assert.match(built.stdout, /^wfg-scripts \d/, built.stderr)
  const installed = join(target, 'node_modules', 'wfg-scripts')
  rmSync(join(installed, 'dist'), { recursive: true })
  const { status, stderr } = await run([wfg, '--version'], target)
  assert.is(status, 2)
  assert.match(
    stderr,
    `error: Cannot start ${JSON.stringify(installed)}: it was installed without being built. In a clone, run \`npm ci\` and then \`npm pack\``,
  )
  assert.not.match(stderr, / at /)
})

packed('cannot be packed without what builds it, and says so', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  await team()
  const copy = join(folder!, 'unbuilt', 'runtime', 'prepared')
  mkdirSync(copy, { recursive: true })
  cpSync(join(REPOSITORY, 'runtime', 'prepared', 'pack.mjs'), join(copy, 'pack.mjs'))
  const { status, stderr } = await execute([process.execPath, join(copy, 'pack.mjs')], copy, npmEnvironment())
  assert.is(status, 1)
  assert.match(
    stderr,
    'Cannot make the archive: the packages it is built with are not installed (typescript, gql.tada, esbuild). Run `npm ci --include=dev` first.\n',
  )
})

packed('has types that a repository is checked against, with what `new` writes', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  const { dir, run } = await team()
  const wfg = join(dir, 'node_modules', '.bin', 'wfg')
  assert.is((await run([wfg, 'schema', 'pull'])).status, 0)
  const registry = readFileSync(join(dir, 'tasks.ts'), 'utf8')
  assert.is((await run([wfg, 'new', 'new-one'])).status, 0)
  const wrong = `import { gql, wfg } from 'wfg-scripts'
export const x: number = wfg.paginate
wfg.nothing
gql('query { viewer { nothing } }')
const { viewer } = await wfg(gql('query { viewer { userName } }'))
viewer!.userName satisfies number
`
  writeFileSync(join(dir, 'scripts', 'wrong.ts'), wrong)
  const { stdout } = await run(['npm', 'run', 'check'], '.', QUICK_TSC)
  writeFileSync(join(dir, 'tasks.ts'), registry)
  for (const file of ['scripts/wrong.ts', 'scripts/new-one.ts', 'test/new-one.test.ts']) rmSync(join(dir, file))
  const found = [...stdout.matchAll(/^(\S+?\.ts)[(:](\d+)/gm)].map(([, file, line]) => `${file} ${line}`)
  const wrongLines = ['2', '3', '4', '6'].map((line) => `scripts/wrong.ts ${line}`)
  assert.equal(found, wrongLines, stdout)
})

packed('a newer version adds its files, updates what is unchanged, and shows what changed in the rest', async () => {
  if (process.platform === 'win32') return notRun('npm is started without a shell')
  const { dir, run } = await team()
  // As npm leaves it when it has taken the newer one.
  const next = join(dir, 'node_modules', 'wfg-scripts')
  const edit = (path: string, change: (text: string) => string) =>
    writeFileSync(join(next, path), change(readFileSync(join(next, path), 'utf8')))
  edit('package.json', (text) => text.replace(/"version": ".*"/, '"version": "99.0.0"'))
  edit('scripts/hello.ts', (text) => `${text}console.log('newer')\n`)
  edit('tasks.ts', (text) => text.replace('hello:', 'greet:'))
  writeFileSync(
    join(next, 'scripts', 'added.ts'),
    "import { wfg } from '#wfg'\nawait wfg`query { viewer { userName } }`\n",
  )
  const tasks = readFileSync(join(dir, 'tasks.ts'), 'utf8')
  const { status, stdout, stderr } = await run([join(dir, 'node_modules', '.bin', 'wfg'), 'init', '--here'])
  assert.is(status, 0, stderr)
  const [list, ...rest] = stdout.split('\n\n')
  assert.match(
    list!,
    /^ {2}written {4}scripts\/added\.ts\n {2}updated {4}scripts\/hello\.ts\n {2}changed {4}tasks\.ts .*\n {2}kept {7}\d+ files as before$/,
  )
  assert.match(
    rest.join('\n\n'),
    /\n\+\+\+ tasks\.ts \(wfg-scripts 99\.0\.0\)\n@@[\s\S]*\n- {2}hello: .*\n\+ {2}greet: /,
  )
  assert.is(readFileSync(join(dir, 'tasks.ts'), 'utf8'), tasks)
  assert.is((await run([join(dir, 'node_modules', '.bin', 'wfg'), 'hello'])).stdout, 'john_smith\nnewer\n')
})

packed.after(async () => {
  await sandbox?.close()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

packed.run()
