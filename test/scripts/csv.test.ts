import { writeFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GraphQLExecutionError, OutcomeUnknownError, UsageError } from '#wfg'
import { readDate, readNumber } from '../../scripts/_import/cells.ts'
import { type CheckedRows, checkRows, type Report } from '../../scripts/_import/check_rows.ts'
import { dataColumns, messageOf, type Parameter, parametersOf } from '../../scripts/_import/columns.ts'
import { type Csv, openCsv } from '../../scripts/_import/csv.ts'
import { rejects } from '../_assert.ts'
import { temporaryFolder } from '../_cli.ts'

const csv = suite('scripts/_import')

for (const [name, separator] of [
  ['comma', ','],
  ['semicolon', ';'],
  ['tab', '\t'],
] as const) {
  csv(`openCsv() finds the ${name} in the header, and leaves out BOM and CRLF`, () =>
    withCsv(`\uFEFFA,B\r\n1,"x${separator}y"\r\n2,`.replaceAll(/,(?!y)/g, separator), async (path) => {
      const opened = await openCsv(path)
      assert.is(opened.separator, separator)
      assert.equal(opened.header, ['A', 'B'])
      assert.equal(await rowsOf(opened), [
        [2, '1', `x${separator}y`],
        [3, '2', ''],
      ])
    }),
  )
}

csv('rows() numbers as a spreadsheet does when rows are empty, or have several lines, or end differently', () =>
  withCsv('A,B\n"1\r\n2","say ""so"""\r\n\n,\r3,4\n', async (path) => {
    assert.equal(await rowsOf(await openCsv(path)), [
      [2, '1\r\n2', 'say "so"'],
      [5, '3', '4'],
    ])
  }),
)

for (const [title, content, message] of [
  ['it is empty', '', 'Cannot read PATH: it is empty; expected a header in row 1.'],
  ['it holds a BOM alone', '\uFEFF', 'Cannot read PATH: it is empty; expected a header in row 1.'],
  ['its first row is empty', '\r\nA,B\r\n', 'Cannot read PATH: row 1 is empty; expected the header there.'],
  ['it holds two kinds of separator', 'A,B;C\n', /row 1 has commas and semicolons; expected one of them/],
  ['it is UTF-16', Buffer.from('\uFEFFA\tB\r\n', 'utf16le'), /it is UTF-16, or not text; expected UTF-8/],
  ['it is UTF-16 of the other order', Buffer.from('\uFEFFA\tB\r\n', 'utf16le').swap16(), /it is UTF-16/],
  ['it is a spreadsheet', Buffer.from('PK\u0003\u0004\u0014\u0000\u0006\u0000'), /or not text; expected UTF-8/],
  ['a quote of the header is open', '"A,B\n1,2\n', /row 1, column 1: its opening quote is not closed/],
] as const) {
  csv(`openCsv() refuses a file when ${title}`, () =>
    withCsv(content, async (path) => {
      const expected = typeof message === 'string' ? message.replace('PATH', JSON.stringify(path)) : message
      await rejects(openCsv(path), { instance: UsageError, message: expected })
    }),
  )
}

csv('openCsv() refuses what is no file', () =>
  withCsv('', async (path) => {
    await rejects(openCsv(`${path}.gone`), { instance: UsageError, message: /cannot be opened \(ENOENT\)/ })
    await rejects(openCsv(join(path, '..')), { instance: UsageError, message: /cannot be opened \(EISDIR\)/ })
  }),
)

for (const [title, rows, message] of [
  ['is never closed', '1,2\n3,"4\n5,6\n', 'row 3, B: its opening quote is not closed'],
  ['is followed by more', '1,2\n"3"x,4\n', 'row 3, A: it continues after its closing quote'],
  ['stands inside', '1,2\n3,4"5\n', 'row 3, B: it has a quote inside'],
  ['is never closed in a long file', `1,"2\n${'3,4\n'.repeat(300_000)}`, 'row 2, B: the row is longer than 1 MiB'],
] as const) {
  csv(`rows() names row and column when a quote ${title}`, () =>
    withCsv(`A,B\n${rows}`, async (path) => {
      const { message: found } = await rejects(openCsv(path).then(rowsOf), { instance: UsageError })
      assert.ok(found.startsWith(`Cannot read ${JSON.stringify(path)}: ${message}`), found)
    }),
  )
}

