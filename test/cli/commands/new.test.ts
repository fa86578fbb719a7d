/** `new` as a person uses it: what it writes runs, passes, and satisfies the project's own checks. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run as newCommand } from '../../../runtime/cli/commands/new.ts'
import { UsageError } from '../../../runtime/core/errors.ts'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import type { CommandCall } from '../../../runtime/tasks/run/command_call.ts'
import { checkScript, checkTest } from '../../_architecture.ts'
import { rejects } from '../../_assert.ts'
import { type Project, project, REPOSITORY, runCli, STARTER, TOOL } from '../../_cli.ts'
import { fakeHost } from '../../_host.ts'
import { notRun, SLOW_UNDER_WINE, UNDER_WINE } from '../../_not_run.ts'
import { here } from '../_here.ts'

const newSuite = suite('cli/new')

const HELLO = "hello: { script: './scripts/hello.ts', aliases: ['hi'] }"
const TASKS = `// The tasks of the team.
import { defineTasks, main } from '#wfg/tasks'

export const tasks = defineTasks(import.meta.url, {
  ${HELLO}, // says hello

  // more to come
})

await main(import.meta, tasks)
`

function office(): Project {
  const repositorys = (file: string) => readFileSync(join(REPOSITORY, file), 'utf8')
  const tsconfig = JSON.parse(repositorys('tsconfig.json'))
  return project({
    'tasks.ts': TASKS,
    'scripts/hello.ts': repositorys('scripts/hello.ts'),
    '.biome.json': repositorys('.biome.json'),
    '.gitignore': repositorys('.gitignore'),
    'tsconfig.json': JSON.stringify({ ...tsconfig, include: ['tasks.ts', 'scripts', 'test'] }),
  })
}

/** `new` where nothing but `hello` is a task. */
function newHere(dir: string, args: readonly string[]) {
  return here(dir, ['new', ...args], { entries: HELLO })
}

