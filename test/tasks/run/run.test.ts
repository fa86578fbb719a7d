import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { type CliOptions, type CliResult, project } from '../../_cli.ts'
import { type ScriptedReply, type ScriptedServer, withServer } from '../../_server.ts'
import { hidesSecrets, settingsFor, TOKEN } from '../../cli/_configured.ts'
import { here } from '../../cli/_here.ts'

const run = suite('tasks/run')

/** A script that gives what `body` says. */
function defining(body: string, more = ''): string {
  return `import { defineScript } from '#wfg'
import * as v from 'valibot'
export default defineScript({ ${more} ${body} })`
}

type Run = (args: readonly string[], options?: CliOptions) => Promise<CliResult>

/**
 * Runs tasks of these scripts, which may only read unless their name begins with `write`.
 *
 * @param action `task` runs one in this process, where a plain file cannot print; `start` in a process of its own
 */
async function withScripts(
  scripts: Readonly<Record<string, string>>,
  action: (task: Run, dir: string, start: Run) => unknown,
): Promise<void> {
  const entries = Object.keys(scripts)
    .map(
      (name) =>
        `'${name}': { script: './scripts/${name}.ts', access: '${name.startsWith('write') ? 'write' : 'read'}' }`,
    )
    .join(', ')
  const { dir, run, cleanup } = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, { ${entries} })
