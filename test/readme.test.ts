/** The README and the guides are true: their commands and samples are run, and their tables are compared with the code. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commands } from '../runtime/cli/commands.ts'
import * as errors from '../runtime/core/errors.ts'
import { stateFolder } from '../runtime/host/state_folder.ts'
import { openStore } from '../runtime/queue/store/open_store.ts'
import { RULES } from '../runtime/settings/setting_rules.ts'
import { toolFlags } from '../runtime/tasks/arguments/tool_flags.ts'
import { type CliOptions, type CliResult, homeEnv, type Project, project, REPOSITORY } from './_cli.ts'
import { notRun, SLOW_UNDER_WINE, UNDER_WINE } from './_not_run.ts'
import { type SandboxProcess, sandboxProcess } from './_sandbox.ts'
import { here } from './cli/_here.ts'
import { makeQueue } from './queue/_pglite.ts'
import { storeHost } from './queue/store/_store.ts'

const readme = suite('readme')
const GUIDES = join(REPOSITORY, 'runtime', 'guides')
const front = readFileSync(join(REPOSITORY, 'README.md'), 'utf8')
const texts = readdirSync(GUIDES).filter((file) => file.endsWith('.md'))
const guides = new Map(texts.map((file) => [file, readFileSync(join(GUIDES, file), 'utf8')]))
const reference = guides.get('reference.md')!
const text = [front, ...guides.values()].join('\n')

/** Fenced blocks of a language, without the indentation of a list. */
function blocks(language: string): string[] {
  return [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\n([\\s\\S]*?)^ *\`\`\``, 'gm'))].map(([, indent, body]) =>
    body!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )
}

const samples = blocks('ts')
const hello = samples.find((sample) => sample.startsWith('// scripts/hello.ts'))!
const openByPerson = samples.find((sample) => sample.includes('query OpenActions'))!
const scheduled = samples.find((sample) => sample.includes('schedule:'))!
const isolated = samples.find((sample) => sample.startsWith("'import-orders': {"))!
const countRequests = samples.find((sample) => sample.includes('query Requests'))!
const entry = samples.find((sample) => sample.startsWith("'open-by-person'"))!

const fakeTest = samples.find((sample) => sample.startsWith('// test/open-by-person.test.ts'))!
/** What a reader makes. */
const MADE = /(open-(by-person|requests)|count-requests)\./
const registry = readFileSync(join(REPOSITORY, 'tasks.ts'), 'utf8')

const tasks = registry.replace(/^\}\)$/m, `  ${entry}})`)

let made: Project | undefined
readme.after(() => made?.cleanup())

/** A folder as a reader has it after following the README: one for all tests. */
function followed(): Project {
  if (made) return made
  const entries = readdirSync(join(REPOSITORY, 'scripts'), { recursive: true, encoding: 'utf8' })
  const names = entries.filter((name) => statSync(join(REPOSITORY, 'scripts', name)).isFile())
  const files = names.map((name) => [`scripts/${name}`, readFileSync(join(REPOSITORY, 'scripts', name), 'utf8')])
  made = project({
    ...Object.fromEntries(files),
    'tasks.ts': tasks,
    'scripts/hello.ts': hello,
    'scripts/open-by-person.ts': openByPerson,
    'scripts/count-requests.ts': countRequests,
    'test/open-by-person.test.ts': fakeTest,
    'requests.csv': blocks('csv')[0]!,
  })
  return made
}

let sandbox: Promise<SandboxProcess> | undefined
readme.after(async () => (await sandbox)?.close())

/** The settings of a reader who has a server. */
async function settings(): Promise<Record<string, string>> {
  sandbox ??= sandboxProcess()
  return { ...(await sandbox).settings }
}

/** Asserts that `output` is what the text shows, where `…` stands for any lines. */
function shows(output: string, expected: string): void {
  const [before, after] = expected.split('…\n')
  if (after === undefined) {
    assert.is(output, expected)
    return
  }
  assert.ok(output.startsWith(before!), `${JSON.stringify(output)} does not begin with ${JSON.stringify(before)}`)
  assert.ok(output.length > before!.length, 'nothing follows')
}

readme('every command with an output prints it', async () => {
  const shown = blocks('console').map((block) => /^\$ npx (?:wfg|tsx (\S+\.ts)) ?(.*)\n([\s\S]*)$/.exec(block))
  assert.ok(shown.length >= 3)
  for (const found of shown) {
    assert.ok(found, 'an output follows a command of ours')
    const [, file = 'tasks.ts', args, output] = found
    // The first a reader tries is on the embedded sandbox, as it is there.
    const env = args === 'hello' ? {} : await settings()
    const { status, stdout } = await followed().run(args!.split(' ').filter(Boolean), { entry: file, env })
    assert.is(status, 0)
    shows(stdout, output!)
  }
})

