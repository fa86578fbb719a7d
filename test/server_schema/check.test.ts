import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project, REPOSITORY, runCli } from '../_cli.ts'
import { LINKS, NO_LINKS } from '../_links.ts'
import { notRun } from '../_not_run.ts'
import { htmlPage } from '../_replies.ts'
import { TOKEN, TOKEN_TEXT } from '../cli/_configured.ts'
import { here } from '../cli/_here.ts'
import { SDL, TASKS, text, withSchema } from './_schema.ts'

const check = suite('server_schema/check')

const SCHEMA = 'scripts/.schema/default.graphql'

/** Runs `schema check` on these scripts, with a schema that was pulled; what it prints, without the last line. */
async function checked(files: Readonly<Record<string, string>>, ...args: string[]) {
  const made = project({ 'tasks.ts': TASKS, [SCHEMA]: SDL, '.env': 'WFG_TIMEOUT_MS=1', ...files })
  try {
    const result = await here(made.dir, ['schema', 'check', ...args])
    const [last = '', ...lines] = result.stdout.trimEnd().split('\n').reverse()
    return { ...result, lines: lines.reverse(), last }
  } finally {
    made.cleanup()
  }
}

check('finds every form of a document, and reports place, rule and suggestion', async () => {
  const { status, lines, last, stderr } = await checked({
    'scripts/tag.ts': "import { gql } from '#wfg'\nexport const A = gql`\n  query A { viewer { userNme } }\n`\n",
    'scripts/call.ts': "const A = gql('{ users(pge: { number: 1 }) { hasNextPage } }')\n",
    'scripts/given.ts': `// wfg('{ nope1 }')
const text = \`{ nope2 }\`
export default defineScript({
  async run({ wfg, wfg: client }) {
    /* wfg('{ nope3 }') */ const notOne = 'query { nope4 }'
    const quotient = 4 / 2; const r = /wfg\\('{ nope5 }'\\)/
    await wfg('{ nope6 }', { a: { b: [1] } })
    await client.execute('{ nope7 }')
    for await (const x of wfg.paginate("{ nope8 }")) log(\`\${await wfg(\`{ nope9 }\`)}\`)
    await wfg(text)
  },
})
`,
    'scripts/template.ts': `const other = createWfg({ profile: 'test' })
await wfg\`query { users(page: \${page}, name: \${names.map((n) => \`\${n}\`)[0]}) { hasNextPage nope } }\`
await other\`{ users(size: \${1}) { hasNextPage } }\`
`,
    'scripts/reports/deep.graphql': 'query Deep {\n  viewer {\n    nope\n  }\n}\n',
    'scripts/node_modules/x.ts': "gql('{ nope }')",
    'scripts/x.test.ts': "gql('{ nope }')",
    'scripts/.hidden/x.ts': "gql('{ nope }')",
  })
  assert.equal([status, stderr], [1, ''])
  const nope = (n: number) => `error FieldsOnCorrectType: Cannot query field "nope${n || ''}" on type`
  assert.equal(
    lines.map((line) => line.replace(/( on type) .*/, '$1')),
    [
      'scripts/call.ts:1:24 error KnownArgumentNames: Unknown argument "pge" on field "Query.users". Did you mean "page"?'.replace(
        ':24',
        ':24',
      ),
      `scripts/given.ts:2:17 ${nope(2)}`,
      `scripts/given.ts:7:18 ${nope(6)}`,
      `scripts/given.ts:8:29 ${nope(7)}`,
      `scripts/given.ts:9:43 ${nope(8)}`,
      `scripts/given.ts:9:74 ${nope(9)}`,
      `scripts/reports/deep.graphql:3:5 ${nope(0)}`,
      'scripts/tag.ts:3:22 error FieldsOnCorrectType: Cannot query field "userNme" on type',
      `scripts/template.ts:2:92 ${nope(0)}`,
      'scripts/template.ts:3:21 error KnownArgumentNames: Unknown argument "size" on field "Query.users".',
    ],
  )
  assert.match(last, /^10 documents against "scripts.\.schema.default\.graphql": 10 errors, 0 warnings\.$/)
})

