import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { written } from './_sink.ts'

const csv = suite('tasks/output/csv')

/** The value of a cell and how it is written beside another. */
const CELLS: readonly (readonly [cell: unknown, text: string])[] = [
  ['plain', 'plain'],
  ['', ''],
  [null, ''],
  [undefined, ''],
  ['a,b', '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ['two\nlines', '"two\nlines"'],
  ['two\r\nlines', '"two\r\nlines"'],
  ['a\rb', '"a\rb"'],
  [' padded ', ' padded '],
  ['Zürich 日本', 'Zürich 日本'],
  [-5, '-5'],
  [1.5, '1.5'],
  [12345678901234567890n, '12345678901234567890'],
  [true, 'true'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new Date(Number.NaN), ''],
  [[{ a: 1 }], '"[{""a"":1}]"'],
  [{}, '{}'],
  [['x'], '"[""x""]"'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@x', "'@x"],
  ['\tx', "'\tx"],
  ['\rx', '"\'\rx"'],
  ['a=1', 'a=1'],
]

for (const [cell, text] of CELLS) {
  csv(
    `CSV writes ${typeof cell} ${typeof cell === 'bigint' ? cell : JSON.stringify(cell)} as ${JSON.stringify(text)}`,
    async () => {
      assert.is((await written([{ cell, other: 0 }], 'csv')).text, `cell,other\n${text},0\n`)
    },
  )
}

csv('CSV leaves cells as they are when they are raw', async () => {
  assert.is((await written([{ '=a': '=1', b: '-x' }], 'csv', { raw: true })).text, '=a,b\n=1,-x\n')
  assert.is((await written([{ '=a': '=1', b: '-x' }], 'csv')).text, "'=a,b\n'=1,'-x\n")
})

csv('CSV takes its columns from the first row, and warns once of others in later rows', async () => {
  const { text, warnings } = await written(
    [
      { a: 1, b: 2 },
      { b: 3, c: 4 },
      { d: 5, c: 6 },
    ],
    'csv',
  )
  assert.is(text, 'a,b\n1,2\n,3\n,\n')
  assert.equal(warnings, ['Columns left out of the CSV because the first row does not have them: "c", "d".'])
})

csv('CSV has a column for each member of an object, and JSON where the first row has none', async () => {
  const manager = { userName: 'bob' }
  const rows = [
    { n: 1, user: { name: 'ada', manager }, late: null },
    { n: 2, user: null, late: { by: 'cy' } },
  ]
  const { text, warnings } = await written(rows, 'csv')
  assert.is(text, 'n,user.name,user.manager.userName,late\n1,ada,bob,\n2,,,"{""by"":""cy""}"\n')
  assert.equal(warnings, [])
})

csv('CSV has no byte order mark, and quotes an empty cell of a single column', async () => {
  assert.is((await written([{ a: '' }, { a: 'x' }, {}], 'csv')).text, 'a\n""\nx\n""\n')
})

csv('CSV has the column "value" if the rows are not objects', async () => {
  assert.is((await written(['a', 5, [1], null], 'csv')).text, 'value\na\n5\n[1]\n""\n')
})

csv.run()
