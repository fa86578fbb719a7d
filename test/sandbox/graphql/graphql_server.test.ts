import { buildSchema, validateSchema } from 'graphql'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withSandbox } from '../_sandbox.ts'

const server = suite('graphql_server')

server('the schema is served as text without a token, with its guesses marked', () =>
  withSandbox(async ({ get }) => {
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    const { status, headers: received, text } = await get('/wfgen/graphql/schema', headers)
    assert.is(status, 200)
    assert.is(received.get('content-type'), 'text/plain; charset=utf-8')
    assert.match(text, 'node(id: ID!): Node # assumed')
    assert.match(text, /enum ActionStatus \{ # assumed/)
    assert.equal(validateSchema(buildSchema(text)), [])
    assert.is((await get('/WFGEN/graphql/schema/', headers)).text, text)
  }),
)

server('the schema needs a token if openSchema is false, and queries always do', () =>
  withSandbox(
    async ({ get, token }) => {
      assert.is((await get('/wfgen/graphql/schema')).status, 401)
      const headers = { authorization: `Bearer ${await token()}` }
      assert.is((await get('/wfgen/graphql/schema', headers)).status, 200)
      await withSandbox(async (open) => {
        assert.is((await open.get('/wfgen/graphql?query={viewer{userName}}')).status, 401)
        assert.is((await open.get('/wfgen/graphql?query={viewer{userName}}&x=/schema')).status, 401)
      })
    },
    { openSchema: false },
  ),
)

server('nonNullPayloads changes only the payloads of mutations', () =>
  withSandbox(
    async ({ get, token }) => {
      const { text } = await get('/wfgen/graphql/schema', { authorization: `Bearer ${await token()}` })
      const mutation = buildSchema(text).getMutationType()!
      for (const field of Object.values(mutation.getFields())) assert.match(String(field.type), /^\w+Payload!$/)
      await withSandbox(async (other) => {
        const plain = await other.get('/wfgen/graphql/schema', { authorization: `Bearer ${await other.token()}` })
        assert.is(text.replaceAll('Payload! #', 'Payload #'), plain.text)
      })
    },
    { nonNullPayloads: true },
  ),
)

server('introspection answers', () =>
  withSandbox(async ({ data }) => {
    const { __schema } = await data('{ __schema { queryType { name } mutationType { fields { name } } } }')
    assert.is(__schema.queryType.name, 'Query')
    assert.is(__schema.mutationType.fields.length, 5)
  }),
)

server.run()