check('follows fragments across files, and reports an error in one once, where it is written', async () => {
  const FILES = {
    'scripts/_fragments.ts': `import { gql } from '#wfg'
export const Names = gql\`fragment Names on User { userName ...More }\`
export const More = gql('fragment More on User { nope }')
`,
    'scripts/a.ts': `import { Names as N } from './_fragments.ts'
import * as all from './_fragments.ts'
export const A = gql\`{ viewer { ...Names } } \${N} \${all.More}\`
`,
    'scripts/b.ts': `import { More } from './again.ts'
wfg(gql('{ viewer { ...More } }', More))
wfg\`{ viewer { ...More } } \${More}\`
`,
    'scripts/again.ts': "export { More } from './_fragments.ts'\n",
    'scripts/c.ts': `gql\`{ viewer { ...Names } }\`
gql\`{ viewer { id } } \${Unknown}\`
const Own = \`fragment Own on User { id }\`
wfg(\`{ viewer { ...Own } } \${Own}\`)
`,
    'scripts/d.graphql': '{ viewer { ...Names ...Elsewhere } }',
    'scripts/e.graphql': 'fragment Elsewhere on User { id }',
    'scripts/f.graphql': '{ viewer { ...Nowhere } }',
  }
  const { status, lines } = await checked(FILES)
  assert.is(status, 1)
  assert.equal(lines, [
    'scripts/_fragments.ts:3:50 error FieldsOnCorrectType: Cannot query field "nope" on type "User".',
    'scripts/c.ts:1:19 error KnownFragmentNames: Unknown fragment "Names".',
    'scripts/f.graphql:1:15 error KnownFragmentNames: Unknown fragment "Nowhere".',
  ])
})

check(
  'values in a template may have any type, and a text that the run puts together is reported as not checked',
  async () => {
    const { status, lines } = await checked({
      'scripts/a.ts': `await wfg\`query Q($name: String) { a: users(name: \${x}, page: { number: \${y}, size: \${z} }) { hasNextPage } b: users(name: $name) { items { id } } }\`
await wfg(\`{ users(name: "\${name}") { hasNextPage } }\`)
await wfg(\`{ \${fields.join(' ')} }\`)
const escaped = gql('{ users(name: "\\u0041\\\\"") { hasNextPage\\n nope } }')
`,
    })
    assert.is(status, 1)
    assert.match(
      lines[0]!,
      /^scripts\/a\.ts:3:12 warning NotChecked: This document is put together when the script runs/,
    )
    assert.match(lines[1]!, /^scripts\/a\.ts:4:\d+ error FieldsOnCorrectType: /)
    assert.is(lines.length, 2)
  },
)

check('two mistakes of a document, what cannot be read, and what is deprecated', async () => {
  const { status, lines } = await checked({
    'scripts/a.ts': "gql('{ viewer { a b } }')\r\ngql(`{\r\n  viewer {`)\r\n",
    'scripts/b.ts': 'const x = `open\n',
    'scripts/c.ts': 'f({ a: 1 ]\n',
    'scripts/d.graphql': '{ viewer { loginName } }',
    'scripts/e.ts': "\nwfg('')",
  })
  assert.is(status, 1)
  assert.equal(lines, [
    'scripts/a.ts:1:17 error FieldsOnCorrectType: Cannot query field "a" on type "User".',
    'scripts/a.ts:1:19 error FieldsOnCorrectType: Cannot query field "b" on type "User".',
    'scripts/a.ts:3:11 error Syntax: Syntax Error: Expected Name, found <EOF>.',
    'scripts/b.ts:1:12 error ScriptSyntax: Cannot read the script: Unterminated template.',
    'scripts/c.ts:1:10 error ScriptSyntax: Cannot read the script: Unexpected token.',
    'scripts/d.graphql:1:12 warning NoDeprecated: The field User.loginName is deprecated. Use userName.',
    'scripts/e.ts:2:6 error Syntax: Syntax Error: Unexpected <EOF>.',
  ])
  assert.is((await checked({ 'scripts/d.graphql': '{ viewer { loginName } }' })).status, 0)
})