await main(import.meta, tasks)`,
    ...Object.fromEntries(Object.entries(scripts).map(([name, source]) => [`scripts/${name}.ts`, source])),
  })
  try {
    await action((args, options) => here(dir, args, { ...options, entries }), dir, run)
  } finally {
    cleanup()
  }
}

function done(stdout: string, stderr = ''): CliResult {
  return { status: 0, signal: null, stdout, stderr }
}

const ROWS = defining(`async *run() { yield { a: 1, b: '=x' }; yield { a: 2, b: 'ü' } }`)

run('run writes rows as NDJSON into a pipe, and as --format says', () =>
  withScripts({ rows: ROWS }, async (task, _, start) => {
    assert.equal(await start(['rows']), done('{"a":1,"b":"=x"}\n{"a":2,"b":"ü"}\n'))
    assert.equal(await task(['rows', '--format', 'csv']), done("a,b\n1,'=x\n2,ü\n"))
    assert.equal(await task(['rows', '--format', 'csv', '--raw']), done('a,b\n1,=x\n2,ü\n'))
    assert.equal(JSON.parse((await task(['rows', '--format', 'json'])).stdout), [
      { a: 1, b: '=x' },
      { a: 2, b: 'ü' },
    ])
    assert.equal(await task(['rows', '--format', 'table']), done('a  b\n─  ──\n1  =x\n2  ü\n'))
  }),
)

run('run writes an object, a value and nothing as what they are', () =>
  withScripts(
    {
      object: defining('run: () => ({ a: 1, b: { c: 2 } })'),
      array: defining('run: () => [{ a: 1 }, { a: 2 }]'),
      number: defining('run: async () => 42'),
      text: defining("run: () => 'a line'"),
      nothing: defining('run() {}'),
    },
    async (task) => {
      assert.equal(await task(['object']), done('{"a":1,"b":{"c":2}}\n'))
      assert.equal(await task(['object', '--format', 'json']), done('{\n  "a": 1,\n  "b": {\n    "c": 2\n  }\n}\n'))
      assert.equal(await task(['array']), done('{"a":1}\n{"a":2}\n'))
      assert.equal(await task(['number']), done('42\n'))
      assert.equal(await task(['text']), done('a line\n'))
      assert.equal(await task(['nothing']), done(''))
    },
  ),
)

run('run stops quietly when nobody reads the output any more', () =>
  withScripts(
    {
      many: defining(
        `async *run() { try { for (let i = 0; i < 1e7; i++) yield { i } } finally { console.log('stopped') } }`,
      ),
    },
    async (_, __, start) => {
      const { status, stdout, stderr } = await start(['many'], { closeStdout: true })
      assert.equal([status, stderr], [0, 'stopped\n'])
      assert.match(stdout, /^\{"i":0\}\n/)
    },
  ),
)

run('run replaces the file of --out when the run has succeeded, and prints nothing', () =>
  withScripts({ rows: ROWS, sub: ROWS }, async (task, dir) => {
    writeFileSync(join(dir, 'rows.csv'), 'old')
    assert.equal(await task(['rows', '--out', 'rows.csv']), done(''))
    assert.is(readFileSync(join(dir, 'rows.csv'), 'utf8'), "a,b\n1,'=x\n2,ü\n")
    assert.equal(await task(['rows', '--out', '../rows.ndjson'], { cwd: 'scripts' }), done(''))
    assert.is(readFileSync(join(dir, 'rows.ndjson'), 'utf8'), '{"a":1,"b":"=x"}\n{"a":2,"b":"ü"}\n')
  }),
)

run('run leaves the file of --out as it was when the run fails, and keeps its output in FILE.partial', () =>
  withScripts(
    { failing: defining(`async *run() { yield { a: 1 }; throw new Error('no more') }`) },
    async (task, dir) => {
      writeFileSync(join(dir, 'rows.csv'), 'old')
      const { status, stdout, stderr } = await task(['failing', '--out', 'rows.csv'])
      assert.equal([status, stdout], [1, ''])
      const partial = join(dir, 'rows.csv.partial')
      assert.ok(
        stderr.startsWith(
          `What was written so far is in ${quotedPath(partial)}.\nerror: The task "failing" failed: Error: no more\n    at `,
        ),
        stderr,
      )
      assert.is(readFileSync(join(dir, 'rows.csv'), 'utf8'), 'old')
      assert.is(readFileSync(partial, 'utf8'), 'a\n1\n')
      assert.equal(
        readdirSync(dir).filter((name) => name.endsWith('.tmp')),
        [],
      )
    },
  ),
)

run('run writes no file in a dry run, by flag or by setting', () =>
  withScripts({ rows: ROWS }, async (task, dir) => {
    const expected = done(
      "a,b\n1,'=x\n2,ü\n",
      'warning: dry run: "rows.csv" is not written; the result goes to standard output\n',
    )
    assert.equal(await task(['rows', '--out', 'rows.csv', '--dry-run']), expected)
    const excel = await task(['rows', '--out', 'rows.xlsx'], { env: { WFG_DRY_RUN: '1' } })
    assert.equal([excel.stdout, existsSync(join(dir, 'rows.xlsx'))], ['{"a":1,"b":"=x"}\n{"a":2,"b":"ü"}\n', false])
    writeFileSync(join(dir, '.env'), 'WFG_DRY_RUN=true\n')
    assert.equal(await task(['rows', '--out', 'rows.csv']), expected)
    assert.not(existsSync(join(dir, 'rows.csv')))
  }),
)

run('run refuses a file whose extension names no format before anything runs', () =>
  withScripts({ rows: defining("run() { console.log('it ran') }") }, async (task, dir) => {
    assert.equal(await task(['rows', '--out', 'rows.xls']), {
      status: 2,
      signal: null,
      stdout: '',
      stderr:
        'error: Cannot write "rows.xls": the extension .xls names no format; a spreadsheet opens "rows.xlsx", or add --format table|json|ndjson|csv|xlsx\n',
    })
    assert.not(existsSync(join(dir, 'rows.xls')))
  }),
)

run('run writes a text to a file as it is, and says that a file has no rows', () =>
  withScripts({ text: defining("run: () => '# A report'"), none: defining('async *run() {}') }, async (task, dir) => {
    assert.equal(await task(['text', '--format', 'table', '--out', 'report.md']), done(''))
    assert.is(readFileSync(join(dir, 'report.md'), 'utf8'), '# A report\n')
    assert.equal(await task(['none', '--out', 'none.csv']), done('', 'warning: No rows.\n'))
    assert.equal(await task(['none', '--out', 'none.csv', '--quiet']), done(''))
    assert.is(readFileSync(join(dir, 'none.csv'), 'utf8'), '')
    assert.equal(await task(['none']), done(''))
  }),
)

run('run refuses a file that cannot be written before the script runs', () =>
  withScripts({ rows: defining("run() { console.log('it ran') }") }, async (task, dir) => {
    const { status, stdout, stderr } = await task(['rows', '--out', 'none/rows.csv'])
    assert.equal([status, stdout], [2, ''])
    assert.is(
      stderr,
      `error: Cannot write ${quotedPath(join(dir, 'none/rows.csv'))}: its folder does not exist; create it, or name another one\n`,
    )
  }),
)

run('run keeps standard output for the result: log, progress and console go to standard error', () =>
  withScripts(
    {
      talking: defining(`async run({ log, progress }) {
  console.log('console'); console.error('console too'); log('log'); log.warn('warn'); log.debug('debug')
  progress(1, 2)
  return 'result'
}`),
    },
    async (task, _, start) => {
      assert.equal(await start(['talking']), done('result\n', 'console\nconsole too\nlog\nwarning: warn\n'))
      assert.equal(
        await task(['talking', '--verbose']),
        done('result\n', 'console\nconsole too\nlog\nwarning: warn\ndebug\n'),
      )
      assert.equal(await task(['talking', '--quiet']), done('result\n', 'console\nconsole too\n'))
    },
  ),
)

run('run gives arguments from flags and --args-file, checked by the schema', () =>
  withScripts(
    {
      args: defining(
        'run: ({ args }) => args',
        `positionals: ['file'], args: v.object({ file: v.string(), sinceDate: v.optional(v.date()), count: v.optional(v.number(), 3), tag: v.optional(v.array(v.string())) }),`,
      ),
    },
    async (task, dir, start) => {
      assert.equal(
        await task(['args', 'a.csv', '--since-date', '2026-11-01', '--tag', 'x', '--tag=y']),
        done('{"file":"a.csv","sinceDate":"2026-11-01T00:00:00.000Z","count":3,"tag":["x","y"]}\n'),
      )
      writeFileSync(join(dir, 'args.json'), '\ufeff{ "file": "b.csv", "count": 5 }')
      assert.equal(
        await task(['args', '--args-file', 'args.json', '--count', '7']),
        done('{"file":"b.csv","count":7}\n'),
      )
      assert.equal(await start(['args', '--args-file=-'], { stdin: '{"file":"c"}' }), done('{"file":"c","count":3}\n'))
      const wrong = async (...args: string[]) => {
        const { status, stdout, stderr } = await task(['args', ...args])
        assert.equal([status, stdout], [2, ''])
        return stderr
      }
      assert.match(await wrong(), /^error: .*file/)
      assert.match(await wrong('a', '--count', 'secret'), /^error: Cannot use these arguments: --count needs a number/)
      assert.match(
        await wrong('--args-file', 'none.json'),
        /^error: Cannot read the arguments in "none\.json": ENOENT; expected a JSON file/,
      )
      writeFileSync(join(dir, 'args.json'), '{')
      assert.match(await wrong('--args-file', 'args.json'), /: it is not JSON; expected an object such as/)
    },
  ),
)

run('without a terminal: --yes answers confirm(), or it refuses with exit code 7', () =>
  withScripts(
    { asking: defining("run: async ({ confirm }) => (await confirm('Really?')) ? 'yes' : 'no'") },
    async (task) => {
      assert.equal(await task(['asking', '--yes']), done('yes\n'))
      assert.equal(await task(['asking'], { stdin: 'y\n' }), {
        status: 7,
        signal: null,
        stdout: '',
        stderr: 'error: Refused to go on: nobody is there to answer "Really?". Run it with --yes to answer yes.\n',
      })
    },
  ),
)

const PLAIN_ARGS = 'console.log(JSON.stringify([process.argv.slice(2), globalThis.Deno?.args ?? null]))'

run(
  'run leaves a plain file its console and its arguments, without flags of the tool before `--`, and warns of those without effect',
  () =>
    withScripts({ args: PLAIN_ARGS, deno: `${PLAIN_ARGS}\nconsole.log(Deno.args.length)` }, async (_, dir, start) => {
      const rest = '["a","--mine","b","--","--quiet"]'
      const given = ['a', '--verbose', '--mine', '--timeout', '60', 'b', '--', '--quiet']
      assert.equal(await start(['--quiet', 'deno', ...given]), done(`[${rest},${rest}]\n5\n`))
      const { status, stdout, stderr } = await start(['args', '--out', 'x.csv', '--format=csv', ...given])
      assert.match(stdout, /^\[\["a","--mine","b","--","--quiet"\],(null|\[.*\])\]\n$/)
      assert.equal(
        [status, stderr],
        [
          0,
          'warning: --format, --out had no effect: "args" is a plain file, and what it prints is its result. A defineScript takes these flags.\n',
        ],
      )
      assert.not(existsSync(join(dir, 'x.csv')))
    }),
)

run('run loses no output of a plain file that ends the process', () =>
  withScripts(
    { plain: "for (let i = 0; i < 50_000; i++) console.log('x'.repeat(99))\nconsole.log('end')\nprocess.exit(0)" },
    async (_, __, start) => {
      const { status, stdout } = await start(['plain'])
      assert.equal([status, stdout.length, stdout.slice(-5)], [0, 5_000_004, '\nend\n'])
    },
  ),
)

run('run waits for work that a plain file started and did not wait for', () =>
  withServer([TOKEN, { delayMs: 100, body: { data: { viewer: 'late' } } }], (server) =>
    withScripts(
      {
        unawaited: `import { wfg } from '#wfg'
