import { buildSchema, type DocumentNode, graphql, parse, print, validate } from 'graphql'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createMerger, type Merger, readAlias } from '../../../runtime/graphql/bulk/merged_document.ts'
import { readOperation } from '../../../runtime/graphql/document/operation.ts'

const bulkDocument = suite('bulk/merged_document')

const SCHEMA = buildSchema(`
  directive @trace(id: Int) on MUTATION | FIELD
  input Input { n: Int! = 1, tags: [String!] }
  type Query { a: Int }
  type Payload { n: Int, echo(text: String): String, self: Payload }
  type Mutation { create(n: Int, input: Input, text: String): Payload other(n: Int): Payload }
`)

function mergerOf(source: string, operationName?: string): Merger {
  return createMerger(source, readOperation(source, operationName))
}

/** The merged document as text, after validation. */
function merged(source: string, count: number, operationName?: string): string {
  const document = mergerOf(source, operationName).documentFor(count) as DocumentNode
  assert.equal(
    validate(SCHEMA, parse(print(document))).map(({ message }) => message),
    [],
  )
  return print(document)
}

bulkDocument('documentFor() gives every entry its own aliases and variable names', () => {
  assert.is(
    merged('mutation Create($n: Int!) { create(n: $n) { n } }', 2),
    `mutation Create($b0_n: Int!, $b1_n: Int!) {
  b0_create: create(n: $b0_n) {
    n
  }
  b1_create: create(n: $b1_n) {
    n
  }
}`,
  )
})

bulkDocument('documentFor() returns the author’s own document for one entry', () => {
  const source = 'mutation Create($n: Int!) { create(n: $n) { n } }'
  assert.is(mergerOf(source).documentFor(1), source)
})

bulkDocument('documentFor() keeps types, defaults, directives, and variables inside values', () => {
  const text = merged(
    `mutation ($n: Int = 7, $tag: String!, $with: Boolean! = true, $skip: Boolean = false) {
       create(input: { n: 3, tags: ["a", $tag] }, n: $n) @include(if: $with) @trace(id: $n) { n @skip(if: $skip) }
     }`.replace('$skip: Boolean = false', '$skip: Boolean! = false'),
    2,
  )
  assert.match(text, '$b1_n: Int = 7')
  assert.match(text, '$b1_with: Boolean! = true')
  assert.match(text, 'tags: ["a", $b1_tag]')
  assert.match(text, '@include(if: $b1_with) @trace(id: $b1_n)')
  assert.match(text, 'n @skip(if: $b1_skip)')
})

bulkDocument('documentFor() keeps several root fields, with the aliases that they have', () => {
  const text = merged('mutation ($n: Int) { first: create(n: $n) { n } other(n: 2) { n } __typename }', 2)
  for (const name of ['b0_first: create', 'b0_other: other', 'b0___typename: __typename', 'b1_first: create']) {
    assert.match(text, name)
  }
  assert.is(mergerOf('mutation { first: create { n } other { n } }').rootFields, 2)
})

bulkDocument('documentFor() shares fragments without variables, and copies those with them', () => {
  const text = merged(
    `mutation ($n: Int, $t: String) { create(n: $n) { ...Plain ...Outer } }
     fragment Plain on Payload { n }
     fragment Outer on Payload { self { ...Inner ...Plain } }
     fragment Inner on Payload { echo(text: $t) }`,
    2,
  )
  assert.is(text.match(/fragment Plain on/g)?.length, 1)
  for (const prefix of ['b0_', 'b1_']) {
    assert.match(text, `fragment ${prefix}Outer on Payload {\n  self {\n    ...${prefix}Inner\n    ...Plain`)
    assert.match(text, `fragment ${prefix}Inner on Payload {\n  echo(text: $${prefix}t)`)
  }
})

bulkDocument('documentFor() replaces fragments at the root by their fields', () => {
  const text = merged(
    `mutation ($n: Int, $w: Boolean!) { ...Both @include(if: $w) ... on Mutation { b: other(n: $n) { n } } }
     fragment Both on Mutation { a: create(n: $n) { ...Plain } }
     fragment Plain on Payload { n }`,
    2,
  )
  assert.match(text, '... on Mutation @include(if: $b1_w) {\n    b1_a: create(n: $b1_n)')
  assert.match(text, 'b1_b: other')
  assert.not.match(text, 'fragment Both')
})

bulkDocument('documentFor() leaves out other operations and their fragments', () => {
  const text = merged(
    `mutation A { create { n } } mutation B($n: Int) { create(n: $n) { ...F } }
     fragment F on Payload { n } fragment G on Payload { n }`,
    2,
    'B',
  )
  assert.match(text, /^mutation B\(/)
  assert.not.match(text, 'fragment G')
})

bulkDocument('documentFor() avoids conflicts with names that look like its own', () => {
  const text = merged(
    `mutation ($b1_n: Int, $n: Int) { b1_create: create(n: $b1_n) { ...b0_F } create(n: $n) { ...b0_F ...F } }
     fragment b0_F on Payload { n } fragment F on Payload { echo(text: "x") }`,
    2,
  )
  assert.match(text, 'b0_b1_create: create(n: $b0_b1_n)')
  assert.match(text, 'fragment b1_b0_F on')
})

bulkDocument(
  'canMerge is false when a directive of the operation has a variable, or a root fragment is missing',
  () => {
    assert.not.ok(mergerOf('mutation ($n: Int) @trace(id: $n) { create { n } }').canMerge)
    assert.ok(mergerOf('mutation ($n: Int) @trace(id: 1) { create(n: $n) { n } }').canMerge)
    assert.not.ok(mergerOf('mutation { ...Gone }').canMerge)
    assert.not.ok(mergerOf('mutation { ...A } fragment A on Mutation { ...A }').canMerge)
  },
)

bulkDocument('variablesFor() returns the declared variables, and omits those that an entry omits', () => {
  const { variablesFor } = mergerOf('mutation ($n: Int, $text: String = "d") { create(n: $n, text: $text) { n } }')
  const given = [{ n: 1, extra: true }, { n: undefined, text: null }, Object.create(null) as Record<string, unknown>]
  assert.equal(variablesFor(given), { b0_n: 1, b1_text: null })
  const only = { n: 1, extra: true }
  assert.is(variablesFor([only]), only)
})

bulkDocument('readAlias() returns the entry and the author’s name', () => {
  assert.equal(readAlias('b12_create', 20), { position: 12, name: 'create' })
  assert.equal(readAlias('b0_b1_x', 2), { position: 0, name: 'b1_x' })
  assert.equal(readAlias('b0_create', 1), { position: 0, name: 'b0_create' })
  assert.is(readAlias('b2_create', 2), undefined)
  assert.is(readAlias('create', 2), undefined)
  assert.is(readAlias(0, 2), undefined)
  assert.is(readAlias(undefined, 1), undefined)
})

bulkDocument('documentFor() returns a document that a server executes in the order of the entries', async () => {
  const { documentFor, variablesFor } = mergerOf('mutation M($n: Int = 9) { create(n: $n) { n } }')
  const numbers: (number | undefined)[] = []
  const create = ({ n }: { n?: number }) => {
    numbers.push(n)
    return { n }
  }
  const given = [{ n: 3 }, {}, { n: 1 }]
  const result = await graphql({
    schema: SCHEMA,
    source: print(documentFor(3) as DocumentNode),
    rootValue: { create },
    variableValues: variablesFor(given),
  })
  assert.is(result.errors, undefined)
  assert.equal(numbers, [3, 9, 1])
})

bulkDocument.run()
