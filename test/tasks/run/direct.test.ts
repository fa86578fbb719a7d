import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { instanceOptions } from '../../../runtime/compose.ts'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { createDirectStart } from '../../../runtime/tasks/run/direct.ts'
import { createSession, projectDirectory, type Session } from '../../../runtime/tasks/run/session.ts'
import { type CliOptions, type CliResult, project, STARTER } from '../../_cli.ts'
import { LINKS } from '../../_links.ts'
import { notRun } from '../../_not_run.ts'
import { RUNTIME, STRIPS_TYPES } from '../../_runtime.ts'
import { type ScriptedReply, withServer } from '../../_server.ts'
import { hidesSecrets, settingsFor, TOKEN } from '../../cli/_configured.ts'
import { withProcess } from '../../cli/_here.ts'

const direct = suite('tasks/direct')

const TASKS = `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  first: { script: './scripts/first.ts', access: 'read' },
  reader: { script: './scripts/reader.ts', access: 'read', needs: ['first'] },
  'plain-reader': { script: './scripts/plain-reader.ts', access: 'read', needs: ['first'] },
})
await main(import.meta, tasks)`
const DELETE = "('mutation Delete { deleteAll }')"
const ROWS = `import { defineScript } from '#wfg'
console.log('imported')
export default defineScript({ run() { console.log('runs'); return [{ a: 1 }] } })`
const FILES = {
  'tasks.ts': TASKS,
  'scripts/first.ts': `import { defineScript } from '#wfg'
export default defineScript({ run: () => [1, 2] })`,
  'scripts/reader.ts': `import { defineScript } from '#wfg'
export default defineScript({ run: ({ wfg }) => wfg${DELETE} })`,
  'scripts/plain-reader.ts': `import { wfg } from '#wfg'\nawait wfg${DELETE}`,
  'scripts/rows.ts': ROWS,
  'scripts/write.ts': `import { wfg } from '#wfg'\nconsole.log(JSON.stringify(await wfg${DELETE}))`,
}

type Start = (entry: string, args?: readonly string[], options?: CliOptions) => Promise<CliResult>

/** @param action `start` starts a file of the project as people do; `load` is below */
async function inProject(
  files: Readonly<Record<string, string>>,
  action: (start: Start, dir: string, load: Start) => unknown,
): Promise<void> {
  const { dir, run, cleanup } = project({ ...FILES, ...files })
  const none = { WFG_PROFILE: 'none' }
  try {
    await action(
      (entry, args = [], options = {}) => run(args, { env: none, ...options, entry }),
      dir,
      (entry, args = [], options = {}) => load(dir, args, { env: none, ...options, entry }),
    )
  } finally {
    cleanup()
  }
}

/**
 * What follows when the file that a process was started with has called `defineScript`, or `wfg` as the plain files of FILES
 * do. All of it is real but for the process.
 */
function load(dir: string, args: readonly string[], options: CliOptions & { entry: string }): Promise<CliResult> {
  const program = join(dir, options.entry)
  let end: (exitCode?: number) => void = () => {}
  const ended = new Promise<number | undefined>((resolve) => {
    end = resolve
  })
  let uncaught: (error: unknown) => void = () => {}
  return withProcess(
    dir,
    args,
    options,
    async (host) => {
      const session = createSession(host, {
        ...instanceOptions,
        findDirectory: () => projectDirectory(dirname(program)),
      })
      const started = createDirectStart(session, () => true)
      if (/plain|write/.test(options.entry)) {
        await callOnce(session).then(
          () => end(),
          (error) => uncaught(error),
        )
      } else {
        const caller = `${pathToFileURL(program).href}:2:1`
        started.scriptDefined(undefined as never, `Error\n    at defineScript\n    at ${caller}`)
      }
      const exitCode = await ended
      if (exitCode !== undefined) host.setExitCode(exitCode)
    },
    {
      onUncaught(handler) {
        uncaught = handler
        return () => end()
      },
      exit: (code) => end(code) as never,
    },
  )
}

async function callOnce({ host, wfg }: Session): Promise<void> {
  await host.stdout.write(`${JSON.stringify(await wfg('mutation Delete { deleteAll }'))}\n`)
}

