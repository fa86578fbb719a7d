import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project } from '../_cli.ts'
import { TOKEN } from '../cli/_configured.ts'
import { here } from '../cli/_here.ts'
import { SDL, TASKS, text, withSchema } from './_schema.ts'

const diff = suite('server_schema/diff')

const BEFORE = `
type Query { users(page: Int, filter: Filter): [User] gone: Int other: Other state: State }
type Mutation { make(input: Make!): User }
input Filter { name: String age: Int }
input Make { name: String inner: Filter }
type User { id: ID name: String secret: String }
type Other { id: ID }
enum State { OPEN CLOSED }
`
const AFTER = `
type Query { users(page: Int!, filter: Filter, tenant: ID!): [User] state: State more: Int }
type Mutation { make(input: Make!): User }
input Filter { name: String }
input Make { name: String inner: Filter need: Int! }
type User { id: ID! name: Int secret: String }
enum State { OPEN CLOSED PAUSED }
`
const FILES = {
  'tasks.ts': TASKS,
  '.env': 'WFG_TIMEOUT_MS=1',
  'scripts/.schema/prod.graphql': BEFORE,
  'scripts/.schema/test.graphql': AFTER,
  // As the folder of the tests is there in every project.
  'test/a.txt': '',
  'after.graphql': AFTER,
  'scripts/a.ts': 'gql(`{\n  users(page: 1, filter: { age: 2 }) {\n    id\n    name\n  }\n  state\n}`)\n',
  'scripts/_fragments.ts': "gql('fragment F on User { name }')\n",
  'scripts/b.ts': 'gql`mutation M($input: Make!) { make(input: $input) { id } }`\n',
}

diff('breaking changes come first, each with the scripts that it touches', async () => {
  const made = project(FILES)
  try {
    // It shows paths from the working directory, which is that of a process.
    const { status, stdout, stderr } = await made.run(['schema', 'diff', 'prod', 'after.graphql'])
    assert.equal([status, stderr], [0, ''])
    const [last, ...lines] = stdout.trimEnd().split('\n').reverse()
    const blocks = lines
      .reverse()
      .join('\n')
      .split(/\n(?=\w)/)
      .map((block) => block.split(/\n? {2,}/))
    assert.equal(blocks, [
      ['breaking', 'Argument "tenant: ID!" added to field "Query.users".', 'scripts/a.ts:2'],
      [
        'breaking',
        'Field "User.name" changed type from "String" to "Int".',
        'scripts/_fragments.ts:1',
        'scripts/a.ts:4',
      ],
      [
        'breaking',
        'Input field "age" was removed from input object type "Filter".',
        'scripts/a.ts:2',
        'scripts/b.ts:1',
      ],
      ['breaking', 'Input field "need" of type "Int!" was added to input object type "Make".', 'scripts/b.ts:1'],
      ['breaking', 'Type for argument "page" on field "Query.users" changed from "Int" to "Int!".', 'scripts/a.ts:2'],
      ['breaking', 'Field "gone" was removed from object type "Query".'],
      ['breaking', 'Field "other" was removed from object type "Query".'],
      ['breaking', 'Type "Other" was removed.'],
      ['dangerous', 'Enum value "PAUSED" was added to enum "State".', 'scripts/a.ts:6'],
      ['safe', 'Field "User.id" changed type from "ID" to "ID!".'],
      ['safe', 'Field "more" was added to object type "Query".'],
    ])
    assert.match(
      last!,
      /^11 changes from "scripts.\.schema.prod\.graphql" to "after\.graphql": 8 breaking, 3 files touched\.$/,
    )
    const json = JSON.parse((await here(made.dir, ['schema', 'diff', 'prod', 'after.graphql', '--json'])).stdout)
    assert.equal(json[3], {
      severity: 'breaking',
      coordinate: 'Make.need',
      message: 'Input field "need" of type "Int!" was added to input object type "Make".',
      touches: [{ file: 'scripts/b.ts', line: 1 }],
    })
    assert.match((await here(made.dir, ['schema', 'diff', 'prod', 'prod'])).stdout, /^Nothing changed from /)
    const profiles = await here(made.dir, ['schema', 'diff', 'prod', 'test'])
    assert.match(
      profiles.stdout,
      /^breaking [\s\S]*\n11 changes from "[^"]*scripts.\.schema.prod\.graphql" to "[^"]*scripts.\.schema.test\.graphql": 8/,
    )
    const files = await here(made.dir, ['schema', 'diff', './scripts/.schema/prod.graphql', 'after.graphql'])
    assert.match(
      files.stdout,
      /\n11 changes from "[^"]*scripts.\.schema.prod\.graphql" to "[^"]*after\.graphql": 8 breaking/,
    )
  } finally {
    made.cleanup()
  }
})

