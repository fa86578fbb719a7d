import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, getIntrospectionQuery, graphqlSync, type IntrospectionQuery, printSchema } from 'graphql'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { schemaText } from '../../runtime/sandbox/graphql/schema.ts'
import { typesText } from '../../runtime/server_schema/types_file.ts'
import { REPOSITORY } from '../_cli.ts'
import { htmlPage } from '../_replies.ts'
import type { ScriptedReply } from '../_server.ts'
import { TOKEN, TOKEN_TEXT } from '../cli/_configured.ts'
import { here } from '../cli/_here.ts'
import { introspection, SDL, text, withSchema } from './_schema.ts'

const pull = suite('server_schema/pull')

pull('keeps the definition as it is served and its types, asks as the user, and writes what changed alone', () =>
  withSchema([TOKEN, text(SDL), TOKEN, text(SDL), TOKEN, text(`${SDL}type More { id: ID }`)], {}, async (pulled) => {
    const first = await pulled.started('pull')
    assert.equal([first.status, first.stderr], [0, ''])
    assert.match(
      first.stdout,
      /^4 types from "http:.*\/wfgen\/graphql\/schema"; written: "scripts.\.schema.default\.graphql", /,
    )
    assert.is(pulled.file('default.graphql'), SDL)
    assert.match(
      pulled.file('default.d.ts')!,
      /'users': \{ name: 'users'; .* args: \{ 'page': 'PageInput'; 'name': 'String' \}/,
    )
    assert.match(pulled.file('_gql.d.ts')!, /from '\.\/default\.d\.ts'/)
    const [, request] = pulled.server.requests
    assert.equal(
      [request!.method, request!.path, request!.headers['authorization']],
      ['GET', '/wfgen/graphql/schema', `Bearer ${TOKEN_TEXT}`],
    )
    const paths = ['default.graphql', 'default.d.ts', '_gql.d.ts'].map((name) =>
      join(pulled.project.dir, 'scripts', '.schema', name),
    )
    const times = () => paths.map((path) => statSync(path).mtimeMs)
    const before = times()
    assert.match((await pulled.schema('pull')).stdout, /; unchanged: "scripts.\.schema.default\.graphql"\.\n$/)
    assert.equal(times(), before)
    const changed = await pulled.schema('pull')
    assert.match(changed.stdout, /written: "scripts.\.schema.default\.graphql", "scripts.\.schema.default\.d\.ts"\.\n$/)
  }),
)

pull('asks the server for itself where it serves no definition, and then keeps comments that are there', () =>
  withSchema(
    [TOKEN, htmlPage(404), introspection(SDL), TOKEN, text(SDL), TOKEN, htmlPage(), introspection(SDL)],
    {},
    async (pulled) => {
      const { status, stdout } = await pulled.schema('pull')
      assert.is(status, 0)
      assert.match(stdout, /^4 types from the introspection of "http:.*\/wfgen\/graphql"; written: /)
      assert.is(pulled.file('default.graphql'), `${printSchema(buildSchema(SDL))}\n`)
      await pulled.schema('pull')
      assert.is(pulled.file('default.graphql'), SDL)
      assert.match((await pulled.schema('pull')).stdout, /; unchanged: /)
      assert.is(pulled.file('default.graphql'), SDL)
    },
  ),
)

const DEPRECATED = `type Query { users(name: String @deprecated, filter: Filter): Int }
input Filter { old: Int @deprecated(reason: "No.") new: Int }
`

/** Answers what is asked, as a server does. */
const introspected: ScriptedReply = ({ body }) => ({
  body: graphqlSync({ schema: buildSchema(DEPRECATED), source: (JSON.parse(body) as { query: string }).query }),
})

pull(
  'arguments and input fields that are deprecated are asked for, but where a server knows nothing of that',
  async () => {
    await withSchema([TOKEN, htmlPage(404), introspected], {}, async (pulled) => {
      assert.is((await pulled.schema('pull')).status, 0)
      assert.is(pulled.file('default.graphql'), `${printSchema(buildSchema(DEPRECATED))}\n`)
    })
    const message = 'Unknown argument "includeDeprecated" on field "__Type.inputFields".'
    const refused = { status: 400, body: { errors: [{ message }] } }
    await withSchema([TOKEN, htmlPage(404), refused, introspected], {}, async (pulled) => {
      const { status, stderr } = await pulled.schema('pull')
      assert.equal([status, stderr], [0, ''])
      assert.match(pulled.file('default.graphql')!, /users\(filter: Filter\)/)
    })
  },
)

pull('a server that hides so much of itself that nothing is a schema any more is told, and nothing is written', () => {
  const answer = graphqlSync({ schema: buildSchema(SDL), source: getIntrospectionQuery() })
  const { __schema } = answer.data as unknown as IntrospectionQuery
  const types = __schema.types.map((type) => (type.name === 'Users' ? { ...type, fields: [] } : type))
  const body = { data: { __schema: { ...__schema, types } } }
  return withSchema([TOKEN, htmlPage(404), { body }], {}, async (pulled) => {
    const { status, stderr } = await pulled.schema('pull')
    assert.is(status, 4)
    assert.match(stderr, /the introspection of .* failed: Type Users must define one or more fields; expected/)
    assert.is(pulled.file('default.graphql'), undefined)
  })
})

const NO_INTROSPECTION = { status: 400, body: { errors: [{ message: 'Introspection is off.' }] } }

pull('says in one paragraph why neither way led to a schema, and leaves the former files', async () => {
  const cases = [
    [
      [htmlPage(200, 'Log in'), htmlPage(200, 'Log in')],
      /answered 200 with an HTML page titled "Log in", and the introspection of .* failed: 200 with an HTML page titled "Log in"; expected/,
    ],
    [
      [htmlPage(404, 'None'), NO_INTROSPECTION],
      /answered 404 with an HTML page titled "None", and the introspection of .* failed: Introspection is off; expected/,
    ],
    [
      [text('type Query { viewer: Nobody }'), NO_INTROSPECTION],
      /answered text that is not a schema definition \(Unknown type "Nobody"\), and/,
    ],
    [
      [text('type Query {'), NO_INTROSPECTION],
      /answered text that is not a schema definition \(Syntax Error: .*\), and/,
    ],
    [[text('{"errors":[{"message":"No rights."}]}', 403), NO_INTROSPECTION], /answered 403: No rights\., and/],
  ] as const
  for (const [replies, told] of cases) {
    await withSchema([TOKEN, ...replies], { 'scripts/.schema/default.graphql': SDL }, async (pulled) => {
      const { status, stdout, stderr } = await pulled.schema('pull')
      assert.equal([status, stdout], [4, ''])
      assert.match(stderr, told)
      assert.match(stderr, /^error: Cannot read the schema: [^\n]*Files pulled before are unchanged\.\n$/)
      assert.is(pulled.file('default.graphql'), SDL)
      assert.is(pulled.file('default.d.ts'), undefined)
    })
  }
})

pull('a token that WorkflowGen refuses is renewed once, and then its own error says what to look at', () =>
  withSchema([TOKEN, htmlPage(401), TOKEN, htmlPage(401), htmlPage(401), TOKEN, htmlPage(401)], {}, async (pulled) => {
    const { status, stderr } = await pulled.schema('pull')
    assert.is(status, 3, stderr)
    assert.match(stderr, /the identity provider accepted the client and WorkflowGen did not; .*Non-interactive Client/)
    assert.is(pulled.file('default.graphql'), undefined)
  }),
)

pull('no answer at all is told as such', () =>
  withSchema([TOKEN, { fault: 'reset-after-request' }], {}, async (pulled) => {
    const { status, stderr } = await pulled.schema('pull')
    assert.is(status, 4)
    assert.match(
      stderr,
      /^error: Cannot read the schema: no answer from "http:.*\/schema": .* Check the address \(WFG_GRAPHQL_URL\)/,
    )
  }),
)

pull('the first profile types the scripts, a server after the sandbox, and what a person chose stays', async () => {
  const choice = (profile: string) => `import type { introspection } from './${profile}.d.ts'\n`
  for (const [before, after] of [
    ['sandbox', 'default'],
    ['test', 'test'],
    ['default', 'default'],
  ] as const) {
    await withSchema([TOKEN, text(SDL)], { 'scripts/.schema/_gql.d.ts': choice(before) }, async (pulled) => {
      await pulled.schema('pull')
      assert.match(pulled.file('_gql.d.ts')!, new RegExp(`'\\./${after}\\.d\\.ts'`))
    })
  }
})

pull('a dry run, and a folder that is none, leave everything as it was', async () => {
  await withSchema([TOKEN, text(SDL)], {}, async (pulled) => {
    const { status, stdout } = await pulled.schema('pull', '--dry-run')
    assert.is(status, 0)
    assert.match(stdout, /; would be written: "scripts.\.schema.default\.graphql", /)
    assert.is(pulled.file('default.graphql'), undefined)
  })
  await withSchema([TOKEN, text(SDL)], { 'scripts/.schema': 'a file' }, async (pulled) => {
    const { status, stderr } = await pulled.schema('pull')
    assert.is(status, 2)
    assert.match(
      stderr,
      /^error: Cannot write ".*default\.graphql": the system says E\w+; it must be a file that you may write\.\n$/,
    )
  })
})

pull('a profile whose name could be no file of types is refused before anything is asked', async () => {
  for (const [profile, found] of [
    ['_gql', 'a file of its types would replace the one that chooses among them'],
    ["it's", 'it begins with a dot, or has a space or a quote'],
  ] as const) {
    await withSchema([], { [`.env.${profile}`]: '' }, async (pulled) => {
      const { status, stderr } = await pulled.schema('pull', '--profile', profile)
      assert.equal(
        [status, stderr],
        [
          2,
          `error: Cannot pull the schema of the profile ${JSON.stringify(profile)}: ${found}; expected another name. Rename ${JSON.stringify(`.env.${profile}`)}.\n`,
        ],
      )
    })
  }
})

pull('a schema of 5000 types is pulled in seconds', async () => {
  const types = Array.from(
    { length: 5000 },
    (_, n) => `type T${n} { a: String b(x: Int!, y: [String!]): T${(n * 7) % 5000} c: [T${n}!]! }`,
  )
  await withSchema([TOKEN, text(`type Query { t: T0 }\n${types.join('\n')}\n`)], {}, async (pulled) => {
    const { status, stdout } = await pulled.started('pull')
    assert.is(status, 0)
    assert.match(stdout, /^5001 types from /)
  })
})

pull("the repository has the sandbox's schema, and its types", () => {
  const read = (name: string) => readFileSync(join(REPOSITORY, 'scripts', '.schema', name), 'utf8')
  assert.is(read('sandbox.graphql'), schemaText(false))
  assert.is(read('sandbox.d.ts'), typesText('sandbox', buildSchema(schemaText(false))))
})

pull('what else is asked of the command is refused with its usage', async () => {
  for (const [args, told] of [
    [[], /no action was given; expected schema /],
    [['pul'], /unknown action "pul"; did you mean pull\? expected schema /],
    [['pull', 'test'], /it takes no arguments\. Expected schema show/],
  ] as const) {
    const { status, stderr } = await here(REPOSITORY, ['schema', ...args])
    assert.is(status, 2)
    assert.match(stderr, told)
  }
})

pull.run()