check(
  'a client that is made, extended or optional, a document that is chosen, and one that is put together',
  async () => {
    const { lines } = await checked({
      'scripts/a.ts': `wfg.extend({ dryRun: true })('{ nope1 }')
wfg.extend({ a: { b: 1 } }).extend({}).paginate('{ nope2 }')
await createWfg({ profile: 'x' })\`{ nope3 }\`
wfg<Data, { a: List<Vars> }>('{ nope4 }')
gql<X, { b: () => void }>('{ nope5 }')
wfg?.('{ nope6 }')
wfg('{ nope7 }' as const)
wfg(kind === 'all' ? '{ nope8 }' : Other); const Other = '{ nope9 }'
wfg('{ viewer {' + fields + '} }')
const Long = 'query {' + ' viewer { id } }'
wfg(Long)
wfg.other('{ nope }'); other('{ nope }'); wfg(make('{ nope }'))
`,
    })
    assert.equal(
      lines.map((line) =>
        line.replace(
          /^scripts.a\.ts:(\d+):\d+ (?:error|warning) (\w+): .*?(nope\d|when the script runs).*/,
          '$1 $2 $3',
        ),
      ),
      [
        ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${n} FieldsOnCorrectType nope${n}`),
        '8 FieldsOnCorrectType nope9',
        '9 NotChecked when the script runs',
        '10 NotChecked when the script runs',
      ],
    )
  },
)

check('a client by another name, texts of one name in several functions, and texts in an object', async () => {
  const { lines } = await checked({
    'scripts/_texts.ts': "export const Texts = { first: 'query { nope1 }', second: '{ nope }', hello: 'hello' }\n",
    'scripts/a.ts': `import { Texts } from './_texts.ts'
const client = wfg
client('{ nope2 }')
const ask = (api: Wfg) => api\`{ nope3 }\`
const answer = (via = wfg) => via('{ nope4 }')
function one() { const query = '{ nope5 }'; wfg(query) }
function two() { const query = '# all\\n{ nope6 }'; wfg.execute(query) }
function three() { const query = 'hello'; return query }
const own = { a: '{ nope7 }', b: 'hello', c: '{ nope }' }
const Chosen: string = kind === 'all' && f(1) ? '{ nope8 }' : kind === 'hello' ? 'hello' : '{ nope9 }'
wfg(Chosen)
const field = kind === 'all' ? 'nope' : other(); wfg(\`{ viewer { \${field} } }\`)
wfg(own.a); wfg(own.b); wfg(Texts.first); wfg(Texts.hello)
`,
  })
  assert.equal(
    lines.map((line) =>
      line.replace(
        /^scripts.(\w+)\.ts:(\d+):\d+ (?:error FieldsOnCorrectType: .*|warning )(nope\d|NotChecked).*/,
        '$1 $2 $3',
      ),
    ),
    [
      '_texts 1 nope1',
      'a 3 nope2',
      'a 4 nope3',
      'a 5 nope4',
      'a 6 nope5',
      'a 7 nope6',
      'a 9 nope7',
      'a 10 nope8',
      'a 10 nope9',
      'a 12 NotChecked',
    ],
  )
})

check('reports missing, unused and repeated fragments if all fragments of the document are known', async () => {
  const { lines } = await checked({
    'scripts/_names.ts':
      "export const Names = gql`fragment Names on User { userName }`\nexport const Same = gql('fragment Names on User { userName }')\nexport const Other = gql`fragment Names on User { id }`\n",
    'scripts/a.ts': `import { Elsewhere } from 'a-package'
import { Names, Other, Same } from './_names.ts'
gql\`{ viewer { id } } \${Names}\`
gql\`{ viewer { ...Names } } \${Names} \${Same}\`
gql\`{ viewer { ...Names } } \${Names} \${Other}\`
gql\`query Q($n: Int) { viewer { ...Elsewhere } } \${Elsewhere}\`
gql\`query Q($n: Int) { viewer { ...Names } } \${Names}\`
`,
  })
  assert.equal(
    lines.map((line) => line.replace(/^scripts.a\.ts:/, '')),
    [
      '3:5 error NoUnusedFragments: Fragment "Names" is never used.',
      '5:5 error UniqueFragmentNames: There can be only one fragment named "Names".',
      '7:13 error NoUnusedVariables: Variable "$n" is never used in operation "Q".',
    ],
  )
})

