/** Deno with the rights that `deno.json` names: what works with them, and what a script cannot do. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hides } from './_assert.ts'
import { type CliOptions, type CliResult, type Project, project, REPOSITORY } from './_cli.ts'
import { LINKS, NO_LINKS } from './_links.ts'
import { needs, notRun } from './_not_run.ts'
import { programOf } from './_runtime.ts'
import { type ScriptedReply, withServer } from './_server.ts'
import { hidesSecrets, SECRET, settingsFor, TOKEN } from './cli/_configured.ts'
import { makeQueue } from './queue/_pglite.ts'
import { withFolder } from './tasks/_folder.ts'

const rights = needs(LINKS.folder, NO_LINKS, suite('few rights'))

const LAUNCHER = 'runtime/cli/wfg.mjs'
const TASKS = `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, { task: { script: './scripts/task.ts', access: 'read' } })
await main(import.meta, tasks)
`
const WHO = `import { wfg } from '#wfg'
const { viewer } = await wfg\`query Who { viewer { userName } }\`
console.log(viewer.userName, Deno.env.get('WFG_CLIENT_SECRET') ?? 'no secret')
`
const VIEWER: ScriptedReply = { body: { data: { viewer: { userName: 'john' } } } }

interface Limited extends Project {
  /** By `deno run -P --no-prompt`; of the launcher, which imports `tasks.ts` and the scripts with these rights. */
  limited(args: readonly string[], options?: CliOptions & { flags?: readonly string[] }): Promise<CliResult>
}

/** One folder for all tests, because Deno keeps compiled code by the path of a file. */
let common: Project | undefined
rights.after(() => common?.cleanup())

/** The folder with these files, and without what tests have left in it. */
function folderWith(files: Readonly<Record<string, string>>): Project {
  common ??= project({})
  const { dir } = common
  const left = readdirSync(dir).filter((name) => name.startsWith('.') || name === 'scripts')
  for (const name of left) rmSync(join(dir, name), { recursive: true })
  mkdirSync(join(dir, 'scripts'))
  for (const [path, text] of Object.entries(files)) writeFileSync(join(dir, path), text)
  return common
}

/** The rights are those of the repository; the packages and the runtime are there by links, which lead out of the folder. */
async function withLimited(script: string, action: (given: Limited) => Promise<void>): Promise<void> {
  const { permissions, ...rest } = JSON.parse(readFileSync(join(REPOSITORY, 'deno.json'), 'utf8'))
  permissions.default.read.push(join(REPOSITORY, 'runtime'), join(REPOSITORY, 'node_modules'))
  const files = {
    'tasks.ts': TASKS,
    'scripts/task.ts': script,
    'deno.json': JSON.stringify({ ...rest, lock: false, permissions }),
  }
  const folder = folderWith(files)
  const command = [programOf('deno')!, 'run', '-P', '--no-prompt', '--quiet']
  await action({
    ...folder,
    limited: (args, { flags = [], entry = LAUNCHER, ...options } = {}) =>
      folder.run(args, { ...options, entry, command: [...command, ...flags] }),
  })
}

function limitedTest(title: string, script: string, action: (given: Limited) => Promise<void>): void {
  rights(title, () => {
    if (programOf('deno') === undefined) return notRun('the rights of a script need Deno')
    return withLimited(script, action)
  })
}