diff('the places are in order of their files, whatever was read first', async () => {
  const made = project({
    'tasks.ts': TASKS,
    'before.graphql': 'type Query { a: A } type A { b: Int }',
    'after.graphql': 'type Query { a: A } type A { c: Int }',
    'scripts/a.ts': `import { F } from './f.ts'\ngql\`{ a { b } }\`\ngql\`{ a { ...F } } \${F}\`\ngql\`{ a { b } }\`\n`,
    'scripts/f.ts': 'export const F = gql`fragment F on A { b }`',
    'scripts/g.graphql': '{ a { b } }',
  })
  try {
    const { stdout } = await here(made.dir, ['schema', 'diff', 'before.graphql', 'after.graphql', '--json'])
    const [{ touches }] = JSON.parse(stdout)
    assert.equal(
      touches.map(({ file, line }: { file: string; line: number }) => `${file}:${line}`),
      ['scripts/a.ts:2', 'scripts/a.ts:4', 'scripts/f.ts:1', 'scripts/g.graphql:1'],
    )
  } finally {
    made.cleanup()
  }
})

diff('another default touches those who leave the value out too', async () => {
  const schema = (size: number) =>
    `type Query { a(size: Int = ${size}, page: Page): Int } input Page { size: Int = ${size} }`
  const made = project({
    ...FILES,
    'a.graphql': schema(1),
    'b.graphql': schema(2),
    'scripts/a.ts': "gql('{ a }')\ngql('{ a(size: 1, page: {}) }')\n",
    'scripts/b.ts': '',
    'scripts/_fragments.ts': '',
  })
  try {
    const { stdout } = await here(made.dir, ['schema', 'diff', 'a.graphql', 'b.graphql'])
    const blocks = stdout.split(/\n(?=\w)/).map((block) => block.split(/\n? {2,}/))
    assert.equal(blocks.map(([severity, , ...places]) => [severity, ...places]).slice(0, 2), [
      ['dangerous', 'scripts/a.ts:1', 'scripts/a.ts:2'],
      ['dangerous', 'scripts/a.ts:2'],
    ])
  } finally {
    made.cleanup()
  }
})

diff('between a file and a server', () =>
  withSchema([TOKEN, text(SDL)], { 'old.graphql': 'type Query { viewer: Int }' }, async ({ server, schema }) => {
    const { status, stdout } = await schema('diff', 'old.graphql', `${server.url}/wfgen/graphql/schema`)
    assert.is(status, 0)
    assert.match(stdout, /^breaking {3}Field "Query\.viewer" changed type from "Int" to "User"\.\n/)
  }),
)

diff('what cannot be compared is told in one paragraph', async () => {
  const made = project({ ...FILES, 'broken.graphql': 'type Query {' })
  try {
    for (const [args, told] of [
      [['prod'], /Cannot compare schemas: 1 was given; expected two, each a file, an address, or a profile/],
      [['prod', 'a', 'b'], /3 were given/],
      [['prod', 'tset'], /Cannot find the schema "tset": no file and no pulled profile has this name/],
      [['prod', 'broken.graphql'], /Cannot use "[^"]*broken\.graphql": it is not a schema definition \(Syntax Error/],
    ] as const) {
      const { status, stderr } = await here(made.dir, ['schema', 'diff', ...args])
      assert.is(status, 2)
      assert.match(stderr, told)
      assert.match(stderr, /^error: [^\n]*\n$/)
    }
  } finally {
    made.cleanup()
  }
})

diff.run()