/** A variable of the environment, for one command or for all that follow. */
const VARIABLE = /^(?:export )?([A-Z_]+)=(\S+) ?/

/** Commands that run here as they are written, after `npx wfg`. Add a new one of the README or a guide here. */
const COMMANDS = [
  'start-requests requests.csv --process PURCHASE_ORDER --key ORDER_NUMBER',
  'journal requests.csv',
  'help',
  'help pending-actions',
  'who-am-i',
  'run scripts/open-by-person.ts',
  'run --isolated scripts/hello.ts',
  'schema show',
  'schema show Request',
  'schema show --search status',
  'enqueue hello',
]

/** Of these a process shows nothing more. */
const HERE = ['help', 'schema', 'enqueue', 'queue', 'runs', 'doctor']

/** Commands that start in another way, and the arguments and the file with which they are run here. */
const OTHERS: Readonly<Record<string, readonly [args: readonly string[], options?: CliOptions]>> = {
  'npx wfg': [[]],
  'npx tsx tasks.ts': [[]],
  'npx tsx tasks.ts pending-actions': [['pending-actions']],
  'deno run -A tasks.ts pending-actions': [['pending-actions']],
  'npx wfg queue': [['queue', '--json']],
  'npx wfg runs': [['runs', '--format', 'json']],
  'npx wfg doctor': [['doctor']],
  'npx tsx scripts/open-by-person.ts': [[], { entry: 'scripts/open-by-person.ts' }],
}

/** Not run here, because they install, start this suite again, ask, or do not end; each says what runs it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci': '.ci/run',
  'npm test': '.ci/run',
  'npm run ok': '.ci/run runs its parts',
  'npm run fmt': 'npm run check says whether it is needed',
  'npm run check': '.ci/run',
  'npm run test:all': 'test/runtimes.test.ts has its parts',
  'npm run test:windows': '.ci/run',
  'npm run bench -- --short': 'test/bench/',
  'npm pack': 'test/package.test.ts',
  'npm install ./wfg-scripts-0.1.0.tgz': 'test/package.test.ts',
  'npm install --global ./wfg-scripts-0.1.0.tgz': 'test/package.test.ts',
  'npm install git+https://git.example.com/scripts.git': 'test/package.test.ts, by a local address',
  'deno install': 'needs the registry',
  'deno run -A tasks.ts': 'above',
  'deno run -P --no-prompt runtime/cli/wfg.mjs <task>': 'test/few_rights.test.ts',
  'npx wfg --version': 'test/cli/main.test.ts',
  'npx wfg worker': 'test/cli/commands/queue/worker.test.ts',
  'npx wfg worker --port 9464': 'test/cli/commands/queue/worker.test.ts',
  'npx wfg schedule': 'test/cli/commands/queue/schedule.test.ts',
  'npx wfg export systemd': 'test/cli/commands/export.test.ts',
  'npx wfg export windows --folder tasks': 'test/cli/commands/export.test.ts',
  'npx wfg init': 'test/cli/commands/init.test.ts',
  'npx wfg init --here': 'test/package.test.ts',
  'npx wfg init --profile test': 'test/cli/commands/init.test.ts',
  'npx wfg new open-requests': 'test/cli/commands/new.test.ts',
  'npx wfg schema pull': 'test/server_schema/pull.test.ts',
  'npx wfg schema diff default test': 'test/server_schema/diff.test.ts',
  'npx wfg schema check --profile test': 'test/server_schema/check.test.ts',
  'npx wfg token': 'test/cli/commands/token.test.ts',
  'npx wfg completion pwsh': 'test/cli/commands/completion.test.ts',
  'npx wfg sandbox --port 4000': 'test/cli/commands/sandbox.test.ts',
}

readme('every other command runs', async () => {
  if (UNDER_WINE) return notRun(SLOW_UNDER_WINE)
  const written = [...text.matchAll(/`((?:npx|npm|deno) [^`]+)`/g)].map(([, command]) => command!.replace(/\n/, ' '))
  const lines = blocks('sh').flatMap((block) => block.trim().split('\n'))
  const together = lines.map((line) => line.replace(VARIABLE, '')).filter(Boolean)
  const all = new Set([...written, ...together])
  const known = [...COMMANDS.map((args) => `npx wfg ${args}`), ...Object.keys(OTHERS), ...Object.keys(ELSEWHERE)]
  assert.equal([...all].toSorted(), known.toSorted())
  const { dir, run } = followed()
  const entries = /defineTasks\(import\.meta\.url, \{([\s\S]*?)^\}\)/m.exec(tasks)![1]!
  const env = { ...(await settings()), ...homeEnv(join(dir, 'home')) }
  const folder = await makeQueue(dir, stateFolder({ env, platform: process.platform }, undefined)!)
  // As beside a worker: each command would open the queue anew, which takes seconds.
  const store = await openStore({ host: storeHost(), databaseUrl: undefined, folder, role: 'worker' })
  try {
    const calls = [
      ...COMMANDS.map((args) => [args, args.split(' ')] as const),
      ...Object.entries(OTHERS).map(([command, [args, options]]) => [command, args, options] as const),
    ]
    const ran = new Map<string, CliResult>()
    for (const [command, args, options] of calls) {
      const key = JSON.stringify([args, options])
      const isHere = HERE.includes(args[0] ?? '')
      const ended =
        ran.get(key) ?? (await (isHere ? here(dir, args, { env, entries }) : run(args, { ...options, env })))
      ran.set(key, ended)
      const { status, stdout } = ended
      assert.is(status, 0, command)
      assert.ok(stdout.length > 0, command)
    }
  } finally {
    await store.close()
  }
})

/** What PowerShell is told in place of this. */
function inPowerShell(block: string): string {
  const lines = block.split('\n').flatMap((line) => {
    const [start = '', name, value] = VARIABLE.exec(line) ?? []
    if (name === undefined) return [line]
    const command = line.slice(start.length)
    return [`$env:${name} = '${value}'`, ...(command === '' ? [] : [command, `Remove-Item Env:${name}`])]
  })
  return lines.join('\n')
}

