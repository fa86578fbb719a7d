import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DocumentNode, visit } from 'graphql'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GraphQLRequestError } from '../../../runtime/core/errors.ts'
import { gql } from '../../../runtime/graphql/document/gql.ts'
import { type Document, readOperation } from '../../../runtime/graphql/document/operation.ts'
import { type PulledSchema, readPulledSchema } from '../../../runtime/graphql/schema/pulled_schema.ts'
import { hides, rejects } from '../../_assert.ts'
import { temporaryFolder } from '../../_cli.ts'
import { shownOf } from '../_client.ts'
import { SDL } from '../_schema.ts'

const server = suite<{ folder: string; schema: PulledSchema }>('graphql/schema/pulled_schema')

server.before((context) => {
  context.folder = temporaryFolder()
  const file = join(context.folder, 'test.graphql')
  writeFileSync(file, SDL)
  context.schema = readPulledSchema(file, 'test')
})

server.after(({ folder }) => rmSync(folder, { recursive: true, force: true }))

async function refusal(schema: PulledSchema, document: Document, hidden?: unknown): Promise<GraphQLRequestError> {
  const error = await rejects(() => schema.checkDocument(readOperation(document), hidden), {
    instance: GraphQLRequestError,
  })
  return error as GraphQLRequestError
}

server('checkDocument() reports all places that do not fit, with suggestions', async ({ schema }) => {
  const error = await refusal(
    schema,
    'mutation Create($n: Int) {\n  create(input: { nme: "a" }) { tgs }\n  remove(number: $n)\n}',
  )
  assert.is(
    error.message,
    'Cannot execute the mutation "Create": it does not fit the schema of the profile "test". ' +
      'Line 2, column 17: Field "CreateInput.name" of required type "String!" was not provided. ' +
      'Line 2, column 19: Field "nme" is not defined by type "CreateInput". Did you mean "name"? ' +
      'Line 2, column 33: Cannot query field "tgs" on type "CreatePayload". Did you mean "tags"? ' +
      'Line 1, column 17: Variable "$n" of type "Int" used in position expecting type "Int!". ' +
      'Nothing was sent. Correct the document, or pull the schema again if the server has changed.',
  )
  assert.equal(error.errors.length, 4)
  assert.equal(error.errors[2]?.locations, [{ line: 2, column: 33 }])
  assert.equal(
    [error.operationName, error.remedy],
    ['Create', 'Correct the document, or pull the schema again if the server has changed.'],
  )
})

server('checkDocument() reports places in the original text, also for a gql document', async ({ schema }) => {
  const Part = gql`
    fragment Part on User { nope }
  `
  const twice = gql`query Q {
    viewer {    ...Part }
    other: viewer { nope2 }
  } ${Part} ${Part}`
  const error = await refusal(schema, twice)
  assert.equal(
    error.errors.map(({ locations }) => locations),
    [[{ line: 3, column: 21 }], [{ line: 5, column: 29 }]],
  )
  const changed = visit(twice, { Name: (name) => (name.value === 'nope2' ? { ...name, value: 'nope3' } : name) })
  assert.match((await refusal(schema, changed as DocumentNode)).message, 'Cannot query field "nope3"')
})

server('checkDocument() refuses a mutation if the schema has none', async ({ folder }) => {
  const file = join(folder, 'read-only.graphql')
  writeFileSync(file, 'type Query { a: Int }')
  const { message } = await refusal(readPulledSchema(file, 'read-only'), 'mutation M { create { id } }')
  assert.match(message, 'Line 1, column 1: The mutation operation is not supported by the schema. Nothing was sent.')
})

server('checkDocument() shows no value that a template wrote into the document', async ({ schema }) => {
  const error = await refusal(schema, '{ request(number: "a-secret") { id } }', ['a-secret'])
  assert.match(error.message, 'Int cannot represent non-integer value: "[value]"')
  hides(shownOf(error), 'a-secret')
})

server('checkDocument() accepts deprecated fields, and checks a document once', ({ schema }) => {
  const operation = readOperation('query Q($n: Int!) { request(number: $n) { id } }')
  schema.checkDocument(operation)
  const startMs = performance.now()
  for (let n = 0; n < 10_000; n++) schema.checkDocument(operation)
  assert.ok(performance.now() - startMs < 2000)
})

server('checkVariables() names the variables that do not fit, without values', async ({ schema }) => {
  const operation = readOperation(
    'query Q($n: Int!, $t: String) { request(number: $n) { id } found(text: $t) { name } }',
  )
  const error = await rejects(() => schema.checkVariables(operation, { n: 'a-secret', t: 1234567 }), {
    instance: GraphQLRequestError,
    message:
      'Cannot execute the query "Q": its variables do not fit the schema of the profile "test". ' +
      '$n (Int) needs a whole number from -2147483648 to 2147483647, and was given a text. ' +
      '$t (String) needs a text, and was given a whole number. ' +
      'Nothing was sent. Correct the values, or pull the schema again if the server has changed.',
  })
  hides(shownOf(error), 'a-secret', '1234567')
  schema.checkVariables(operation, { n: 1 })
})

server('checkDocument() and checkVariables() show the first problems and count the others', async ({ schema }) => {
  const fields = Array.from({ length: 12 }, (_, n) => `f${n}: nope`)
  const { message, errors } = await refusal(schema, `{ ${fields.join(' ')} }`)
  assert.is(message.match(/Cannot query field/g)?.length, 10)
  assert.match(message, /"nope" on type "Query"\. And 2 more\. Nothing was sent\. /)
  assert.is(errors.length, 12)
  const operation = readOperation('mutation M($input: CreateInput!) { create(input: $input) { tags } }')
  const items = Array.from({ length: 1000 }, () => ({}))
  await rejects(() => schema.checkVariables(operation, { input: { name: 'a', items } }), {
    message:
      /\$input\.items\[9\]: Field "number" of required type "Int!" was not provided\. And 990 more\. Nothing was sent\./,
  })
})

server.run()
