import {
  buildSchema,
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  parse,
  print,
  Source,
  validate,
  visit,
} from 'graphql'
import { disableFragmentWarnings, gql as graphqlTag } from 'graphql-tag'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GraphQLRequestError } from '../../../runtime/core/errors.ts'
import { gql } from '../../../runtime/graphql/document/gql.ts'
import { print as ownPrint } from '../../../runtime/graphql/document/language.ts'
import { readOperation } from '../../../runtime/graphql/document/operation.ts'

const joined = suite('gql')

disableFragmentWarnings()

/** `gql` as typed before a pull. */
type Tag = (source: TemplateStringsArray | string, ...documents: DocumentNode[]) => DocumentNode

const untyped = gql as Tag

const WRITTEN: Readonly<Record<string, (tag: Tag) => DocumentNode>> = {
  'an operation': (tag) =>
    tag`query A($n: Int = 3, $s: [String!]!) @d { a(n: $n, s: $s) { ... on B @include(if: true) { c: d } } }`,
  'an anonymous one': (tag) => tag`{ a }`,
  'a call with a text': (tag) => tag('mutation M { m(input: { t: "x", e: OPEN, n: null }) { id } }'),
  'descriptions, comments and a block string': (tag) => tag`
    # first
    query A { a(text: """
      two
        lines
    """) } # last`,
  'several operations': (tag) => tag`query A { a } mutation B { b } subscription C { c }`,
  'a type system': (tag) =>
    tag`"""What it is""" type A implements B @d { "one" c(d: Int = 1): [E!]! } extend enum F { G }`,
  'a fragment': (tag) => tag`query { a { ...F } } ${tag`fragment F on A { id }`}`,
  'a fragment in a fragment': (tag) => {
    const inner = tag`fragment Inner on A { id }`
    const outer = tag`fragment Outer on A { ...Inner } ${inner}`
    return tag`${outer} query { a { ...Outer ...Inner } } ${inner}`
  },
  'a fragment several times': (tag) => {
    const shared = tag`fragment Shared on A { id }`
    return tag`query { a { ...X ...Y } } ${tag`fragment X on A { ...Shared } ${shared}`} ${tag`fragment Y on A { ...Shared } ${shared}`}`
  },
  'what graphql parsed': (tag) => tag`query { a { ...Parsed } } ${parse('fragment Parsed on A {\n  id\n}')}`,
  'characters beyond ASCII': (tag) => tag`query { a(text: "é 🎉 \\u00e9") }`,
}

for (const [what, write] of Object.entries(WRITTEN)) {
  joined(`gql() returns the same as graphql-tag: ${what}`, () => {
    const [document, expected] = [write(gql), write(graphqlTag)]
    assert.is(JSON.stringify(document), JSON.stringify(expected))
    assert.is(document.loc!.source.body, expected.loc!.source.body)
    assert.equal({ ...document.loc!.source }, { ...expected.loc!.source })
    assert.is(print(document), print(expected))
    const kinds = (node: DocumentNode): string[] => {
      const seen: string[] = []
      visit(node, { enter: ({ kind }) => void seen.push(kind) })
      return seen
    }
    assert.equal(kinds(document), kinds(expected))
  })
}

joined('gql() returns the same document for the same text', () => {
  const write = () => gql`query Same { a }`
  const first = write()
  assert.ok(write() === first)
  assert.ok(untyped('query Same { a }') === first)
  assert.not.ok(untyped('query Other { a }') === first)
})

joined('gql() distinguishes texts that differ only inside a string', () => {
  assert.match(print(gql`{ a(text: "x  y") }`), '"x  y"')
  assert.match(print(gql`{ a(text: "x, y") }`), '"x, y"')
})

joined('gql() keeps a limited number of texts', () => {
  const first = untyped('query Bounded { a }')
  for (let count = 0; count < 1000; count += 1) untyped(`query Bounded${count} { a }`)
  assert.not.ok(untyped('query Bounded { a }') === first)
  assert.is(print(untyped('query Bounded { a }')), print(first))
})

joined('gql() inserts a document without locations', () => {
  const bare = parse('fragment F on A { id }', { noLocation: true })
  assert.is(readOperation(gql`query Q { a { ...F } } ${bare}`).definition.name?.value, 'Q')
  assert.match(print(untyped('query Q { a { ...F } }', bare)), 'fragment F on A')
})

joined('gql() inserts a fragment as visit() changed it', () => {
  const toName = { Field: (node: FieldNode) => ({ ...node, name: { ...node.name, value: 'name' } }) }
  for (const F of [gql`fragment F on A { id }`, parse('fragment F on A { id }')]) {
    const changed = visit(F, toName)
    for (const document of [gql`query Q { a { ...F } } ${changed}`, untyped('query Q { a { ...F } }', changed)]) {
      assert.match(readOperation(document).source, 'fragment F on A {\n  name\n}')
    }
  }
})

joined('readOperation() sends a gql document as graphql prints it', () => {
  const F = gql`fragment F on A { id }`
  const document = gql`query Q { a { ...F } } ${F} ${F}`
  assert.is(readOperation(document).source, print(document))
  assert.is(readOperation(document).source.match(/fragment F/g)?.length, 1)
})

joined('gql() returns a document that graphql accepts', () => {
  const document = gql`query Q { a { nope } }`
  const schema = buildSchema('type Query { a: A } type A { id: ID }')
  const [error] = validate(schema, document)
  assert.match(error!.message, 'Cannot query field "nope"')
  assert.ok(document.loc!.source instanceof Source)
  assert.is(print(parse(document.loc!.source)), print(document))
  assert.is(ownPrint, print)
})

joined('gql() and readOperation() throw a GraphQLRequestError for a syntax error, not a GraphQLError', () => {
  for (const read of [() => gql`query {`, () => readOperation('query {')]) {
    assert.throws(read, (error: unknown) => error instanceof GraphQLRequestError && !(error instanceof GraphQLError))
  }
})

joined.run()
