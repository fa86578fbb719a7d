import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readOperation } from '../../../runtime/graphql/document/operation.ts'
import { type GivenVariables, typeVariables } from '../../../runtime/graphql/variables/given_variables.ts'

const given = suite('graphql/variables/given_variables')

function typed(definitions: string, { texts = {}, json = {}, supplied = [] }: Given) {
  return typeVariables(readOperation(`query Q${definitions} { a }`), {
    texts: new Map(Object.entries(texts)),
    json,
    supplied,
  })
}
type Given = { texts?: Record<string, string[]>; json?: GivenVariables['json']; supplied?: string[] }

given('texts are typed, JSON is kept, and texts win', () => {
  const { variables, problems } = typed('($a: Int, $b: String, $c: [Int], $d: ThingInput, $e: Int)', {
    texts: { a: ['1'], b: ['x'] },
    json: { b: 'y', c: 5, d: { z: [null] }, e: null },
  })
  assert.equal(problems, [])
  assert.equal(variables, { a: 1, b: 'x', c: 5, d: { z: [null] }, e: null })
})

given('nothing is sent for what was not given, and defaults stay the document’s', () => {
  assert.equal(typed('($a: Int!, $b: Int! = 3, $c: Int)', { texts: { a: ['1'] } }), {
    variables: { a: 1 },
    problems: [],
  })
})

given('every problem is told at once, by name and type, without a value', () => {
  const { problems } = typed('($since: DateTime!, $count: Int!, $id: ID!, $tags: [String!], $page: Int!)', {
    texts: { since: ['s3cret-1'], sicne: ['s3cret-2'] },
    json: { count: 's3cret-3', tags: ['a', 4], zzz: 's3cret-4' },
    supplied: ['page'],
  })
  assert.equal(problems, [
    '$sicne is not declared; did you mean "since"?',
    '$zzz is not declared; the operation declares $since, $count, $id, $tags, $page',
    '$since (DateTime!) needs a date such as 2026-11-01 or 2026-11-01T08:30:00Z, and was given a text',
    '$count (Int!) needs a whole number from -2147483648 to 2147483647, and was given a text',
    '$id (ID!) is required, and was not given',
    '$tags ([String!]) item 2 needs a text, and was given a whole number',
  ])
})

given('an operation without variables takes none', () => {
  assert.equal(typed('', { texts: { a: ['1'] } }).problems, ['$a is not declared; the operation declares no variables'])
})

given('of several operations only the chosen one says what there is', () => {
  const operation = readOperation('query A($a: Int!) { a } query B($b: Int!) { b }', 'B')
  const { problems } = typeVariables(operation, { texts: new Map([['a', ['1']]]), json: { b: 2 }, supplied: [] })
  assert.equal(problems, ['$a is not declared; the operation declares $b'])
})

given('names of Object.prototype are names like any other', () => {
  assert.equal(typed('($constructor: Int!)', {}).problems, ['$constructor (Int!) is required, and was not given'])
})

given.run()