/** Starts the file with the settings of a server that has these replies and no more. */
function against(
  replies: readonly ScriptedReply[],
  entry: string,
  args: readonly string[],
  check: (result: CliResult, url: string) => void,
  { files = {}, env = {}, inProcess = false }: AgainstOptions = {},
): Promise<void> {
  return withServer(replies, (server) =>
    inProject(files, async (start, _, load) => {
      const result = await (inProcess ? load : start)(entry, args, { env: { ...settingsFor(server), ...env } })
      hidesSecrets(result)
      check(result, server.url)
    }),
  )
}

interface AgainstOptions {
  files?: Record<string, string>
  env?: Record<string, string>
  /** By `load` of `inProject`. */
  inProcess?: boolean
}

/** Only tsx and Bun do without the extension. */
const FULL_NAME = RUNTIME === 'deno' || STRIPS_TYPES
const DATA: ScriptedReply = { body: { data: { viewer: 'john', deleteAll: true } } }

direct('a defineScript file runs as with `run`, and names the server before it writes', () =>
  against(
    [],
    'scripts/rows.ts',
    ['--format', 'csv', '--out', 'rows.txt'],
    ({ status, stdout, stderr }, url) => {
      assert.equal([status, stdout], [0, ''])
      // What it prints while it is imported came before anything of ours could hear of it.
      assert.match(stderr, new RegExp(`Profile "default": ${url}\nruns\n$`))
    },
    { files: { 'scripts/rows.ts': ROWS.replace("console.log('imported')", '') } },
  ),
)

direct('a registered defineScript file has the access of its entry and its needs run first, by any path to it', () =>
  withServer([], (server) =>
    inProject({}, async (start, dir) => {
      if (LINKS.file) {
        symlinkSync(join(dir, 'scripts/reader.ts'), join(dir, 'link (1).ts'))
        symlinkSync(dir, join(dir, 'linked'), 'dir')
      }
      const path = LINKS.file ? 'linked/link (1)' : 'scripts/reader'
      const result = await start(FULL_NAME ? `${path}.ts` : path, [], { env: settingsFor(server) })
      hidesSecrets(result)
      assert.equal([result.status, result.stdout], [7, ''])
      // Not twice: no other copy of it and of the runtime is loaded.
      assert.match(
        result.stderr,
        /^first: done, 2 rows\nerror: Refused the mutation "Delete": [^\n]*\(access: 'read'\)\. Nothing was sent\.[^\n]*\n$/,
      )
    }),
  ),
)

direct('--out without a format is refused for a defineScript file', () =>
  against(
    [],
    'scripts/reader.ts',
    ['--out', 'page.html'],
    ({ status, stdout, stderr }) => {
      assert.equal([status, stdout], [2, ''])
      assert.match(stderr, /^error: Cannot write "page\.html": the extension \.html names no format; expected \.csv, /)
    },
    { inProcess: true },
  ),
)

direct('a plain file with --quiet writes only its error', () =>
  against(
    [],
    'scripts/plain-reader.ts',
    ['--quiet'],
    ({ status, stderr }) => {
      assert.is(status, 7)
      assert.match(stderr, /^error: Refused the mutation "Delete"[^\n]*\n$/)
    },
    { inProcess: true },
  ),
)

direct(
  'a registered plain file has the access of its entry, names the tasks that did not run, and may have --out',
  () =>
    withServer([], (server) =>
      inProject({}, async (start, dir) => {
        const entry = LINKS.file ? 'plain.ts' : 'scripts/plain-reader.ts'
        if (LINKS.file) symlinkSync(join(dir, 'scripts/plain-reader.ts'), join(dir, entry))
        const result = await start(entry, ['--out', 'page.html'], { env: settingsFor(server) })
        hidesSecrets(result)
        assert.equal([result.status, result.stdout], [7, ''])
        assert.match(
          result.stderr,
          /^The task "plain-reader" needs first, which did not run because its file was started directly\.\nwarning: --out had no effect: [^\n]*\nerror: Refused the mutation "Delete"/,
        )
      }),
    ),
)

direct('flags of the tool apply to a plain file, and are not among its arguments', () =>
  against(
    [],
    'scripts/write.ts',
    ['a', '--dry-run', '--mine', '--timeout=60', '--', '--quiet'],
    ({ status, stdout, stderr }, url) => {
      assert.equal([status, stdout], [0, '[["a","--mine","--","--quiet"],true]\n{"deleteAll":null}\n'])
      assert.is(
        stderr,
        `Profile "default": ${url} (dry run: nothing is changed)\n` +
          'dry run: would send the mutation "Delete" with {}\nmutation Delete { deleteAll }\n',
      )
    },
    {
      files: {
        'scripts/write.ts': `import { wfg } from '#wfg'
const { Deno } = globalThis as { Deno?: { args: string[] } }
const argv = process.argv.slice(2)
console.log(JSON.stringify([argv, Deno === undefined || String(Deno.args) === String(argv)]))
console.log(JSON.stringify(await wfg${DELETE}))`,
      },
    },
  ),
)

