import { type DocumentNode, parse, print } from 'graphql'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GraphQLRequestError, UsageError } from '../../../runtime/core/errors.ts'
import { gql } from '../../../runtime/graphql/document/gql.ts'
import { readOperation } from '../../../runtime/graphql/document/operation.ts'
import { rejects } from '../../_assert.ts'
import { withServer } from '../../_server.ts'
import { clientOf } from '../_client.ts'

const document = suite('operation')

document('gql() returns a document, as a tag and as a function', () => {
  const tagged = gql`query Viewer { viewer { id } }`
  assert.is(tagged.kind, 'Document')
  assert.is(print(gql('query Viewer { viewer { id } }')), print(tagged))
})

document('gql() inserts fragments and other documents', () => {
  const Fields = gql`fragment NameFields on User { userName }`
  const text = print(gql`query { viewer { ...NameFields } } ${Fields}`)
  assert.match(text, 'fragment NameFields on User')
})

for (const value of ['1) { evil }', 1, null, undefined, {}, [], { kind: 'Field' }, new Date(0)]) {
  document(`gql() throws a TypeError that says to use a variable for ${JSON.stringify(value)}`, () => {
    const build = () => gql`query { user(id: ${value as unknown as DocumentNode}) { id } }`
    assert.throws(build, (error: unknown) => {
      const { message } = error as Error
      return (
        error instanceof TypeError &&
        /^Cannot insert value 1 .*Declare a variable/.test(message) &&
        !/evil/.test(message)
      )
    })
  })
}

document('gql() accepts fragments of one name in different documents without a warning', () => {
  const { warn } = console
  const said: unknown[] = []
  console.warn = (...words: unknown[]) => said.push(words)
  try {
    const first = gql('fragment Same on User { a }' as string)
    const second = gql('fragment Same on User { b }' as string)
    assert.match(print(gql`query { user { ...Same } } ${second}`), '{\n  b\n}')
    assert.match(print(gql`query Q { user { ...Same } } ${first}`), '{\n  a\n}')
  } finally {
    console.warn = warn
  }
  assert.equal(said, [])
})

document('gql() reports line and column of a syntax error', async () => {
  const error = await rejects(() => gql`query {\n  viewer { id }\n  ) }`, {
    instance: GraphQLRequestError,
    code: 'WFG_GRAPHQL_REQUEST',
    message:
      'Cannot read the GraphQL document: Syntax Error: Expected Name, found ")" at line 3, column 3. Nothing was sent.',
  })
  assert.equal((error as GraphQLRequestError).errors[0]?.locations?.[0], { line: 3, column: 3 })
})

document('readOperation() reports line and column of a syntax error, each time', async () => {
  for (const _ of [1, 2]) {
    await rejects(() => readOperation('query {\n viewer {'), {
      instance: GraphQLRequestError,
      message: /^Cannot read the GraphQL document: Syntax Error: Expected Name, found <EOF> at line 2, column 10\. /,
    })
  }
})

document('readOperation() returns kind, name and text of a query and a mutation', () => {
  const query = readOperation('query A { a }')
  assert.equal([query.kind, query.name, query.source], ['query', 'A', 'query A { a }'])
  const short = readOperation('{ a }')
  assert.equal([short.kind, short.name], ['query', undefined])
  assert.is(readOperation('mutation M { a }').kind, 'mutation')
  assert.is(readOperation(parse('mutation M { a }')).kind, 'mutation')
})

document('readOperation() chooses the only operation beside fragments', () => {
  assert.is(readOperation('fragment F on User { id } query Q { viewer { ...F } }').name, 'Q')
})

document('readOperation() asks for a name when there are several operations', async () => {
  await rejects(() => readOperation('query A { a } mutation B { b }'), {
    instance: UsageError,
    message:
      'Cannot send the document: it has 2 operations ("A", "B"); choose one with the option operationName, or with --operation on the command line.',
  })
})

document('readOperation() chooses by name, and returns the kind of the chosen operation', () => {
  const text = 'query A { a } mutation B { b }'
  assert.equal([readOperation(text, 'A').kind, readOperation(text, 'B').kind], ['query', 'mutation'])
})

document('readOperation() lists the names of the document for an unknown one', async () => {
  await rejects(() => readOperation('query A { a } query B { b }', 'C'), {
    instance: UsageError,
    message: 'Cannot send the operation "C": the document has "A", "B".',
  })
})

document('readOperation() treats an empty name as none, like WorkflowGen', () => {
  assert.is(readOperation('query A { a }', '').name, 'A')
})

document('readOperation() refuses a document without an operation', async () => {
  await rejects(() => readOperation('fragment F on User { id }'), {
    instance: UsageError,
    message: /has no operation/,
  })
})

document('readOperation() refuses a subscription, also one chosen by name', async () => {
  const expected = { instance: UsageError, code: 'WFG_USAGE', message: /^Cannot send the subscription "S": / }
  await rejects(() => readOperation('subscription S { a }'), expected)
  await rejects(() => readOperation('query A { a } subscription S { a }', 'S'), expected)
  await rejects(() => readOperation('subscription { a }'), {
    message: /^Cannot send the subscription without a name: /,
  })
})

for (const value of [undefined, null, 1, {}, [], { kind: 'Field' }]) {
  document(`readOperation() throws a TypeError for ${JSON.stringify(value)}`, () => {
    assert.throws(() => readOperation(value as unknown as string), /^Cannot send the document: it is neither/)
  })
}

/** As GraphQL Code Generator writes it with `documentMode: 'string'`. */
class TypedText extends String {
  private value: string
  public __meta__?: Record<string, unknown> | undefined
  constructor(value: string, __meta__?: Record<string, unknown>) {
    super(value)
    this.value = value
    this.__meta__ = __meta__
  }
  override toString(): string {
    return this.value
  }
}

document('readOperation() accepts the string documents of GraphQL Code Generator', async () => {
  const text = 'query Viewer { viewer { userName } }'
  const read = readOperation(new TypedText(text, { hash: 'abc' }))
  assert.equal([read.kind, read.name, read.source], ['query', 'Viewer', text])
  const create = new TypedText('mutation Create($n: Int!) { create(n: $n) { n } }')
  await withServer(
    [{ body: { data: { a: 1 } } }, { body: { data: { b0_create: null, b1_create: null } } }],
    async ({ url }) => {
      const { wfg, close } = clientOf(url)
      assert.equal(await wfg(new TypedText('query Q { a }')), { a: 1 })
      const outcomes: string[] = []
      for await (const { status } of wfg.bulk(create, [{ n: 1 }, { n: 2 }])) outcomes.push(status)
      assert.equal(outcomes, ['done', 'done'])
      close()
    },
  )
})

document('readOperation() parses a text only once, and keeps a limited number', () => {
  const first = readOperation('query Known { a }').document
  assert.ok(readOperation('query Known { a }').document === first)
  for (let count = 0; count < 1000; count += 1) readOperation(`query Generated${count} { a }`)
  assert.not.ok(readOperation('query Known { a }').document === first)
})

document.run()