/** Every file of the person, with its content: folders that are links are not theirs. */
function contents(dir: string): Record<string, string> {
  const inFolder = (folder: string) =>
    readdirSync(join(dir, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`)
  const names = readdirSync(dir, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? inFolder(entry.name) : [entry.name]))
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && !/^(runtime|node_modules)\//.test(name))
    .toSorted()
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(dir, name), 'utf8')]))
}

const CASES: readonly (readonly [args: readonly string[], entry: string, tried: readonly string[], rows: RegExp])[] = [
  [
    ['open-requests'],
    "  'open-requests': { script: './scripts/open-requests.ts', access: 'read' },\n",
    [],
    /^\{"request":\d+,"process":"\w+","requester":"\w+","opened":"[\d-]+"\}\n/,
  ],
  [
    ['finance:set', '--from', 'mutation'],
    "  'finance:set': { script: './scripts/finance/set.ts' },\n",
    ['398', '400', '--data', 'SUPPLIER', '--value', 'Acme', '--dry-run'],
    /^\{"request":398,"status":"skipped","error":null\}\n\{"request":400,/,
  ],
  [['count', '--from=plain'], "  count: { script: './scripts/count.ts', access: 'read' },\n", [], /^\d+\n$/],
]

newSuite(
  'what each template gives runs, is tested, typed and formatted, and changes nothing else in tasks.ts',
  async () => {
    if (UNDER_WINE) return notRun(SLOW_UNDER_WINE)
    const { dir, run, cleanup } = office()
    try {
      let registry = TASKS
      for (const [args, entry, tried, rows] of CASES) {
        const { status, stdout, stderr } = await run(['new', ...args])
        assert.equal([status, stderr], [0, ''])
        const [name] = args as [string]
        const file = `${name.replace(':', '/')}`
        assert.is(
          stdout,
          `Wrote scripts/${file}.ts and test/${file}.test.ts, and named it in tasks.ts.

  ${TOOL} ${[name, ...tried].join(' ')}
  ${STARTER} test/${file}.test.ts
`,
        )
        registry = registry.replace('})\n', `${entry}})\n`)
        assert.is(contents(dir)['tasks.ts'], registry)
        const tries = await run([name, ...tried])
        assert.is(tries.status, 0, tries.stderr)
        assert.match(tries.stdout, rows)
        // As the report says; the others by the driver, below.
        if (name === 'finance:set') {
          const alone = await run([], { entry: `test/${file}.test.ts` })
          assert.is(alone.status, 0, alone.stdout + alone.stderr)
        }
        assert.equal(checkScript(`scripts/${file}.ts`, contents(dir)[`scripts/${file}.ts`]!), [])
        assert.equal(checkTest(`test/${file}.test.ts`, contents(dir)[`test/${file}.test.ts`]!), [])
      }
      const together = await runCli(['--dir', join(dir, 'test'), '--jobs', '1'], {
        entry: join(REPOSITORY, 'test/_run.ts'),
        cwd: dir,
      })
      assert.match(together.stdout, '\n3 passed, 0 failed\n')
      assert.equal(checked(dir, 'biome', 'check', 'tasks.ts', 'scripts', 'test'), '')
      assert.equal(checked(dir, 'tsc', '--singleThreaded'), '')
    } finally {
      cleanup()
    }
  },
)

/** What the tool has to say, where it is not satisfied. */
function checked(dir: string, tool: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(join(dir, 'node_modules/.bin', tool), args, {
    cwd: dir,
    encoding: 'utf8',
    // The compiler does not look for memory that is free again.
    env: { PATH: process.env['PATH'], GOGC: 'off' },
  })
  return status === 0 ? '' : `${stdout}${stderr}`
}

newSuite('a copy has the access of its original, and its help is suggested', async () => {
  const { dir, run, cleanup } = office()
  try {
    await newHere(dir, ['count', '--from', 'plain'])
    mkdirSync(join(dir, 'elsewhere'))
    const { stdout } = await run(['new', 'count-again', '--from', '../scripts/count.ts'], { cwd: 'elsewhere' })
    assert.is(
      stdout,
      `Wrote scripts/count-again.ts, and named it in tasks.ts.
The copy has no test yet. If the original has one, copy it too.

  ${TOOL} count-again --help
`,
    )
    const files = contents(dir)
    assert.is(files['scripts/count-again.ts'], files['scripts/count.ts'])
    assert.match(files['tasks.ts']!, "  'count-again': { script: './scripts/count-again.ts', access: 'read' },\n")
    assert.match((await run(['count-again', '--help'])).stdout, 'Show the number of requests.')
    await run(['new', 'third', '--from', 'count'])
    assert.is(contents(dir)['scripts/third.ts'], files['scripts/count.ts'])
  } finally {
    cleanup()
  }
})

newSuite('nothing is written for an invalid or used name, or over a file', async () => {
  const { dir, cleanup } = office()
  try {
    writeFileSync(join(dir, 'scripts/draft.ts'), 'a draft')
    mkdirSync(join(dir, 'test'))
    writeFileSync(join(dir, 'test/tested.test.ts'), 'a test')
    const before = contents(dir)
    const refused = await newHere(dir, ['hello'])
    assert.equal([refused.status, refused.stdout], [2, ''])
    assert.match(refused.stderr, /^error: Cannot write the script "hello": a task has this name; expected another name/)
    const registry = defineTasks(pathToFileURL(join(dir, 'tasks.ts')).href, {
      hello: { script: './scripts/hello.ts', aliases: ['hi'] },
    })
    for (const [args, told] of [
      [[], 'Cannot write a script: no name was given; expected new <name> [--from query|mutation|plain|FILE].'],
      [['a', 'b'], 'more than one name was given'],
      [['OpenRequests'], '"OpenRequests" cannot be a name: it needs kebab-case'],
      [['../x'], 'it needs kebab-case'],
      [['_shared'], 'a file whose name begins with "_" is shared by scripts, and is not a script'],
      [['finance:con'], 'on Windows this is the name of a device, so no file can have it; expected another name'],
      [['hello'], 'Cannot write the script "hello": a task has this name; expected another name'],
      [['hi'], 'it is an alias of the task "hello"; expected another name'],
      [['list'], 'a command has this name; expected another name'],
      [['worker'], 'a command has this name; expected another name'],
      [['draft'], 'the file "scripts/draft.ts" exists; expected another name'],
      [['tested'], 'the file "test/tested.test.ts" exists; expected another name'],
      [['x', '--from', 'scripts/none.ts'], 'is not a template, a task or a script file'],
      [['x', '--form', 'plain'], 'unknown flag --form; did you mean --from?'],
    ] as const) {
      const host = fakeHost({ cwd: () => dir })
      const call = { host, registry, args, flags: {} } as unknown as CommandCall
      const { message } = await rejects(() => newCommand(call), { instance: UsageError })
      assert.match(message, told)
      assert.is(host.out, '')
      assert.equal(contents(dir), before, args.join(' '))
    }
    const { status, stdout } = await newHere(dir, ['x', '--dry-run'])
    assert.is(status, 0)
    assert.match(stdout, 'Would write scripts/x.ts and test/x.test.ts, and name it in tasks.ts.\n')
    assert.equal(contents(dir), before)
  } finally {
    cleanup()
  }
})

newSuite('if no place in tasks.ts is found, the line to add is printed', async () => {
  const { dir, cleanup } = office()
  try {
    const tasks = TASKS.replace('export const tasks = defineTasks(import.meta.url, {', 'const all = {').replace(
      '})\n',
      '}\nexport const tasks = defineTasks(import.meta.url, all)\n',
    )
    writeFileSync(join(dir, 'tasks.ts'), tasks)
    const { status, stdout, stderr } = await newHere(dir, ['x'])
    assert.is(status, 0, stderr)
    assert.match(stdout, "in which no place for it was found:\n\n  x: { script: './scripts/x.ts', access: 'read' },\n")
    assert.is(contents(dir)['tasks.ts'], tasks)
    assert.ok(existsSync(join(dir, 'scripts/x.ts')))
  } finally {
    cleanup()
  }
})

newSuite('if one file cannot be written, none is', async () => {
  const { dir, cleanup } = office()
  try {
    writeFileSync(join(dir, 'test'), 'in the way')
    const { status, stderr } = await newHere(dir, ['x'])
    assert.is(status, 2)
    assert.match(
      stderr,
      /^error: Cannot write the script "x": ".*" cannot be written \(E\w+\), so nothing was written; expected a folder that you may write to\.\n$/,
    )
    assert.equal(Object.keys(contents(dir)), ['scripts/hello.ts', 'tasks.ts'])
    assert.is(contents(dir)['tasks.ts'], TASKS)
  } finally {
    cleanup()
  }
})

newSuite.run()