async function work() {
  await new Promise((resolve) => setTimeout(resolve, 100))
  console.log((await wfg\`{ viewer }\`).viewer)
}
work()`,
      },
      async (_, __, start) => {
        assert.equal(await start(['unawaited'], { env: settingsFor(server) }), done('late\n'))
      },
    ),
  ),
)

/** Reported by what the process tells: an error that nobody awaits, its end, and that nothing is left to wait for. */
const ENDS_ITS_PROCESS = ['never-settles', 'rejects', 'exits']

run('run reports scripts that end in other ways', () =>
  withScripts(
    {
      boom: "throw new Error('at import')",
      nothing: '// nothing at all',
      forgot: "import { defineScript } from '#wfg'\ndefineScript({ run: () => 1 })",
      other: 'export default { run: () => 1 }',
      'throws-null': 'throw null',
      'throws-text': defining("run() { throw 'a text' }"),
      'throws-undefined': defining('async run() { throw undefined }'),
      'never-settles': defining('run: () => new Promise(() => {})'),
      rejects: defining(
        `async run() { Promise.reject(new Error('nobody')); await new Promise((resolve) => setTimeout(resolve, 100)); return 'late' }`,
      ),
      exits: defining('async *run() { yield { a: 1 }; process.exit(3) }'),
    },
    async (task, dir, start) => {
      const path = (name: string) => quotedPath(join(dir, `scripts/${name}.ts`))
      for (const [name, status, stderr] of [
        ['boom', 1, /^error: The task "boom" failed: Error: at import\n {4}at .*boom\.ts/],
        [
          'nothing',
          2,
          `error: Cannot run ${path('nothing')}: it does nothing; expected \`export default defineScript({ … })\`, or statements at the top level.\n`,
        ],
        [
          'forgot',
          2,
          `error: Cannot run ${path('forgot')}: it calls defineScript and does not export what that gives; write \`export default\` before it.\n`,
        ],
        [
          'other',
          2,
          `error: Cannot run ${path('other')}: its default export is not made by defineScript; write \`export default defineScript({ … })\`.\n`,
        ],
        [
          'throws-null',
          1,
          'error: The task "throws-null" failed: it threw null, which is no Error and has no stack.\n',
        ],
        [
          'throws-text',
          1,
          'error: The task "throws-text" failed: it threw the text "a text", which is no Error and has no stack.\n',
        ],
        [
          'throws-undefined',
          1,
          'error: The task "throws-undefined" failed: it threw undefined, which is no Error and has no stack.\n',
        ],
        [
          'never-settles',
          1,
          'error: The task "never-settles" never finished: it waits for something that cannot happen any more.\n',
        ],
        ['rejects', 1, /^error: The task "rejects" failed: Error: nobody\n( {4}at .*\n)+$/],
        ['exits', 3, ''],
      ] as const) {
        const result = await (ENDS_ITS_PROCESS.includes(name) ? start : task)([name])
        assert.is(result.status, status, name)
        assert.is(result.stdout, name === 'exits' ? '{"a":1}\n' : '', name)
        if (typeof stderr === 'string') assert.is(result.stderr, stderr)
        else assert.match(result.stderr, stderr)
      }
    },
  ),
)