readme('what PowerShell is told does what sh is told before it, wherever the two differ', () => {
  notRun('the blocks for PowerShell are read here and not run')
  const pairs = [...text.matchAll(/^```sh\n([^`]*)```\n\nIn PowerShell:\n\n```powershell\n([^`]*)```$/gm)]
  assert.equal(
    pairs.map(([, , own]) => own),
    blocks('powershell'),
  )
  for (const [, sh, own] of pairs) assert.is(own, inPowerShell(sh!))
  const alone = blocks('sh').filter((block) => !pairs.some(([, sh]) => sh === block))
  for (const block of alone) assert.ok(block === inPowerShell(block) && !block.includes('&&'), block)
})

readme('each picture has its words, is small, and shows nothing of the computer it was made on', () => {
  const pictures = [...text.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)]
  assert.equal(pictures.map(([, , path]) => path).toSorted(), [
    'runtime/guides/report.png',
    'runtime/guides/session.svg',
  ])
  for (const [, words, path] of pictures) {
    assert.ok(words!.length > 40, path)
    assert.ok(statSync(join(REPOSITORY, path!)).size < 60 * 1024, path)
  }
  assert.not.match(readFileSync(join(GUIDES, 'session.svg'), 'utf8'), /\/(?:home|tmp|root|Users)\b/)
})

readme('the script on the first screen is the one in the folder', () => {
  const code = (source: string) => source.replace(/^\/\/.*\n/gm, '')
  assert.is(code(hello), code(readFileSync(join(REPOSITORY, 'scripts/hello.ts'), 'utf8')))
})