csv('checkRows() gives texts, numbers, dates and files of the folder, and nothing for an empty cell', () =>
  withCsv('A,B:number,C:date,D:file\n x ,1.50,2026-11-24,letters/a.txt\ny,,,\n', async (path) => {
    await mkdir(join(path, '../letters'))
    await writeFile(join(path, '../letters/a.txt'), 'abc')
    const checked = await check(path)
    assert.is(checked.count, 2)
    const [first, second] = await valuesOf(checked)
    const [text, number, date, file] = first!.value
    assert.equal(
      [text, number, date],
      [
        { name: 'A', textValue: ' x ' },
        { name: 'B', numericValue: 1.5 },
        { name: 'C', dateTimeValue: '2026-11-24' },
      ],
    )
    assert.equal([file!.name, file!.fileValue!.upload.name, file!.fileValue!.upload.size], ['D', 'a.txt', 3])
    assert.equal(second, { row: 3, value: [{ name: 'A', textValue: 'y' }] })
  }),
)

csv('checkRows() names row and column of all that is wrong', () =>
  withCsv('A,B:number,C:date,D:file\nx,1,2026-02-30,\ny,2\n\nz,"1,5",24.11.2026,gone.pdf\n', async (path) => {
    const { message } = await rejects(check(path), { instance: UsageError })
    assert.is(
      message,
      `Cannot use ${JSON.stringify(path)}, and nothing was sent: 5 problems.
  row 2, C:date: there is no such day
  row 3: it has 2 cells; expected 4, as in the header
  row 5, B:number: it is not a number; expected one such as 1234.5
  row 5, C:date: it is not a date; expected 2026-11-24, or 2026-11-24T09:30:00Z with Z or an offset such as +01:00
  row 5, D:file: Cannot upload ${JSON.stringify(join(path, '../gone.pdf'))}: it cannot be read (ENOENT); expected a file.`,
    )
  }),
)

csv('checkRows() names what is wrong with the header, and not the rows under it', () =>
  withCsv('A,,a:number,B:money,C D,E:date:x\n1,2\n', async (path) => {
    const { message } = await rejects(check(path), { instance: UsageError })
    assert.equal(message.split('\n').slice(1), [
      '  row 1, column 2: it is not the name of a data field; expected letters, digits and _, such as AMOUNT:number',
      '  row 1, a:number: another column has this name',
      '  row 1, B:money: its type is unknown; expected text, number, date or file after the colon',
      '  row 1, C D: it is not the name of a data field; expected letters, digits and _, such as AMOUNT:number',
      '  row 1, E:date:x: its type is unknown; expected text, number, date or file after the colon',
    ])
  }),
)

csv('checkRows() names the cell when it is no UTF-8', () =>
  withCsv(Buffer.from('A;B\nx;M\u00fcller\n', 'latin1'), async (path) => {
    await rejects(check(path), { message: /row 2, B: it has a character that is not UTF-8; save the file as UTF-8/ })
  }),
)

csv('checkRows() names the column when the header is no UTF-8, and says nothing else of it', () =>
  withCsv(Buffer.from('A;ST\u00dcCK\nx;1\n', 'latin1'), async (path) => {
    await rejects(check(path), {
      message: /: 1 problem\.\n {2}row 1, column 2: it has a character that is not UTF-8;.*$/,
    })
  }),
)

csv('checkRows() names the cell when it holds what no text holds', () =>
  withCsv('A,B\nx,y\0z\n'.padEnd(70_000, 'x,y\n'), async (path) => {
    await rejects(check(path), { message: /it is UTF-16, or not text/ })
    await writeFile(path, `A,B\n${'x,y\n'.repeat(20_000)}x,y\0z\n`)
    await rejects(check(path), { message: /row 20002, B: it has a character that is not UTF-8/ })
  }),
)

csv('messageOf() says what the server said, with the names of columns for the places of parameters', () => {
  const parameters = [
    { name: 'ITEM', textValue: 'x' },
    { name: 'AMOUNT', textValue: 'y' },
  ]
  const said = (message: string) =>
    messageOf(new GraphQLExecutionError('Cannot execute it.', { errors: [{ message }], data: null }), parameters)
  for (const [message, expected] of [
    ['Data "[value of parameters[1].name]" takes numericValue.', 'Data "AMOUNT" takes numericValue.'],
    ['got invalid value [value] at "parameters[1].textValue"', 'got invalid value [value] at "AMOUNT.textValue"'],
    ['[value of parameters[0].textValue] is taken', '[value of ITEM.textValue] is taken'],
    ['[value of b3_parameters[0].name] of a batch', '[value of b3_parameters[0].name] of a batch'],
    ['parameters[7] is none of the row', 'parameters[7] is none of the row'],
    ['', 'Cannot execute it.'],
  ] as const) {
    assert.is(said(message), expected)
  }
  assert.is(messageOf(new OutcomeUnknownError('It is unknown.'), parameters), 'It is unknown.')
  assert.is(messageOf(undefined, parameters), null)
})

csv('checkRows() shows 20 problems and counts the others', () =>
  withCsv(`A:number\n${'x\n'.repeat(23)}`, async (path) => {
    const { message } = await rejects(check(path))
    const lines = message.split('\n')
    assert.match(lines[0]!, 'nothing was sent: 23 problems.')
    assert.is(lines.length, 22)
    assert.match(lines[20]!, 'row 21, A:number')
    assert.is(lines[21], '  and 3 more')
  }),
)

