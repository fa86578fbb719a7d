import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Upload } from '../../../runtime/graphql/document/file.ts'
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

given('variables that are not given are not sent, so that the document’s defaults apply', () => {
  assert.equal(typed('($a: Int!, $b: Int! = 3, $c: Int)', { texts: { a: ['1'] } }), {
    variables: { a: 1 },
    problems: [],
  })
})

given('all problems are reported at once, by name and type, without values', () => {
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

given('an operation without variables accepts none', () => {
  assert.equal(typed('', { texts: { a: ['1'] } }).problems, ['$a is not declared; the operation declares no variables'])
})

given('only the chosen operation declares variables', () => {
  const operation = readOperation('query A($a: Int!) { a } query B($b: Int!) { b }', 'B')
  const { problems } = typeVariables(operation, { texts: new Map([['a', ['1']]]), json: { b: 2 }, supplied: [] })
  assert.equal(problems, ['$a is not declared; the operation declares $b'])
})

given('names of Object.prototype are not special', () => {
  assert.equal(typed('($constructor: Int!)', {}).problems, ['$constructor (Int!) is required, and was not given'])
})

function read(type: string, texts: string[]) {
  return typed(`($v: ${type})`, { texts: { v: texts } })
}

/** Type, texts and their value. */
const READ: readonly (readonly [type: string, texts: string[], value: unknown])[] = [
  ['Int', ['12'], 12],
  ['Int!', ['-2147483648'], -2147483648],
  ['Int', ['null'], null],
  ['Float', ['1.5e3'], 1500],
  ['Boolean!', ['false'], false],
  ['String', ['12'], '12'],
  ['String', ['true'], 'true'],
  ['String', ['null'], 'null'],
  ['String', [' @a "b" '], ' @a "b" '],
  ['String', [''], ''],
  ['ID!', ['0012'], '0012'],
  ['DateTime', ['2026-11-01'], '2026-11-01'],
  ['DateTime', ['null'], null],
  // without the schema, enums, scalars and input objects look the same
  ['RequestStatus', ['OPEN'], 'OPEN'],
  ['RequestStatus', ['null'], null],
  ['JSON', ['{"a":[1]}'], { a: [1] }],
  ['Cost', ['1.5'], 1.5],
  ['Long', ['9007199254740993'], '9007199254740993'],
  ['Phone', ['"12"'], '12'],
  ['CreateRequestInput!', ['{"processName":"A","n":null}'], { processName: 'A', n: null }],
  ['[Int!]!', ['1', '2'], [1, 2]],
  ['[Int!]', ['[1,2]'], [1, 2]],
  ['[Int]', ['[1,null]'], [1, null]],
  ['[Int]', ['7'], [7]],
  ['[Int]', ['[]'], []],
  ['[Int]', ['null'], null],
  ['[String!]', ['A, B'], ['A, B']],
  ['[String!]', ['["A","B"]'], ['A', 'B']],
  ['[String!]', ['[A]', 'B'], ['[A]', 'B']],
  ['[ID!]', ['1', '2'], ['1', '2']],
  ['[[Int]]', ['[[1],[2]]'], [[1], [2]]],
  ['[RequestStatus!]', ['OPEN', 'CLOSED'], ['OPEN', 'CLOSED']],
  ['[ParameterInput!]', ['{"name":"A"}', '{"name":"B"}'], [{ name: 'A' }, { name: 'B' }]],
]

for (const [type, texts, value] of READ) {
  given(`${texts.map((each) => JSON.stringify(each)).join(', ')} as ${type}`, () => {
    assert.equal(read(type, texts), { variables: { v: value }, problems: [] })
  })
}

const INT = 'a whole number from -2147483648 to 2147483647'

/** Type, texts and the problem. */
const REFUSED: readonly (readonly [type: string, texts: string[], problem: string])[] = [
  ['Int', ['1.5'], `needs ${INT}, and was given a number with a fraction`],
  ['Int', ['2147483648'], `needs ${INT}, and was given a whole number`],
  ['Int', ['0x10'], `needs ${INT}, and was given a text`],
  ['Int', [''], `needs ${INT}, and was given an empty text`],
  ['Int!', ['null'], 'must not be null'],
  ['Int', ['1', '2'], 'takes one value, and was given 2'],
  ['Float', ['1,5'], 'needs a number, and was given a text'],
  ['Boolean', ['yes'], 'needs true or false, and was given a text'],
  ['DateTime', ['2026-02-30'], 'needs a date such as 2026-11-01 or 2026-11-01T08:30:00Z, and was given a text'],
  ['CreateRequestInput', ['A'], 'needs a JSON object, and was given a text'],
  ['CreateRequestInput', ['{a'], 'begins like JSON and is not valid JSON'],
  ['CreateRequestInput', ['[1]'], 'needs a JSON object, and was given a list'],
  ['CreateRequestInput!', ['null'], 'must not be null'],
  ['JSON', ['{a:1}'], 'begins like JSON and is not valid JSON'],
  ['[Int!]', ['[1,null]'], 'item 2 must not be null'],
  ['[Int!]', ['1', 'x'], `item 2 needs ${INT}, and was given a text`],
  ['[Int!]', ['[1,'], 'begins with "[" and is not a JSON list'],
  ['[Int!]!', ['null'], 'must not be null'],
  ['[String!]', ['[1]'], 'item 1 needs a text, and was given a whole number'],
  ['Upload', ['contract.pdf'], 'needs a file, as in -v name=@FILE, and was given a text'],
  ['[Upload!]', ['["a"]'], 'item 1 needs a file, as in -v name=@FILE, and was given a text'],
]

for (const [type, texts, problem] of REFUSED) {
  given(`${texts.map((each) => JSON.stringify(each)).join(', ')} is refused as ${type}, without the value`, () => {
    assert.equal(read(type, texts), { variables: {}, problems: [`$v (${type}) ${problem}`] })
  })
}

given('@FILE is a file for an Upload, and a problem if there is no such file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wfg-test-'))
  try {
    const path = join(folder, 'contract.pdf')
    writeFileSync(path, 'abc')
    const one = read('Upload!', [`@${path}`]).variables as { v: Upload }
    assert.equal([one.v.name, one.v.type, one.v.size], ['contract.pdf', 'application/pdf', 3])
    const two = read('[Upload!]!', [`@${path}`, `@${path}`]).variables as { v: Upload[] }
    assert.equal(
      two.v.map((each) => each.name),
      ['contract.pdf', 'contract.pdf'],
    )
    const none = read('Upload', [`@${join(folder, 'none.pdf')}`])
    assert.match(
      none.problems[0]!,
      /^\$v \(Upload\) needs a file, as in -v name=@FILE\. Cannot upload .*none\.pdf.*\(ENOENT\)/,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

given.run()