readme('every setting is in the table and in .env.example, and no other', () => {
  const section = reference.slice(reference.indexOf('## Settings'), reference.indexOf('## Exit codes'))
  const table = section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(' | ')[0]!)
  const named = table.flatMap((cell) => [...cell.matchAll(/`(WFG_\w+)`/g)].map(([, name]) => name!))
  const example = readFileSync(join(REPOSITORY, '.env.example'), 'utf8')
  const explained = [...example.matchAll(/^#?(WFG_\w+)=/gm)].map(([, name]) => name!)
  assert.equal(named.toSorted(), Object.keys(RULES).toSorted())
  assert.equal(explained.toSorted(), Object.keys(RULES).toSorted())
})

readme('every error is in the row of its exit code', () => {
  const section = reference.slice(reference.indexOf('## Exit codes'), reference.indexOf('## Whose files'))
  const rows = [...section.matchAll(/^\| (\d+) \|[^|]*\| ([^|]*) \|/gm)].map(
    ([, code, names]) => [Number(code), names!] as const,
  )
  const details = { code: 'WFG_NETWORK', errors: [], data: null } as const
  for (const [name, make] of Object.entries(errors)) {
    if (!name.endsWith('Error') || name === 'WfgError' || name === 'OperationError' || name === 'isWfgError') continue
    const { exitCode } = new (make as new (message: string, given: object) => errors.WfgError)('', details)
    assert.ok(rows.find(([code]) => code === exitCode)?.[1].includes(`\`${name}\``), name)
  }
})

readme('every command is in the table, and no other', () => {
  const section = reference.slice(reference.indexOf('## Commands'), reference.indexOf('## Settings'))
  const named = [...section.matchAll(/^\| (.*?) \| /gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`(?:--)?([a-z]+)/g)].map(([, name]) => name!),
  )
  assert.equal([...new Set(named)].toSorted(), Object.keys(commands).toSorted())
  for (const { name } of toolFlags) {
    if (name !== 'help') assert.ok(section.includes(`--${name}`), `--${name}`)
  }
})

readme('the entry that a worker runs can be exported, with its arguments', async () => {
  const entries = `${scheduled} ${isolated} 'notify-webhook': { script: './scripts/notify-webhook.ts' }`
  const { dir } = followed()
  writeFileSync(join(dir, 'scripts', 'import-orders.ts'), "import '#wfg'\nawait 0\n")
  const { status, stdout, stderr } = await here(dir, ['export', 'cron'], { entries })
  assert.is(status, 0, stderr)
  assert.match(stdout, /^CRON_TZ=Europe\/Paris$/m)
  assert.match(stdout, /^15 2 \* \* \* .* overdue-report .*--days=14 --html=\.wfg\/overdue\.html$/m)
  assert.match(
    stdout,
    /does not support these settings of the entry: missed: 'once', out, retry, concurrencyKey, onFailure\.$/m,
  )
})

readme('the nightly that it shows is the one that is registered', () => {
  const shown = samples.find((sample) => sample.startsWith('nightly: {'))!
  assert.ok(registry.replaceAll(/^ {2}/gm, '').includes(shown.trim()))
  const known = [hello, openByPerson, countRequests, entry, fakeTest, shown, scheduled, isolated]
  assert.equal(
    samples.filter((sample) => !known.includes(sample)),
    [],
    'every sample is run here',
  )
})

readme('documents stand in gql(`…`), which alone has types', () => {
  const templates = join(REPOSITORY, 'runtime', 'setup', 'templates')
  const folders = [templates, join(REPOSITORY, 'scripts')]
  const files = folders.flatMap((dir) =>
    readdirSync(dir)
      .filter((name) => /\.(ts|txt)$/.test(name))
      .map((name) => join(dir, name)),
  )
  const written = [text, ...files.map((file) => readFileSync(file, 'utf8'))]
  assert.ok(written.filter((each) => each.includes('gql(`')).length > 5)
  assert.not.match(written.join('\n'), /\bgql`/)
})

readme('every script in the table is registered', () => {
  const section = front.slice(front.indexOf('## The scripts that are here'), front.indexOf('## Write a task'))
  const named = [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name!)
  const registered = [...registry.matchAll(/^ {2}'?([\w-]+)'?: \{/gm)].map(([, name]) => name!)
  assert.ok(named.length >= 9)
  // A team adds its own, which need no row here.
  assert.equal(
    named.filter((name) => !registered.includes(name)),
    [],
  )
})

readme('what a scheduler starts is a task with flags of the tool, and ends with 0', async () => {
  const started = ['text', 'ini', 'yaml']
    .flatMap(blocks)
    .flatMap((block) => [...block.matchAll(/tsx tasks\.ts ([\w -]+?)(?: >>|$)/gm)].map(([, args]) => args!))
  assert.is(started.length, 3, 'cron, systemd and GitHub Actions')
  for (const args of new Set(started)) {
    // Without settings the profile that is named must fail.
    const words = args.trim().split(' ')
    if (words.includes('default')) assert.is((await followed().run(words)).status, 2, args)
    const { status, stderr } = await followed().run(words, { env: await settings() })
    assert.is(status, 0, `${args}: ${stderr}`)
  }
})

readme('every file and heading it names is there', () => {
  const paths = [...text.matchAll(/[`(]((?:runtime|scripts)\/[\w/.-]+)[`)]/g)].map(([, path]) => path!)
  assert.ok(paths.length > 2)
  assert.equal(
    paths.filter((path) => !existsSync(join(REPOSITORY, path)) && !MADE.test(path)),
    [],
  )
  const anchors = (file: string) =>
    [...(guides.get(file) ?? '').matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    )
  const links = [...text.matchAll(/\]\((?:runtime\/guides\/)?(\w+\.md)(?:#([\w-]+))?\)/g)]
  assert.ok(links.length > 5)
  for (const [link, file, anchor] of links) {
    assert.ok(guides.has(file!), link)
    assert.ok(anchor === undefined || anchors(file!).includes(anchor), link)
  }
})

readme('the README has at most 9 KB, and a guide 12', () => {
  assert.ok(Buffer.byteLength(front) <= 9 * 1024)
  for (const [file, guide] of guides) assert.ok(Buffer.byteLength(guide) <= 12 * 1024, file)
})

readme.run()