const VIEWER = "wfg('query Viewer { viewer }')"
const DELETE = "wfg('mutation Delete { deleteAll }')"
const DATA = { body: { data: { viewer: 'john', deleteAll: true } } }

/** A task against a server that has these replies and no more. */
function against(
  replies: readonly ScriptedReply[],
  args: readonly string[],
  env: Record<string, string>,
  check: (result: CliResult, server: ScriptedServer) => void,
  { inProcess = true } = {},
): Promise<void> {
  return withServer(replies, (server) =>
    withScripts(
      {
        'read-it': defining(`run: async ({ wfg }) => ${DELETE}`),
        'write-it': defining(`async run({ wfg }) { await ${VIEWER}; return ${DELETE} }`),
        'write-plain': `import { wfg } from '#wfg'\nconsole.log(await ${DELETE})`,
      },
      async (task, _, start) => {
        const result = await (inProcess ? task : start)(args, { env: { ...settingsFor(server), ...env } })
        hidesSecrets(result)
        check(result, server)
      },
    ),
  )
}

run('run refuses a mutation of a task that may only read before it asks for a token', () =>
  against([], ['read-it'], {}, (result) => {
    assert.equal([result.status, result.stdout], [7, ''])
    assert.match(result.stderr, /^error: Refused the mutation "Delete": .*\(access: 'read'\)\. Nothing was sent\./)
  }),
)

