import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import readExcelFile from 'read-excel-file/node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliOptions, type CliResult, project, temporaryFolder } from '../../_cli.ts'
import { NO_SIGNALS, notRun, SENDS_SIGNALS } from '../../_not_run.ts'
import { type ScriptedReply, type ScriptedServer, scriptedServer } from '../../_server.ts'
import { hidesSecrets, settingsFor, TOKEN } from '../_configured.ts'
import { here } from '../_here.ts'
import { running } from '../_running.ts'

const query = suite('cli/query')

const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {})
await main(import.meta, tasks)`,
}

interface Office {
  readonly dir: string
  readonly server: ScriptedServer
  /** What the GraphQL requests held, in order. */
  sent(): { query: string; variables?: Record<string, unknown>; operationName?: string }[]
}

interface QueryOptions extends CliOptions {
  files?: Record<string, string>
  /** Runs it as a process of its own, to show that the command gets there. */
  isStarted?: boolean
}

/** Runs `query …` against a server that answers so; whoever asks for no reply expects that nothing is sent. */
async function queried(
  args: readonly string[],
  answers: readonly ScriptedReply[],
  check: (result: CliResult, office: Office) => unknown,
  { files = {}, env = {}, isStarted = false, ...options }: QueryOptions = {},
): Promise<void> {
  const server = await scriptedServer(answers.length > 0 ? [TOKEN, ...answers] : [])
  const { dir, run, cleanup } = project({ ...FILES, ...files })
  const start = isStarted ? run : (...given: Parameters<typeof run>) => here(dir, ...given)
  try {
    // A start is faster where code may be kept.
    const settings = { ...settingsFor(server), ...(isStarted ? { WFG_TOKEN_CACHE: 'disk' } : {}) }
    const result = await start(['query', ...args], { ...options, env: { ...settings, ...env } })
    hidesSecrets(result)
    const bodies = server.requests.filter(({ path }) => path === '/wfgen/graphql').map(({ body }) => body)
    await check(result, { dir, server, sent: () => bodies.map((body) => JSON.parse(body)) })
    await server.close()
  } finally {
    await server.destroy()
    cleanup()
  }
}

const viewer = { body: { data: { viewer: { userName: 'ann', tags: ['a', 'b'] } } } }
const VIEWER = 'query Viewer { viewer { userName tags } }'

function isWhole({ status, stdout, stderr }: CliResult, { sent }: Office): void {
  assert.equal([status, stderr], [0, ''])
  assert.is(stdout, `${JSON.stringify(viewer.body.data, null, 2)}\n`)
  assert.equal(sent(), [{ query: VIEWER, operationName: 'Viewer' }])
}

query('prints the whole response as JSON', () => queried([VIEWER], [viewer], isWhole))

query('--path prints a part: a text as it is, a list as rows, an object as a row', async () => {
  await queried([VIEWER, '--path', 'viewer.userName'], [viewer], ({ stdout }) => assert.is(stdout, 'ann\n'))
  await queried([VIEWER, '--path=viewer.tags'], [viewer], ({ stdout }) => assert.is(stdout, '"a"\n"b"\n'))
  await queried(['--path', 'viewer', '--format', 'csv', VIEWER], [viewer], ({ stdout }) =>
    assert.is(stdout, 'userName,tags\nann,"[""a"",""b""]"\n'),
  )
})

query('an unknown --path is refused before anything is sent', () =>
  queried([`mutation { ${'createRequest { id }'} }`, '--path', 'createReqest.id'], [], ({ status, stdout, stderr }) => {
    assert.equal([status, stdout], [2, ''])
    assert.match(stderr, /selects no "createReqest"; did you mean "createRequest"\? Nothing was sent\.\n$/)
  }),
)

query('--format and --out are those of tasks', async () => {
  await queried([VIEWER, '--format', 'ndjson'], [viewer], ({ stdout }) =>
    assert.is(stdout, `${JSON.stringify(viewer.body.data)}\n`),
  )
  await queried([VIEWER, '--path', 'viewer', '--out', 'viewer.csv'], [viewer], ({ stdout }, { dir }) => {
    assert.is(stdout, '')
    assert.match(readFileSync(join(dir, 'viewer.csv'), 'utf8'), /^\uFEFF?userName,tags\r?\nann,/)
  })
  await queried([VIEWER, '--out', 'viewer'], [viewer], (_, { dir }) =>
    assert.is(readFileSync(join(dir, 'viewer'), 'utf8'), `${JSON.stringify(viewer.body.data, null, 2)}\n`),
  )
})

query('the document comes from a file, from standard input, or from a pipe', async () => {
  const files = { 'sub/viewer.graphql': `\uFEFF${VIEWER}\n` }
  await queried(
    ['@viewer.graphql'],
    [viewer],
    ({ status }, { sent }) => {
      assert.is(status, 0)
      assert.is(sent()[0]!.query, `${VIEWER}\n`)
    },
    { files, cwd: 'sub' },
  )
  await queried(['-'], [viewer], isWhole, { stdin: VIEWER })
  // Only a process has a real pipe.
  await queried([], [viewer], isWhole, { stdin: VIEWER, isStarted: true })
})

query('variables are typed by the document, from -v and from a file', () =>
  queried(
    [
      'query Q($n: Int!, $name: String, $since: DateTime, $tags: [String!], $input: ThingInput, $status: Status) { a }',
      ...['-v', 'n=12', '-v', 'name=007', '-v', 'since=2026-11-01', '--variable', 'tags=A=B', '-vtags=C'],
      ...['-v', 'input={"a":[1,null]}', '--variables', 'more.json'],
    ],
    [{ body: { data: { a: 1 } } }],
    ({ status, stderr }, { sent }) => {
      assert.equal([status, stderr], [0, ''])
      assert.equal(sent()[0]!.variables, {
        n: 12,
        name: '007',
        since: '2026-11-01',
        tags: ['A=B', 'C'],
        input: { a: [1, null] },
        status: 'OPEN',
      })
    },
    { files: { 'more.json': '{"n": 1, "status": "OPEN"}' } },
  ),
)

query('invalid variables are reported at once, without their values, and nothing is sent', () =>
  queried(
    ['query Q($n: Int!, $id: ID!) { a }', '-v', 'n=s3cret', '-v', 'idd=s3cret'],
    [],
    ({ status, stdout, stderr }) => {
      assert.equal([status, stdout], [2, ''])
      assert.is(
        stderr,
        'error: Cannot use these variables:\n' +
          '  $idd is not declared; did you mean "id"?\n' +
          '  $n (Int!) needs a whole number from -2147483648 to 2147483647, and was given a text\n' +
          '  $id (ID!) is required, and was not given\n',
      )
    },
  ),
)

query('@FILE is uploaded for an Upload', () =>
  queried(
    ['mutation Attach($file: Upload!) { attach(file: $file) { ok } }', '-v', 'file=@note.txt'],
    [{ body: { data: { attach: { ok: true } } } }],
    ({ status }, { server }) => {
      assert.is(status, 0)
      const { body, headers } = server.requests[1]!
      assert.match(headers['content-type'] ?? '', /^multipart\/form-data/)
      assert.match(body, /"0":\["variables\.file"\]/)
      assert.match(body, /filename="note\.txt"\r\nContent-Type: text\/plain\r\n\r\nthe note\r\n/)
    },
    // It is found in the working directory, which is that of a process.
    { files: { 'note.txt': 'the note' }, isStarted: true },
  ),
)

for (const [args, stdin, message] of [
  [[], '', /^error: Cannot send the document: it is empty; expected a GraphQL document/],
  [['viewer'], '', /the document: it has no "\{"; expected a GraphQL document .*@FILE/],
  [['@none.graphql'], '', /^error: Cannot read the document in "none\.graphql": ENOENT; expected/],
  [['{ a }', '{ b }'], '', /it takes one document, and 2 arguments were given; put the document in quotes/],
  [['-', '-V', '-'], '{ a }', /document and variables cannot both come from standard input/],
  [['{ a }', '-V', '-'], '[1]', /Cannot use the variables in "-": expected a JSON object/],
  [['{ a }', '-v', 'number'], '', /Cannot use a variable: expected -v name=value/],
  [['{ a }', '--args-file', 'x.json'], '', /it does not take --args-file; give the variables with --variables FILE/],
  [['{ a }', '--pagnate'], '', /unknown flag --pagnate; did you mean --paginate\?/],
  [['query A { a } query B { b }'], '', /has 2 operations \("A", "B"\); .* with --operation on the command line/],
  [['mutation M { m }', '--paginate'], '', /Cannot page through a mutation/],
  [['subscription S { s }'], '', /Cannot send the subscription "S"/],
] as const) {
  query(`refused before anything is sent: query ${args.join(' ')} ${stdin && `< ${stdin}`}`, () =>
    queried(
      args,
      [],
      ({ status, stdout, stderr }) => {
        assert.equal([status, stdout], [2, ''], stderr)
        assert.match(stderr, message)
        assert.not.match(stderr, /\n {4}at /)
      },
      { stdin },
    ),
  )
}

query('--operation chooses one of several', () =>
  queried(['query A { a } query B { b }', '--operation', 'B'], [{ body: { data: { b: 1 } } }], (result, { sent }) => {
    assert.is(result.status, 0)
    assert.is(sent()[0]!.operationName, 'B')
  }),
)

const LIST = `query L($page: Int!, $size: Int, $since: DateTime!) {
  actions(page: { number: $page, size: $size }, filter: { createdSince: $since }) { hasNextPage items { id name } }
}`
const page = (hasNextPage: boolean, ...ids: number[]) => ({
  body: { data: { actions: { hasNextPage, items: ids.map((id) => ({ id, name: `n${id}` })) } } },
})

query('--paginate prints the items of every page as rows', () =>
  queried(
    [LIST, '--paginate', '-v', 'since=2026-11-01', '-v', 'size=2', '--format', 'csv'],
    [page(true, 1, 2), page(false, 3)],
    ({ status, stdout, stderr }, { sent }) => {
      assert.equal([status, stdout, stderr], [0, 'id,name\n1,n1\n2,n2\n3,n3\n', ''])
      assert.equal(
        sent().map(({ variables }) => variables),
        [
          { since: '2026-11-01', page: 1, size: 2 },
          { since: '2026-11-01', page: 2, size: 2 },
        ],
      )
    },
  ),
)

query('--paginate that fails midway keeps its rows in the partial file, and exits with 4', () =>
  queried(
    [LIST, '--paginate', '-v', 'since=2026-11-01', '--out', 'rows.xlsx'],
    [page(true, 1), { body: { errors: [{ message: 'no more' }], data: null } }],
    async ({ status, stdout, stderr }, { dir }) => {
      assert.equal([status, stdout], [4, ''])
      assert.match(stderr, /no more/)
      assert.not(existsSync(join(dir, 'rows.xlsx')))
      assert.equal((await readExcelFile(join(dir, 'rows.xlsx.partial')))[0]?.data[1], [1, 'n1'])
    },
  ),
)

query('GraphQL errors exit with 4, and partial data is not printed', () =>
  queried(
    ['query Q($name: String) { a(name: $name) b }', '-v', 'name=pr1vate'],
    [{ body: { data: { a: null, b: 2 }, errors: [{ message: 'no pr1vate here', path: ['a'] }] } }],
    ({ status, stdout, stderr }) => {
      assert.equal([status, stdout], [4, ''])
      assert.match(
        stderr,
        /^error: Cannot execute the query "Q" completely: a: no \[value of name\] here\. Some data arrived/,
      )
    },
  ),
)

const CREATE = 'mutation Create($n: Int) { create(n: $n) { id } }'
const created = { body: { data: { create: { id: 9 } } } }

query('a mutation shows where it writes', () =>
  queried([CREATE, '-v', 'n=1'], [created], ({ status, stderr }, { server }) => {
    assert.equal([status, stderr], [0, `Profile "default": ${server.url}\n`])
  }),
)

query('a dry run shows a mutation and sends nothing', () =>
  queried([CREATE, '-v', 'n=1', '--dry-run'], [], ({ status, stdout, stderr }) => {
    assert.equal([status, JSON.parse(stdout)], [0, { create: { id: null } }])
    assert.match(stderr, /would send the mutation "Create" with \{\n {2}"n": 1\n\}/)
  }),
)

query('a protected profile needs its name before a mutation, and not before a query', async () => {
  const env = { WFG_PROTECTED: 'true' }
  await queried(
    [CREATE],
    [],
    ({ status, stdout, stderr }) => {
      assert.equal([status, stdout], [7, ''])
      assert.match(stderr, /the profile "default" is protected, and nobody can confirm it\. Nothing was sent/)
    },
    { env },
  )
  await queried([CREATE, '--confirm', 'default'], [created], ({ status }) => assert.is(status, 0), { env })
  await queried([VIEWER], [viewer], ({ status }) => assert.is(status, 0), { env })
})

query('--timeout ends it with 124, and Ctrl-C with 130', async () => {
  const check = ({ status, stdout, stderr }: CliResult) => {
    assert.equal([status, stdout], [124, ''])
    assert.match(stderr, /The time of 3 s for this run \(--timeout\) is over\./)
  }
  await queried([VIEWER, '--timeout', '3'], [{ fault: 'stall' }], check, { isStarted: true })
  if (!SENDS_SIGNALS) return notRun(NO_SIGNALS)
  const server = await scriptedServer([TOKEN, page(true, 1), { fault: 'stall' }])
  const { dir, cleanup } = project(FILES)
  const home = temporaryFolder()
  try {
    writeFileSync(join(dir, 'list.graphql'), LIST)
    const args = ['query', '@list.graphql', '--paginate', '-v', 'since=2026-11-01']
    const run = running(join(dir, 'tasks.ts'), args, {
      cwd: dir,
      home,
      env: { ...settingsFor(server), WFG_TOKEN_CACHE: 'disk' },
    })
    await run.shows(/n1/)
    run.signal('SIGINT')
    const { status, stdout, stderr } = await run.ended
    assert.equal([status, stdout], [130, '{"id":1,"name":"n1"}\n'])
    assert.match(stderr, /Stopping\. .*\nInterrupted\.\n$/)
  } finally {
    await server.destroy()
    cleanup()
    rmSync(home, { recursive: true })
  }
})

query.run()