csv('rows() stops when the file was changed after it was checked', () =>
  withCsv('A:number\n1\n2\n3\n', async (path) => {
    const checked = await check(path)
    writeFileSync(path, 'A:number\n1\nx\n3\n')
    const { message } = await rejects(valuesOf(checked), { instance: UsageError })
    assert.match(message, 'it was changed after it was checked: 1 problem.\n  row 3, A:number: it is not a number')
  }),
)

csv('checkRows() takes a header without rows', () =>
  withCsv('A,B\r\n', async (path) => {
    const checked = await check(path)
    assert.is(checked.count, 0)
    assert.equal(await valuesOf(checked), [])
  }),
)

csv('readNumber() takes what can mean one number', () => {
  for (const [cell, separator, number] of [
    ['1234.5', ',', 1234.5],
    ['1.234', ',', 1.234],
    [' -12 ', ',', -12],
    ['+0.10', ',', 0.1],
    ['1,5', ';', 1.5],
    ['1.5', ';', 1.5],
    ['1234,567', ';', 1234.567],
    ['0,125', ';', 0.125],
    ['1,2340', '\t', 1.234],
    ['-0,001', ';', -0.001],
    ['123456789012345', ',', 123456789012345],
  ] as const) {
    assert.is(readNumber(cell, separator), number, `${cell} with ${separator}`)
  }
})

csv('readNumber() refuses what is no number, or could mean two', () => {
  for (const [cell, separator, message] of [
    ['1,5', ',', /^it is not a number; expected one such as 1234\.5$/],
    ['1,234', ',', /it is not a number/],
    ['1.234', ';', /could be for thousands or decimals/],
    ['-12,345', ';', /could be for thousands or decimals/],
    ['1.234,5', ';', /^it is not a number; expected one such as 1234\.5 or 1234,5$/],
    ['1 234', ';', /it is not a number/],
    ['1.2E+05', ',', /it is not a number/],
    ['12 €', ',', /it is not a number/],
    ['.5', ',', /it is not a number/],
    ['NaN', ',', /it is not a number/],
    ['0x10', ',', /it is not a number/],
    [' ', ',', /it is not a number/],
    ['1234567890.123456', ',', /more digits than a number keeps; expected at most 15/],
  ] as const) {
    assert.throws(() => readNumber(cell, separator), message, `${cell} with ${separator}`)
  }
})

csv('readDate() takes days as they are, and instants in UTC', () => {
  for (const [cell, date] of [
    ['2026-11-24', '2026-11-24'],
    [' 2024-02-29 ', '2024-02-29'],
    ['2026-11-24T09:30Z', '2026-11-24T09:30:00.000Z'],
    ['2026-11-24T00:30:15.5+01:00', '2026-11-23T23:30:15.500Z'],
  ] as const) {
    assert.is(readDate(cell), date)
  }
})

csv('readDate() refuses what is no day, and a time that could be of any place', () => {
  for (const [cell, message] of [
    ['2026-02-29', /^there is no such day$/],
    ['2026-13-01', /^there is no such day$/],
    ['2026-04-31T10:00:00Z', /^there is no such day$/],
    ['2026-11-24T25:00:00Z', /^there is no such time of day$/],
    ['2026-11-24T09:30:00', /it is not a date; expected 2026-11-24, or .* with Z or an offset/],
    ['2026-11-24 09:30:00Z', /it is not a date/],
    ['24.11.2026', /it is not a date/],
    ['11/24/2026', /it is not a date/],
    ['2026-1-1', /it is not a date/],
  ] as const) {
    assert.throws(() => readDate(cell), message, cell)
  }
})

/** Writes the content to a file in a folder of its own, which is removed afterwards. */
async function withCsv(content: string | Buffer, work: (path: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder()
  try {
    const path = join(folder, 'data.csv')
    await writeFile(path, content)
    await work(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function check(path: string): Promise<CheckedRows<Parameter[]>> {
  return checkRows(path, (opened: Csv, reportHeader: Report) => {
    const columns = dataColumns(opened, reportHeader)
    return (cells, _row, report) => parametersOf(columns, cells, report)
  })
}

async function rowsOf(opened: Csv): Promise<(number | string)[][]> {
  const rows: (number | string)[][] = []
  for await (const { row, cells } of opened.rows()) rows.push([row, ...cells])
  return rows
}

async function valuesOf<Row>(checked: CheckedRows<Row>): Promise<{ row: number; value: Row }[]> {
  const values: { row: number; value: Row }[] = []
  for await (const value of checked.rows()) values.push(value)
  return values
}

csv.run()