check('a value in the default of a variable may have any type', async () => {
  const { status, lines } = await checked({
    'scripts/a.ts': `await wfg\`query Q($n: Int = \${5}, $p: PageInput = { size: \${1} }, $name: String = "\${x}") {
  users(page: $p, name: $name) { items { id @include(if: \${on}) } } more: users(page: { number: $n }) { nope }
}\`
await wfg\`\${Fragments} query { viewer { id ...Names } }\`
`,
  })
  assert.is(status, 1)
  assert.equal(lines, ['scripts/a.ts:2:105 error FieldsOnCorrectType: Cannot query field "nope" on type "Users".'])
})

check('an operation type that the schema lacks', async () => {
  const { status, lines } = await checked({ 'scripts/a.ts': "gql('mutation M { createRequest { id } }')" })
  assert.is(status, 1)
  assert.equal(lines, [
    'scripts/a.ts:1:6 error KnownOperationTypes: The mutation operation is not supported by the schema.',
  ])
})

check('reports a file that cannot be read, and checks the others', async () => {
  if (!LINKS.file) return notRun(NO_LINKS)
  const made = project({
    'tasks.ts': TASKS,
    [SCHEMA]: SDL,
    '.env': 'WFG_TIMEOUT_MS=1',
    'scripts/a.ts': "gql('{ nope }')",
  })
  try {
    symlinkSync(join(made.dir, 'nowhere.ts'), join(made.dir, 'scripts', 'b.ts'))
    symlinkSync(join(made.dir, 'scripts'), join(made.dir, 'scripts', 'c.graphql'))
    const { status, stdout, stderr } = await here(made.dir, ['schema', 'check'])
    assert.equal([status, stderr], [1, ''])
    assert.match(
      stdout,
      /^scripts.a\.ts:1:8 error .*\nscripts.b\.ts:1:1 error Unreadable: Cannot read the file: the system says ENOENT\.\nscripts.c\.graphql:1:1 error Unreadable: .* EISDIR\.\n1 document /,
    )
  } finally {
    made.cleanup()
  }
})

check('--json, and annotations of GitHub Actions', async () => {
  const made = project({
    'tasks.ts': TASKS,
    [SCHEMA]: SDL,
    '.env': 'WFG_TIMEOUT_MS=1',
    'scripts/a.ts': "gql('{ viewer { userNme loginName } }')",
  })
  try {
    const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: join(made.dir, '..') }
    const { status, stdout, stderr } = await here(made.dir, ['schema', 'check', '--json'], { env, cwd: 'scripts' })
    assert.is(status, 1)
    assert.equal(JSON.parse(stdout)[0], {
      file: 'a.ts',
      line: 1,
      column: 17,
      severity: 'error',
      rule: 'FieldsOnCorrectType',
      message: 'Cannot query field "userNme" on type "User".',
      suggestion: 'Did you mean "userName"?',
    })
    assert.match(
      stderr,
      /^::error file=[^,]*test-[^/]*\/scripts\/a\.ts,line=1,col=17,title=FieldsOnCorrectType::Cannot query field "userNme"/,
    )
    assert.match(
      stderr,
      /\n::warning file=[^,]*,line=1,col=25,title=NoDeprecated::The field User\.loginName is deprecated\. Use userName\.\n$/,
    )
  } finally {
    made.cleanup()
  }
})