direct('a protected profile is confirmed for a plain file too', async () => {
  const protects = { env: { WFG_PROTECTED: 'true' }, inProcess: true }
  await against(
    [],
    'scripts/write.ts',
    [],
    ({ status, stdout, stderr }) => {
      assert.equal([status, stdout], [7, ''])
      assert.match(
        stderr,
        /^Profile .*\nerror: Refused to start: the profile "default" is protected, and nobody can confirm it/,
      )
    },
    protects,
  )
  await against(
    [TOKEN, DATA],
    'scripts/write.ts',
    ['--confirm', 'default'],
    ({ status, stdout }) => assert.equal([status, stdout], [0, '{"viewer":"john","deleteAll":true}\n']),
    protects,
  )
})

direct('a wrong flag, and an unknown profile, end it with 2 before anything is sent', async () => {
  const inProcess = true
  await against(
    [],
    'scripts/write.ts',
    ['--timeout', 'soon'],
    ({ status, stderr }) =>
      assert.equal(
        [status, stderr],
        [2, 'error: Cannot read the command line: --timeout needs seconds, more than 0 and at most 604800\n'],
      ),
    { inProcess },
  )
  await against(
    [],
    'scripts/rows.ts',
    ['--format', 'xml'],
    ({ status, stderr }) =>
      assert.equal(
        [status, stderr],
        [2, 'error: Cannot read the command line: --format needs one of: table, json, ndjson, csv, xlsx\n'],
      ),
    { files: { 'scripts/rows.ts': ROWS.replace("console.log('imported')", '') }, inProcess },
  )
  await against(
    [],
    'scripts/write.ts',
    ['--profile', 'tset'],
    ({ status, stderr }) => {
      assert.is(status, 2)
      assert.match(stderr, /^error: Cannot use the profile "tset": there is no file "\.env\.tset"/)
    },
    { inProcess },
  )
})

direct('--timeout ends a plain file with 124', () =>
  against(
    [TOKEN, { fault: 'stall' }],
    'scripts/write.ts',
    ['--timeout', '0.5', '--quiet'],
    ({ status, stdout, stderr }) => {
      assert.equal([status, stdout], [124, ''])
      assert.is(stderr, 'The time of 0.5 s for this run (--timeout) is over.\n')
    },
    { files: { 'scripts/write.ts': "import { wfg } from '#wfg'\nawait wfg('query Viewer { viewer }')" } },
  ),
)

direct('errors and exit codes are as with `run`', async () => {
  const gql = "import { gql } from '#wfg'\ngql`query {`"
  await against(
    [],
    'scripts/syntax.ts',
    [],
    ({ status, stderr }) => {
      assert.is(status, 4)
      assert.match(
        stderr,
        /^error: Cannot read the GraphQL document: Syntax Error: .* at line 1, column \d+\. Nothing was sent\.\n$/,
      )
    },
    { files: { 'scripts/syntax.ts': gql } },
  )
  const bug = "import { wfg } from '#wfg'\nawait wfg('query Viewer { viewer }')\nthrow new RangeError('a bug')"
  await against(
    [TOKEN, DATA],
    'scripts/write.ts',
    ['--quiet'],
    ({ status, stderr }) => {
      assert.is(status, 1)
      assert.match(stderr, /^error: The script ".*write\.ts" failed: RangeError: a bug\n {4}at /)
    },
    { files: { 'scripts/write.ts': bug } },
  )
})

direct('a defineScript file without `export default` runs all the same', () =>
  inProject(
    { 'scripts/rows.ts': "import { defineScript } from '#wfg'\ndefineScript({ run: () => 1 })" },
    async (_, dir, load) => {
      const { status, stdout, stderr } = await load('scripts/rows.ts')
      assert.equal([status, stdout], [2, ''])
      const path = quotedPath(join(dir, 'scripts/rows.ts'))
      assert.is(
        stderr,
        `error: Cannot run ${path}: it calls defineScript and does not export what that gives; write \`export default\` before it.\n`,
      )
    },
  ),
)

