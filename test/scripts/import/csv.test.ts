import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '#wfg'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { openTable } from '../../../scripts/_import/open_table.ts'
import { rejects } from '../../_assert.ts'
import { rowsOf, withFile } from './_tables.ts'

const csv = suite('scripts/_import/csv')

for (const [name, separator] of [
  ['comma', ','],
  ['semicolon', ';'],
  ['tab', '\t'],
] as const) {
  csv(`openTable() finds the ${name} in the header, and leaves out BOM and CRLF`, () =>
    withFile(`\uFEFFA,B\r\n1,"x${separator}y"\r\n2,`.replaceAll(/,(?!y)/g, separator), async (path) => {
      const opened = await openTable(path, {})
      assert.is(opened.decimalComma, separator !== ',')
      assert.equal(opened.header, ['A', 'B'])
      assert.equal(await rowsOf(opened), [
        [2, '1', `x${separator}y`],
        [3, '2', ''],
      ])
    }),
  )
}

csv('rows() numbers as a spreadsheet does when rows are empty, or have several lines, or end differently', () =>
  withFile('A,B\n"1\r\n2","say ""so"""\r\n\n \u00A0,\r3,4\n', async (path) => {
    assert.equal(await rowsOf(await openTable(path, {})), [
      [2, '1\r\n2', 'say "so"'],
      [5, '3', '4'],
    ])
  }),
)

csv('empty columns at the end are left out, but not a cell without a header', () =>
  withFile('PK;A;; \r\n1;2;;\r\n3;;;\r\n4;5\r\n6;7;8;\r\n', async (path) => {
    const opened = await openTable(path, {})
    assert.equal(opened.header, ['PK', 'A'])
    assert.equal(await rowsOf(opened), [
      [2, '1', '2'],
      [3, '3', ''],
      [4, '4', '5'],
      [5, '6', '7', '8'],
    ])
  }),
)

for (const [title, content, message, name] of [
  ['it is empty', '', 'Cannot read PATH: it is empty; expected a header in row 1.'],
  ['it holds a BOM alone', '\uFEFF', 'Cannot read PATH: it is empty; expected a header in row 1.'],
  ['its first row is empty', '\r\nA,B\r\n', 'Cannot read PATH: row 1 is empty; expected the header there.'],
  ['it holds two kinds of separator', 'A,B;C\n', /row 1 has commas and semicolons; expected one of them/],
  ['it has the name of an Excel file', 'A,B\n', /it has the name of an Excel file, but is none/, 'data.xlsx'],
  [
    'it is a zip archive of other things',
    Buffer.from('PK\u0003\u0004 and more'),
    /it is damaged, or no Excel workbook/,
  ],
  ['a quote of the header is open', '"A,B\n1,2\n', /row 1, column 1: its opening quote is not closed/],
] as const) {
  csv(`openTable() refuses a file when ${title}`, () =>
    withFile(
      content,
      async (path) => {
        const expected = typeof message === 'string' ? message.replace('PATH', quotedPath(path)) : message
        await rejects(openTable(path, {}), { instance: UsageError, message: expected })
      },
      name,
    ),
  )
}

csv('openTable() refuses --sheet for a CSV file', () =>
  withFile('A,B\n', async (path) => {
    await rejects(openTable(path, { sheet: 'May' }), { instance: UsageError, message: /--sheet is for Excel files/ })
  }),
)

csv('openTable() refuses what is no file', () =>
  withFile('', async (path) => {
    await rejects(openTable(`${path}.gone`, {}), { instance: UsageError, message: /cannot be opened \(ENOENT\)/ })
    await rejects(openTable(join(path, '..'), {}), { instance: UsageError, message: /cannot be opened \(EISDIR\)/ })
  }),
)

for (const [title, rows, message] of [
  ['is never closed', '1,2\n3,"4\n5,6\n', 'row 3, B: its opening quote is not closed'],
  ['is followed by more', '1,2\n"3"x,4\n', 'row 3, A: it continues after its closing quote'],
  ['stands inside', '1,2\n3,4"5\n', 'row 3, B: it has a quote inside'],
  ['is never closed in a long file', `1,"2\n${'3,4\n'.repeat(300_000)}`, 'row 2, B: the row is longer than 1 MiB'],
] as const) {
  csv(`rows() names row and column when a quote ${title}`, () =>
    withFile(`A,B\n${rows}`, async (path) => {
      const { message: found } = await rejects(openTable(path, {}).then(rowsOf), { instance: UsageError })
      assert.ok(found.startsWith(`Cannot read ${quotedPath(path)}: ${message}`), found)
    }),
  )
}

csv.run()