check('another schema: a file, a profile, or an address; only the own server gets the token', () =>
  withSchema(
    [text(SDL), TOKEN, text(SDL)],
    { [SCHEMA]: SDL, 'scripts/a.ts': "gql('{ viewer { id } }')", 'next.graphql': 'type Query { a: Int }' },
    async ({ server, schema, project: made }) => {
      assert.match(
        (await schema('check', '--against', 'next.graphql')).stdout,
        /a\.ts:1:8 error .*\n1 document against "next\.graphql": 1 error, /,
      )
      assert.match((await schema('check', '--against', 'default')).stdout, /: all fit\.\n$/)
      // The profile, whatever folder has its name.
      mkdirSync(join(made.dir, 'default'))
      assert.match((await schema('check', '--against', 'default')).stdout, /: all fit\.\n$/)
      const other = await here(made.dir, ['schema', 'check', '--against', `${server.url}/schema`])
      assert.match(other.stdout, /: all fit\.\n$/)
      const own = await schema('check', '--against', `${server.url}/wfgen/graphql/schema`)
      assert.match(own.stdout, /: all fit\.\n$/)
      const asked = server.requests.filter(({ method }) => method === 'GET')
      assert.equal(
        asked.map(({ headers }) => headers['authorization']),
        [undefined, `Bearer ${TOKEN_TEXT}`],
      )
    },
  ),
)

check('reports a schema that cannot be used in one paragraph', async () => {
  const cases: readonly (readonly [Record<string, string>, string[], RegExp])[] = [
    [
      { [SCHEMA]: 'type Query {' },
      [],
      /^error: Cannot use "scripts.\.schema.default\.graphql": it is not a schema definition \(Syntax Error: [^\n]*\); expected what `schema pull` writes\.\n$/,
    ],
    [
      {},
      ['--profile', 'test'],
      /^error: Cannot find the schema of the profile "test": none was pulled to "scripts.\.schema"; pull it first, with `.*schema pull --profile test`\.\n$/,
    ],
    [
      { 'scripts/.schema/test.graphql': SDL },
      ['--profile', 'tets'],
      /none was pulled to .*; did you mean "test"\? pull it/,
    ],
    [
      { 'scripts/other.graphql': SDL },
      ['--profile', '../other'],
      /Cannot find the schema of the profile "\.\.\/other": none was/,
    ],
    [
      {},
      ['--against', 'nowhere.graphql'],
      /^error: Cannot find the schema "nowhere\.graphql": no file and no pulled profile has this name; /,
    ],
    [{}, ['x'], /it takes no arguments/],
    [{}, ['--jsno'], /unknown flag --jsno; did you mean --json\?/],
  ]
  for (const [files, args, told] of cases) {
    const { status, stdout, stderr } = await checked(files, ...args)
    assert.equal([status, stdout], [2, ''])
    assert.match(stderr, told)
  }
  await withSchema([htmlPage(404), htmlPage(404)], {}, async ({ server, project: made }) => {
    const { status, stderr } = await here(made.dir, ['schema', 'check', '--against', `${server.url}/x`])
    assert.is(status, 4)
    assert.match(
      stderr,
      /^error: Cannot read the schema: "http:.*\/x" answered 404 with an HTML page .*; expected a schema definition\. [^\n]*\n$/,
    )
  })
})

check('without settings, checks against the schema that types the scripts, as in this repository', async () => {
  const { status, stdout } = await runCli(['schema', 'check'], { env: { CI: 'true' }, cwd: REPOSITORY })
  assert.is(status, 0, stdout)
  assert.match(stdout, /^\d\d documents against "scripts.\.schema.sandbox\.graphql": all fit\.\n$/)
})

check('checks 200 scripts', async () => {
  const made = project({ 'tasks.ts': TASKS, [SCHEMA]: SDL, '.env': 'WFG_TIMEOUT_MS=1' })
  try {
    for (let n = 0; n < 200; n++) {
      const other = n === 0 ? '' : `import { F${n - 1} } from './s${n - 1}.ts'\n`
      const fragment = `export const F${n} = gql\`fragment F${n} on User { id userName }\`\n`
      const source = `${other}${fragment}export const Q = gql\`query Q { viewer { ...F${Math.max(0, n - 1)} } } \${F${Math.max(0, n - 1)}}\`\nwfg('{ nope }')\n`
      writeFileSync(join(made.dir, 'scripts', `s${n}.ts`), source)
    }
    const { stdout, stderr } = await here(made.dir, ['schema', 'check'])
    assert.is(stderr, '')
    assert.match(stdout, /\n600 documents against .*: 200 errors, 0 warnings\.\n$/)
  } finally {
    made.cleanup()
  }
})

check.run()