direct('--help shows the help of both kinds of file and runs nothing', () =>
  inProject({}, async (start, _, load) => {
    for (const [entry, show] of [
      ['scripts/reader.ts', load],
      ['scripts/plain-reader.ts', start],
    ] as const) {
      const { status, stdout, stderr } = await show(entry, ['--help'])
      assert.equal([status, stderr], [0, ''])
      assert.match(stdout, new RegExp(`^Usage\\n {2}${STARTER} ${entry.replace('/', '[\\\\/]')}\\n`))
      assert.match(stdout, /Only reads: .* Runs first first\./)
    }
  }),
)

direct('a registry with mistakes, or that is not exported, ends it before anything is sent', async () => {
  const cycle = TASKS.replace("'./scripts/first.ts'", "'./scripts/first.ts', needs: ['reader']")
  for (const entry of ['scripts/plain-reader.ts', 'scripts/reader.ts']) {
    await against(
      [],
      entry,
      [],
      ({ status, stderr }) => {
        assert.is(status, 2)
        assert.match(stderr, /^error: Cannot use the tasks of "tasks\.ts": the needs form a cycle: /)
      },
      { files: { 'tasks.ts': cycle }, inProcess: true },
    )
  }
  await against(
    [],
    'scripts/write.ts',
    [],
    ({ status, stderr }) => {
      assert.is(status, 2)
      assert.match(
        stderr,
        /^error: Cannot tell what the script may do: ".*tasks\.ts" exports no tasks; write `export const tasks = /,
      )
    },
    { files: { 'tasks.ts': 'export const task = 1' }, inProcess: true },
  )
})

direct('a file that its task isolates is refused', async () => {
  const isolates = TASKS.replaceAll("access: 'read', needs", "access: 'read', isolated: true, needs")
  for (const entry of ['scripts/reader.ts', 'scripts/plain-reader.ts'])
    await against(
      [],
      entry,
      [],
      ({ status, stdout, stderr }) => {
        assert.equal([status, stdout], [7, ''])
        assert.match(stderr, /^error: Refused to run ".*reader\.ts": tasks\.ts isolates it/)
      },
      { files: { 'tasks.ts': isolates }, inProcess: true },
    )
})

direct('a script that a program imports does not run, and the program keeps its arguments', () =>
  inProject(
    {
      'scripts/program.ts': `import script from './writes.ts'
import { tasks } from '../tasks.ts'
await new Promise((resolve) => setTimeout(resolve, 100))
console.log(typeof script.run, tasks.tasks.size, process.argv.slice(2).join(' '))`,
      'scripts/writes.ts': `import { writeFileSync } from 'node:fs'
import { defineScript } from '#wfg'
export default defineScript({ run() { writeFileSync('ran', 'x') } })`,
    },
    async (start, dir) => {
      const result = await start('scripts/program.ts', ['--dry-run', '--format', 'xml'])
      assert.equal(result, { status: 0, signal: null, stdout: 'function 3 --dry-run --format xml\n', stderr: '' })
      assert.not(existsSync(join(dir, 'ran')))
    },
  ),
)

direct('a plain file that can never finish says so and ends with 1', () => {
  if (RUNTIME === 'bun') return notRun('Bun never ends while the top-level await of its program is not settled')
  return inProject(
    {
      'scripts/never.ts': `import { gql } from '#wfg'
gql\`{ viewer { userName } }\`
await new Promise(() => {})`,
    },
    async (start) => {
      const { status, stdout, stderr } = await start('scripts/never.ts', [])
      assert.equal([status, stdout], [1, ''])
      assert.match(stderr, /never finished|Top-level await promise never resolved/)
    },
  )
})

direct('settings are read beside the nearest package.json, never from the working directory', () => {
  if (RUNTIME === 'bun') return notRun('Bun reads .env of the working directory by itself')
  return inProject({ 'elsewhere/.env': 'WFG_PROFILE=of-the-working-directory\n' }, async (start, dir) => {
    writeFileSync(join(dir, '.env'), 'WFG_PROFILE=of-the-package\n')
    const { status, stderr } = await start('scripts/write.ts', [], { cwd: 'elsewhere', env: {} })
    assert.is(status, 2)
    assert.match(stderr, /^error: Cannot use the profile "of-the-package": /)
    assert.is(readFileSync(join(dir, 'elsewhere/.env'), 'utf8'), 'WFG_PROFILE=of-the-working-directory\n')
  })
})

direct.run()