run('run names the server before a task that can write, and with --verbose what was sent', () =>
  against(
    [TOKEN, DATA, DATA],
    ['write-it', '--verbose'],
    {},
    ({ status, stdout, stderr }, { url }) => {
      assert.equal([status, stdout], [0, '{"viewer":"john","deleteAll":true}\n'])
      const lines = stderr.split('\n').filter((line) => !line.startsWith('access token: '))
      assert.is(lines[0], `Profile "default": ${url}`)
      assert.match(lines[1]!, /^query "Viewer": 200, 1 attempt, \d+ ms, \d+ bytes$/)
      assert.match(lines[2]!, /^mutation "Delete": 200, 1 attempt, \d+ ms, \d+ bytes$/)
      assert.is(lines.length, 4)
    },
    { inProcess: false },
  ),
)

run('run prints mutations in a dry run and sends the queries', () =>
  against(
    [TOKEN, DATA],
    ['write-it', '--dry-run'],
    { WFG_PROTECTED: 'true' },
    ({ status, stdout, stderr }, { url }) => {
      assert.equal([status, stdout], [0, '{"deleteAll":null}\n'])
      assert.is(
        stderr,
        `Profile "default": ${url} (dry run: nothing is changed)\n` +
          'dry run: would send the mutation "Delete" with {}\nmutation Delete { deleteAll }\n',
      )
    },
  ),
)

for (const [title, args, found] of [
  ['nobody confirms it', ['write-it'], 'nobody can confirm it'],
  ['--yes is given instead', ['write-it', '--yes'], 'nobody can confirm it'],
  ['another name is confirmed', ['write-it', '--confirm', 'prod'], 'another name was given'],
  ['a plain file is not confirmed', ['write-plain'], 'nobody can confirm it'],
] as const) {
  run(`run sends nothing to a protected profile when ${title}`, () =>
    against([], args, { WFG_PROTECTED: 'true' }, (result, { url }) => {
      assert.equal([result.status, result.stdout], [7, ''])
      assert.is(
        result.stderr,
        `Profile "default": ${url}\n` +
          `error: Refused to start: the profile "default" is protected, and ${found}. Nothing was sent. ` +
          'Run it with --confirm default if it is meant for that server.\n',
      )
    }),
  )
}

run('run writes to a protected profile whose name was confirmed', () =>
  against([TOKEN, DATA, DATA], ['write-it', '--confirm=default', '--quiet'], { WFG_PROTECTED: 'true' }, (result) =>
    assert.equal(result, done('{"viewer":"john","deleteAll":true}\n')),
  ),
)

run.run()