limitedTest('a task runs on the embedded sandbox, and writes where it may', WHO, async ({ dir, limited }) => {
  const list = await limited(['list'])
  assert.equal([list.status, list.stderr], [0, ''])
  mkdirSync(join(dir, '.wfg'))
  const { status, stdout, stderr } = await limited(['task'])
  assert.equal([status, stdout], [0, 'john_smith no secret\n'], stderr)
  const query = ['query', 'query { viewer { userName } }', '--format', 'json', '--out']
  await withServer([TOKEN, VIEWER], async (server) => {
    const written = await limited([...query, '.wfg/viewer.json'], { env: settingsFor(server) })
    assert.is(written.status, 0, written.stderr)
  })
  assert.equal(readdirSync(join(dir, '.wfg')), ['viewer.json'])
  const refused = await limited([...query, 'viewer.json'])
  assert.is(refused.status, 2, refused.stderr)
  assert.match(refused.stderr, /^error: Cannot write .*viewer\.json": Deno may not write there;/m)
  const made = await limited(['new', 'another'])
  assert.is(made.status, 2)
  assert.match(made.stderr, /cannot be written \(NotCapable\), so nothing was/)
})

limitedTest(
  'settings of a profile are read; the token stays in memory, or is shared by a folder in the project',
  WHO,
  async ({ dir, limited }) => {
    const files = () =>
      readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((path) => /token-\w+\.json$/.test(path))
    await withServer([TOKEN, VIEWER, TOKEN, VIEWER, VIEWER], async (server) => {
      const settings = { ...settingsFor(server), WFG_TOKEN_CACHE: 'disk' }
      const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`)
      writeFileSync(join(dir, '.env.test'), lines.join(''), { mode: 0o600 })
      for (const env of [{}, { WFG_CACHE_DIR: '.wfg/cache' }, { WFG_CACHE_DIR: '.wfg/cache' }]) {
        const result = await limited(['task', '--profile', 'test'], { env })
        assert.equal([result.status, result.stdout, result.stderr], [0, 'john no secret\n', ''])
        assert.is(files().length, 'WFG_CACHE_DIR' in env ? 1 : 0)
        assert.is(existsSync(join(dir, '.wfg', 'cache', 'state', 'runs.ndjson')), 'WFG_CACHE_DIR' in env)
        hidesSecrets(result)
      }
    })
  },
)

limitedTest('a queue needs a folder that may be written', WHO, async ({ dir, limited }) => {
  const none = await limited(['enqueue', 'task'])
  assert.is(none.status, 2, none.stderr)
  assert.match(none.stderr, /^error: Cannot keep a queue on this computer: .* Set WFG_CACHE_DIR/m)
  const env = { WFG_CACHE_DIR: '.wfg/cache' }
  await makeQueue(dir, join(dir, '.wfg/cache/state'))
  // To make PGlite's code fast takes longer than all that is done with it.
  const queued = await limited(['enqueue', 'task'], { env, flags: ['--v8-flags=--liftoff-only'] })
  assert.is(queued.status, 0, queued.stderr)
  assert.match(queued.stdout, /^[0-9a-f-]{36}$/m)
})

limitedTest('a cache folder that may not be written costs only the sharing', WHO, async ({ limited }) => {
  await withServer([TOKEN, VIEWER], async (server) => {
    const env = { ...settingsFor(server), WFG_TOKEN_CACHE: 'disk', WFG_CACHE_DIR: join(REPOSITORY, '..', 'elsewhere') }
    const { status, stdout, stderr } = await limited(['task', '--verbose'], { env })
    assert.equal([status, stdout], [0, 'john no secret\n'], stderr)
    assert.match(stderr, /the token is not shared with other processes: .*NotCapable/)
  })
})

/** What a script tries, and what it is told. */
const STOPPED: readonly (readonly [tries: string, code: string, told: string])[] = [
  ['reads outside', "await Deno.readTextFile('../other.txt')", 'Requires read access'],
  ['reads outside by node:fs', "(await import('node:fs')).readFileSync('/etc/hosts')", 'Requires read access'],
  ['writes beside its code', "await Deno.writeTextFile('scripts/task.ts', '')", 'Requires write access'],
  ['writes outside', "await Deno.writeTextFile('../other.txt', '')", 'Requires write access'],
  ['starts a program', "await new Deno.Command('env').output()", 'Requires run access'],
  ['starts a program by node:child_process', "(await import('node:child_process')).execFileSync('env')", 'NotCapable'],
  ['reads another variable', "Deno.env.get('AWS_SECRET_ACCESS_KEY')", 'Requires env access'],
  [
    'reads another variable by process',
    "(await import('node:process')).default.env['AWS_SECRET_ACCESS_KEY']",
    'Requires env access',
  ],
  ['loads a library of the system', "Deno.dlopen('libc.so.6', {})", 'Requires ffi access'],
  ['imports from elsewhere', "await import('https://esm.sh/' + 'none')", 'Requires import access'],
  ['imports from outside the project', "await import('/etc/' + 'hosts')", 'Requires read access'],
  [
    'loads from outside the project',
    "process.getBuiltinModule('module').createRequire('/')('/etc/hosts')",
    'Requires read',
  ],
  ['reads the environment of its process', "await Deno.readTextFile('/proc/self/environ')", 'Requires read access'],
  ['fetches a file', "await fetch('file:///etc/hosts')", 'Requires read access'],
  ['makes a link that leads out', "await Deno.symlink('/etc/hosts', '.wfg/hosts')", 'Deno.symlink() requires'],
  [
    'takes a file of another place by a second name',
    "await Deno.link('/etc/hosts', '.wfg/hosts')",
    'Requires read access',
  ],
  [
    'writes where Node would take code from',
    "await Deno.writeTextFile('node_modules/x.js', '')",
    'Requires write access',
  ],
  ['ends another process', "Deno.kill(1, 'SIGCONT')", 'Requires run access'],
  ['asks for more', "throw (await Deno.permissions.request({ name: 'read', path: '/' })).state", 'denied'],
]
/** Nothing would leave this computer if it were let go. */
const TEMPTING = {
  AWS_SECRET_ACCESS_KEY: 'of-another-tool',
  HTTPS_PROXY: 'http://127.0.0.1:1',
  WFG_CLIENT_SECRET: SECRET,
  WFG_CLIENT_ID: 'x',
  CI: '1',
}
/** What the script of all tries tells of the environment. */
const ENVIRONMENT = 'the environment'

const [, first] = STOPPED[0]!
limitedTest(
  'a script ends where it is stopped',
  `import '#wfg'\nawait 0\nconsole.log('tries');\n${first}\nconsole.log('went on')\n`,
  async ({ limited }) => {
    const { status, stdout, stderr } = await limited(['task'], { env: TEMPTING })
    assert.equal([status, stdout], [1, 'tries\n'], stderr)
    assert.match(stderr, 'Requires read access')
  },
)

let tried: Promise<Readonly<Record<string, string>>> | undefined

/** What one script is told that tries all, one after another. */
function tryAll(): Promise<Readonly<Record<string, string>>> {
  const tries = STOPPED.map(
    ([title, code]) => `try {
  ${code}
  told[${JSON.stringify(title)}] = 'went on'
} catch (error) {
  told[${JSON.stringify(title)}] = String(error)
}
`,
  )
  const script = `import '#wfg'\nimport process from 'node:process'
const told = { '${ENVIRONMENT}': Object.keys(process.env).sort().join() }\n${tries.join('')}console.log(JSON.stringify(told))\n`
  return new Promise((resolve, reject) => {
    withLimited(script, async ({ limited }) => {
      const { status, stdout, stderr } = await limited(['task'], { env: TEMPTING })
      assert.is(status, 0, stderr)
      hides(`${stdout}${stderr}`, 'of-another-tool', SECRET)
      resolve(JSON.parse(stdout))
    }).catch(reject)
  })
}

function triedTest(title: string, of: string, told: string | RegExp): void {
  rights(title, async () => {
    if (programOf('deno') === undefined) return notRun('the rights of a script need Deno')
    tried ??= tryAll()
    assert.match((await tried)[of] ?? '', told)
  })
}

for (const [tries, , told] of STOPPED) triedTest(`a script that ${tries} is stopped`, tries, told)
triedTest('the environment holds what was named, and never the secret', ENVIRONMENT, /^CI,HTTPS_PROXY,WFG_CLIENT_ID$/)

/** An import that Deno resolves before anything runs, by kind; of a file outside the project. */
const IMPORTS: readonly (readonly [kind: string, attributes: string, name: string])[] = [
  ['text', " with { type: 'text' }", 'id_rsa'],
  ['bytes', " with { type: 'bytes' }", 'id_rsa'],
  ['JSON', " with { type: 'json' }", 'key.json'],
  ['TypeScript', '', 'key.ts'],
]
const OUTSIDE = {
  id_rsa: 'private-key',
  'key.json': '{ "key": "private-key" }',
  'key.ts': "export default 'private-key'",
}

/** A folder with these files beside the project, and the code that prints one of them. */
async function withOutside(action: (print: (attributes: string, name: string) => string) => Promise<void>) {
  await withFolder(OUTSIDE, (folder) =>
    action((attributes, name) => {
      const imported = `import x from ${JSON.stringify(pathToFileURL(join(folder, name)).href)}${attributes}`
      return `${imported}\nimport '#wfg'\nconsole.log(x)\n`
    }),
  )
}

async function readsNothing(given: Limited, flags: readonly string[] = []): Promise<void> {
  const { status, stdout, stderr } = await given.limited(['task'], { flags: ['--unstable-raw-imports', ...flags] })
  assert.equal([status, stdout], [1, ''], stderr)
  assert.match(stderr, 'Requires read access')
  assert.not.match(stderr, /private-key|hush/)
}

limitedTest('a script that imports text of a file outside is stopped', '', (given) =>
  withOutside(async (print) => {
    writeFileSync(join(given.dir, 'scripts/task.ts'), print(" with { type: 'text' }", 'id_rsa'))
    await readsNothing(given)
  }),
)

limitedTest(
  `nor can a file that it imports later import ${IMPORTS.map(([kind]) => kind).join(', ')}`,
  `import '#wfg'
const told = {}
for (const kind of ${JSON.stringify(IMPORTS.map(([kind]) => kind))}) {
  try {
    await import('./_' + kind + '.ts')
    told[kind] = 'went on'
  } catch (error) {
    told[kind] = String(error)
  }
}
console.log(JSON.stringify(told))
`,
  (given) =>
    withOutside(async (print) => {
      for (const [kind, attributes, name] of IMPORTS)
        writeFileSync(join(given.dir, `scripts/_${kind}.ts`), print(attributes, name))
      const { status, stdout, stderr } = await given.limited(['task'], { flags: ['--unstable-raw-imports'] })
      assert.is(status, 0, stderr)
      assert.not.match(`${stdout}${stderr}`, /private-key|hush/)
      const told: Record<string, string> = JSON.parse(stdout)
      for (const [kind] of IMPORTS) assert.match(told[kind] ?? '', 'Requires read access', kind)
    }),
)

for (const [title, file, code] of [
  ['tasks.ts', 'tasks.ts', TASKS],
  ['a file that a script imports', 'scripts/_shared.ts', ''],
] as const) {
  limitedTest(`${title} cannot import a file outside either`, "import './_shared.ts'\n", (given) =>
    withOutside(async (print) => {
      writeFileSync(join(given.dir, 'scripts/_shared.ts'), '')
      writeFileSync(join(given.dir, file), print(" with { type: 'text' }", 'id_rsa') + code)
      await readsNothing(given)
    }),
  )
}

limitedTest(
  'what is denied to be read cannot be imported either, such as .env',
  "import x from '../.env' with { type: 'text' }\nimport '#wfg'\nconsole.log(x)\n",
  async (given) => {
    writeFileSync(join(given.dir, '.env'), 'X=hush\n', { mode: 0o600 })
    await readsNothing(given, ['--deny-read=.env'])
  },
)

limitedTest('of the file that Deno is started with, the imports are free: which is why the launcher is', '', (given) =>
  withOutside(async (print) => {
    writeFileSync(join(given.dir, 'tasks.ts'), print(" with { type: 'text' }", 'id_rsa') + TASKS)
    assert.match((await given.limited(['list'], { entry: 'tasks.ts' })).stdout, 'private-key')
  }),
)

limitedTest(
  '$ is refused in a sentence',
  "import { defineScript } from '#wfg'\nexport default defineScript({ run: async ({ $ }) => String(await $`echo a`) })\n",
  async ({ limited }) => {
    const { status, stdout, stderr } = await limited(['task'])
    assert.equal([status, stdout], [7, ''], stderr)
    assert.match(stderr, /^error: Cannot make \$ ready: .*--allow-env and --allow-run/)
  },
)

rights('git ignores the one folder that may be written', () => {
  const { permissions } = JSON.parse(readFileSync(join(REPOSITORY, 'deno.json'), 'utf8'))
  assert.equal(permissions.default.write, ['.wfg'])
  assert.match(readFileSync(join(REPOSITORY, '.gitignore'), 'utf8'), /^\.wfg\/$/m)
})

rights.run()
