import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseType } from 'graphql'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Upload } from '../../../runtime/graphql/document/file.ts'
import { fromTexts } from '../../../runtime/graphql/variables/from_texts.ts'

const text = suite('graphql/variables/from_texts')

/** Type, texts, and the value they stand for. */
const READ: readonly (readonly [type: string, texts: readonly string[], value: unknown])[] = [
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
  // neither enums nor scalars nor input objects can be told apart without the schema
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
  text(`${texts.map((each) => JSON.stringify(each)).join(', ')} as ${type}`, () => {
    assert.equal(fromTexts(parseType(type), texts), { value })
  })
}

const INT = 'a whole number from -2147483648 to 2147483647'

/** Type, texts, and what is said of them. */
const REFUSED: readonly (readonly [type: string, texts: readonly string[], problem: string])[] = [
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
  ['CreateRequestInput', ['{a'], 'begins as JSON does and is none'],
  ['CreateRequestInput', ['[1]'], 'needs a JSON object, and was given a list'],
  ['CreateRequestInput!', ['null'], 'must not be null'],
  ['JSON', ['{a:1}'], 'begins as JSON does and is none'],
  ['[Int!]', ['[1,null]'], 'item 2 must not be null'],
  ['[Int!]', ['1', 'x'], `item 2 needs ${INT}, and was given a text`],
  ['[Int!]', ['[1,'], 'begins with "[" and is no JSON list'],
  ['[Int!]!', ['null'], 'must not be null'],
  ['[String!]', ['[1]'], 'item 1 needs a text, and was given a whole number'],
  ['Upload', ['contract.pdf'], 'needs a file, as in -v name=@FILE, and was given a text'],
  ['[Upload!]', ['["a"]'], 'item 1 needs a file, as in -v name=@FILE, and was given a text'],
]

for (const [type, texts, problem] of REFUSED) {
  text(`${texts.map((each) => JSON.stringify(each)).join(', ')} is refused as ${type}, and not repeated`, () => {
    assert.equal(fromTexts(parseType(type), texts), { problem })
  })
}

text('@FILE is the file for an Upload, and a problem where there is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wfg-test-'))
  try {
    const path = join(folder, 'contract.pdf')
    writeFileSync(path, 'abc')
    const one = fromTexts(parseType('Upload!'), [`@${path}`]) as { value: Upload }
    assert.equal([one.value.name, one.value.type, one.value.size], ['contract.pdf', 'application/pdf', 3])
    const two = fromTexts(parseType('[Upload!]!'), [`@${path}`, `@${path}`]) as { value: Upload[] }
    assert.equal(
      two.value.map((each) => each.name),
      ['contract.pdf', 'contract.pdf'],
    )
    const none = fromTexts(parseType('Upload'), [`@${join(folder, 'none.pdf')}`]) as { problem: string }
    assert.match(none.problem, /^needs a file, as in -v name=@FILE\. Cannot upload .*none\.pdf.*\(ENOENT\)/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

text.run()
