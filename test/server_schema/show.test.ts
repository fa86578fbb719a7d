import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../runtime/core/errors.ts'
import { showSchema } from '../../runtime/server_schema/show.ts'
import { rejects } from '../_assert.ts'
import { project } from '../_cli.ts'
import { TOKEN } from '../cli/_configured.ts'
import { SDL, text, withSchema } from './_schema.ts'

const show = suite('server_schema/show')

const SCHEMA = `"""
What can be asked.
"""
type Query {
  "The user that asks, who may be another one than the user that the client ID is mapped to in WorkflowGen."
  viewer: User
  users(page: PageInput, "Part of a name." name: String @deprecated(reason: "Use filter.")): [User!]!
}
type Mutation { createRequest(processName: String!, processVersion: Int = 1, parameters: [String!], isTest: Boolean): User }
input PageInput { number: Int, size: Int = 10 }
interface Node { id: ID! }
type User implements Node { id: ID!, userName: String, loginName: String @deprecated(reason: "Use userName.") }
enum Status { OPEN, "Ended by its process." CLOSED, GONE @deprecated }
union Anyone = User
scalar DateTime @specifiedBy(url: "https://example.com/")
`

interface Shown {
  readonly stdout: string
  readonly stderr: string
}

/** Shows a part of the schema in a terminal of this width, or as JSON. */
async function shown(
  name: string | undefined,
  { word, columns, isJson = false }: { word?: string; columns?: number; isJson?: boolean } = {},
): Promise<Shown> {
  const { dir, cleanup } = project({ 'scripts/.schema/test.graphql': SCHEMA })
  const written = { stdout: '', stderr: '' }
  const output = (stream: keyof typeof written) => ({
    columns,
    async write(given: string) {
      written[stream] += given
    },
  })
  const host = { cwd: () => dir, stdout: output('stdout'), stderr: output('stderr') }
  const call = { host, flags: { profile: 'test' }, registry: { directory: dir } }
  try {
    await showSchema(call as never, name, word, isJson)
    return written
  } finally {
    cleanup()
  }
}

show('without a name, shows each query and mutation on a line that fits the terminal', async () => {
  assert.is(
    (await shown(undefined, { columns: 80 })).stdout,
    `Query
  viewer: User                 The user that asks, who may be another one than …
  users(page, name): [User!]!

Mutation
  createRequest(processName, processVersion, parameters, isTest): User
`,
  )
  assert.match((await shown(undefined)).stdout, /^ {2}viewer: User +The user .* in WorkflowGen\.$/m)
})

show('shows a type with its fields, their types and what is deprecated', async () => {
  const { stdout, stderr } = await shown('User')
  assert.is(
    stdout,
    `type User implements Node

  id: ID!
  userName: String
  loginName: String  Deprecated: Use userName.
`,
  )
  assert.match(stderr, /^From "scripts.\.schema.test\.graphql"\.\n$/)
  for (const [name, first] of [
    ['Status', 'enum Status\n\n  OPEN\n  CLOSED  Ended by its process.\n  GONE    Deprecated: No longer supported.\n'],
    ['PageInput', 'input PageInput\n\n  number: Int\n  size: Int = 10\n'],
    ['Anyone', 'union Anyone = User\n'],
    ['DateTime', 'scalar DateTime @specifiedBy(url: "https://example.com/")\n'],
    ['Query', 'type Query\n\nWhat can be asked.\n\n  viewer: User  The user that asks'],
  ] as const) {
    const { stdout } = await shown(name, { columns: 60 })
    assert.ok(stdout.startsWith(first), stdout)
  }
})

show('shows a field with its arguments, also a query by its name alone, and wraps what is too long', async () => {
  const expected = `Query.users(page: PageInput,
    name: String): [User!]!

  page: PageInput
  name: String
      Deprecated: Use filter. Part of
      a name.
`
  assert.is((await shown('Query.users', { columns: 38 })).stdout, expected)
  assert.is((await shown('users', { columns: 38 })).stdout, expected)
  assert.is((await shown('Query.users(name:)')).stdout.split('\n')[0], 'Query.users(name: String)')
  for (const line of (await shown('viewer', { columns: 50 })).stdout.split('\n')) assert.ok(line.length <= 50, line)
})

show('--search finds names and descriptions, in the whole schema or in a type', async () => {
  assert.is((await shown(undefined, { word: 'NAME', columns: 60 })).stdout.split('\n').length, 5)
  const { stdout } = await shown('Query', { word: 'name' })
  assert.is(stdout, '  Query.users(name:): String  Deprecated: Use filter. Part of a name.\n')
  assert.match((await shown(undefined, { word: 'ended by' })).stdout, /^ {2}Status\.CLOSED {2}Ended by its process\.$/m)
  const none = await shown(undefined, { word: 'nowhere' })
  assert.is(none.stdout, '')
  assert.match(none.stderr, /^Nothing has "nowhere" in its name or description\. From /)
})

show('--json has the same as data', async () => {
  const user = JSON.parse((await shown('User', { isJson: true })).stdout) as Record<string, unknown>
  assert.equal([user['kind'], user['definition']], ['type', 'type User implements Node'])
  assert.equal((user['members'] as unknown[]).at(-1), {
    coordinate: 'User.loginName',
    name: 'loginName',
    kind: 'field',
    definition: 'loginName: String',
    type: 'String',
    description: null,
    deprecated: 'Use userName.',
    members: [],
  })
  const roots = JSON.parse((await shown(undefined, { isJson: true })).stdout) as { name: string }[]
  assert.equal(
    roots.map(({ name }) => name),
    ['Query', 'Mutation'],
  )
})

show('an unknown type or field suggests the nearest', async () => {
  for (const [name, meant] of [
    ['Usr', 'User'],
    ['User.username', 'User.userName'],
    ['creatRequest', 'createRequest'],
  ] as const) {
    await rejects(() => shown(name), {
      instance: UsageError,
      message: new RegExp(
        `^Cannot show "${name}": there is no such type or field in .*; did you mean "${meant}"\\? expected`,
      ),
    })
  }
})

show('asks the server if no schema was pulled, and writes nothing', () =>
  withSchema([TOKEN, text(SDL)], {}, async (pulled) => {
    const { status, stdout, stderr } = await pulled.schema('show', 'viewer')
    assert.equal([status, stdout], [0, 'Query.viewer: User\n\nWho asks.\n'])
    assert.match(stderr, /^From "http:.*\/wfgen\/graphql\/schema"\.\n$/)
    assert.is(pulled.file('default.graphql'), undefined)
  }),
)

show.run()
