import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '#wfg'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { openTable } from '../../../scripts/_import/open_table.ts'
import { rejects } from '../../_assert.ts'
import { check, rowsOf, valuesOf, withFile, workbook, workbookOfXml } from './_tables.ts'

const excel = suite('scripts/_import/excel')

const inXlsx = (content: Uint8Array, work: (path: string) => Promise<void>) => withFile(content, work, 'data.xlsx')

/** A cell of XML with a number, a formula or another value. */
const cell = (place: string, value: string | number, attributes = '') =>
  `<c r="${place}"${attributes}><v>${value}</v></c>`
const text = (place: string, value: string) => `<c r="${place}" t="inlineStr"><is><t>${value}</t></is></c>`

excel('each cell has its own type, and needs none in the header', async () => {
  const day = new Date('2026-12-01')
  const date = { value: day, type: Date, format: 'dd.mm.yyyy' }
  const content = await workbook({
    May: [
      [{ value: 'ITEM' }, { value: 'AMOUNT' }, { value: 'DUE' }, { value: 'URGENT' }],
      [{ value: ' Desk; "oak" ' }, { value: 1250.5 }, date, { value: true }],
      [null, { value: ' ' }, null, null],
      [{ value: 'Lamp' }, null, null, { value: false }],
    ],
  })
  await inXlsx(content, async (path) => {
    assert.equal(await valuesOf(await check(path)), [
      {
        row: 2,
        value: [
          { name: 'ITEM', textValue: ' Desk; "oak" ' },
          { name: 'AMOUNT', numericValue: 1250.5 },
          { name: 'DUE', dateTimeValue: '2026-12-01' },
          { name: 'URGENT', textValue: 'true' },
        ],
      },
      {
        row: 4,
        value: [
          { name: 'ITEM', textValue: 'Lamp' },
          { name: 'URGENT', textValue: 'false' },
        ],
      },
    ])
  })
})

excel('a type in the header decides, and texts are read as in a CSV file', async () => {
  const content = await workbook({
    May: [
      [{ value: 'CODE:text' }, { value: 'DAY:text' }, { value: 'AMOUNT:number' }, { value: 'DUE:date' }],
      [
        { value: 42 },
        { value: new Date('2026-12-01'), type: Date, format: 'd/m' },
        { value: '1.234,50' },
        { value: '1.12.2026' },
      ],
    ],
  })
  await inXlsx(content, async (path) => {
    const [row] = await valuesOf(await check(path, { dates: 'dmy' }))
    assert.equal(row!.value, [
      { name: 'CODE', textValue: '42' },
      { name: 'DAY', textValue: '2026-12-01' },
      { name: 'AMOUNT', numericValue: 1234.5 },
      { name: 'DUE', dateTimeValue: '2026-12-01' },
    ])
  })
})

excel('formulas give their value, shared texts theirs, and numbers the 15 digits that Excel shows', () => {
  const rows = `<row r="1">${cell('A1', 0, ' t="s"')}${text('B1', 'B')}${text('C1', 'C')}</row>
    <row r="2">${cell('A2', 1, ' t="s"')}<c r="B2"><f>0.1+0.2</f><v>0.30000000000000004</v></c><c r="C2" t="str"><f>"#N"&amp;"/A"</f><v>#N/A</v></c></row>`
  return inXlsx(workbookOfXml(rows, { strings: ['A', 'Öl &amp; Essig'] }), async (path) => {
    assert.equal(await rowsOf(await openTable(path, {})), [[2, 'Öl & Essig', 0.3, '#N/A']])
  })
})

// LibreOffice writes "true".
for (const date1904 of ['', '1', 'true']) {
  excel(`days have no time zone${date1904 && `, also those counted from 1904 by "${date1904}"`}`, () => {
    const serial = 46_357 - (date1904 ? 1462 : 0)
    const rows = `<row r="1">${text('A1', 'A')}</row><row r="2">${cell('A2', serial, ' s="1"')}</row>`
    return inXlsx(workbookOfXml(rows, { date1904 }), async (path) => {
      const [row] = await valuesOf(await check(path))
      assert.equal(row!.value, [{ name: 'A', dateTimeValue: '2026-12-01' }])
    })
  })
}

excel('a time of day is text, and no date without its zone; a time alone is neither', () => {
  const header = `<row r="1">${text('A1', 'A:text')}${text('B1', 'B')}</row>`
  const time = cell('A2', 46_357.395833333336, ' s="4"')
  return inXlsx(workbookOfXml(`${header}<row r="2">${time}</row>`), async (path) => {
    const [row] = await valuesOf(await check(path))
    assert.equal(row!.value, [{ name: 'A', textValue: '2026-12-01 09:30:00' }])
    const alone = `<row r="3">${cell('A3', 0.5, ' s="2"')}${cell('B3', 1.25, ' s="3"')}</row>`
    writeFileSync(path, workbookOfXml(`${header}<row r="2">${time.replace('A2', 'B2')}</row>${alone}`))
    const { message } = await rejects(check(path), { instance: UsageError })
    const without = 'it is a time or a duration, or a day before 1905; expected a day, or the cell format "Text"'
    assert.equal(message.split('\n').slice(1), [
      '  row 2, B: it has the time 09:30:00, but a sheet has no time zone; expected a day alone, or the text 2026-12-01T09:30:00Z with Z or an offset such as +01:00',
      `  row 3, A:text: ${without}`,
      `  row 3, B: ${without}`,
    ])
  })
})

excel('an error, or a formula without a value, is named with row and column, also in a row without others', () => {
  const error = (place: string, code: string) => `<c r="${place}" s="0" t="e"><f>1/0</f><v>${code}</v></c>`
  const rows = `<row r="1">${text('A1', 'A')}${text('B1', 'B:number')}</row>
    <row r="2"><c r="A2" t="e"/>${error('B2', '#DIV/0!')}</row>
    <row r="3">${text('A3', 't="e"')}${text('B3', 'x')}</row>
    <row r="5">${error('A5', '#N/A')}</row>
    <row r="6"><c r="A6" t="str"><f>""</f><v></v></c><c r="B6"><f>1+1</f><v/></c></row>
    <row r="7"><c r="A7"><f t="shared" si="0"/></c></row>
    <row r="8"><c r="A8" t="str"><f>X()</f></c><c r="B8" t="e"><v xml:space="preserve">#REF!</v></c></row>`
  return inXlsx(workbookOfXml(rows), async (path) => {
    const { message } = await rejects(check(path), { instance: UsageError })
    assert.equal(message.split('\n').slice(1), [
      '  row 2, B:number: it is the error #DIV/0!; correct its formula or value',
      '  row 3, B:number: it is not a number; expected one such as 1234.5 or 1234,5',
      '  row 5, A: it is the error #N/A; correct its formula or value',
      '  row 6, B:number: its formula has no value; open the file in Excel and save it',
      '  row 7, A: its formula has no value; open the file in Excel and save it',
      '  row 8, A: its formula has no value; open the file in Excel and save it',
      '  row 8, B:number: it is the error #REF!; correct its formula or value',
    ])
  })
})

excel('an error in the header is refused, and a prefix of the elements changes nothing', () => {
  const rows = `<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>A</x:t></x:is></x:c><x:c r="B1" t="e">
    <x:f>A0</x:f> <x:v>#REF!</x:v></x:c></x:row>`
  return inXlsx(workbookOfXml(rows), async (path) => {
    await rejects(check(path), { instance: UsageError, message: /: row 1, column 2: it is the error #REF!; correct/ })
  })
})

excel('a number is no date, and a date no number', () => {
  const rows = `<row r="1">${text('A1', 'A:date')}${text('B1', 'B:number')}</row>
    <row r="2">${cell('A2', 46_357)}${cell('B2', 46_357, ' s="1"')}</row>`
  return inXlsx(workbookOfXml(rows), async (path) => {
    const { message } = await rejects(check(path))
    assert.match(message, 'row 2, A:date: it is a number; expected a date, so give the cell a date format\n')
    assert.match(message, 'row 2, B:number: it is a date; expected a number')
  })
})

excel('--sheet chooses a sheet, and a missing one lists those there are', async () => {
  const content = await workbook({
    May: [[{ value: 'A' }], [{ value: 1 }]],
    'June & July': [[{ value: 'A' }], [{ value: 2 }]],
    Notes: [],
  })
  await inXlsx(content, async (path) => {
    assert.equal(await rowsOf(await openTable(path, {})), [[2, 1]])
    assert.equal(await rowsOf(await openTable(path, { sheet: 'June & July' })), [[2, 2]])
    await rejects(openTable(path, { sheet: 'june' }), {
      instance: UsageError,
      message: `Cannot read ${quotedPath(path)}: it has no sheet "june"; expected one of "May", "June & July", "Notes".`,
    })
    await rejects(openTable(path, { sheet: 'Notes' }), {
      message: /the sheet "Notes" is empty; expected a header in row 1/,
    })
    await rejects(openTable(path, { encoding: 'utf-8' }), { message: /--encoding is for CSV files/ })
  })
})

excel('a time of "Strict Open XML" has no zone, so that of the computer changes nothing', () => {
  const time = '<c r="A2" s="4" t="d"><v>2026-12-01T23:30:00.000</v></c>'
  const rows = `<row r="1">${text('A1', 'A:text')}</row><row r="2">${time}</row>`
  return inXlsx(workbookOfXml(rows), async (path) => {
    const zone = process.env['TZ']
    process.env['TZ'] = 'America/New_York'
    try {
      assert.equal(await rowsOf(await openTable(path, {})), [[2, new Date('2026-12-01T23:30:00Z')]])
    } finally {
      if (zone === undefined) delete process.env['TZ']
      else process.env['TZ'] = zone
    }
  })
})

excel('the first sheet is the first that a person sees, which is no chart', () => {
  const sheets = `<sheet name="Chart" sheetId="2" r:id="rId9"/><sheet name="Old" sheetId="3" state="hidden" r:id="rId1"/>
    <sheet name="Gone" sheetId="4" state="veryHidden" r:id="rId1"/><sheet name="Seen" sheetId="5" r:id="rId8"/>`
  const rows = `<row r="1">${text('A1', 'A')}</row><row r="2">`
  const content = workbookOfXml(`${rows}${cell('A2', 1)}</row>`, { sheets, second: `${rows}${cell('A2', 2)}</row>` })
  return inXlsx(content, async (path) => {
    assert.equal(await rowsOf(await openTable(path, {})), [[2, 2]])
    assert.equal(await rowsOf(await openTable(path, { sheet: 'Old' })), [[2, 1]])
    await rejects(openTable(path, { sheet: 'Chart' }), {
      message: /it has no sheet "Chart"; expected one of "Old", "Gone"/,
    })
  })
})

excel('merged cells are refused: only the first would have the value that is shown for all', () => {
  const rows = `<row r="1">${text('A1', 'A')}${text('B1', 'B')}</row>
    <row r="2">${text('A2', 'x')}${cell('B2', 1)}</row><row r="3">${text('A3', 'y')}</row><row r="4">${text('A4', 'z')}</row>`
  const merges = '<mergeCells count="2"><mergeCell ref="B2:B3"/><mergeCell ref="D2:F9"/></mergeCells>'
  return inXlsx(workbookOfXml(rows, { after: merges }), async (path) => {
    const { message } = await rejects(check(path), { instance: UsageError })
    assert.equal(message.split('\n').slice(1), [
      '  row 2, B: it is merged with others (B2:B3); unmerge them, and give each cell its value',
    ])
  })
})

excel(
  'leading zeros of a format such as 00000 are kept, and numbers with more digits than Excel keeps are refused',
  () => {
    const header = `<row r="1">${text('A1', 'A')}${text('B1', 'B:number')}</row>`
    const zeros = `<row r="2">${cell('A2', 1067, ' s="5"')}${cell('B2', 1067, ' s="5"')}</row>
    <row r="3"><c r="A3" s="5"><f>A2</f><v>123456</v></c>${cell('B3', '1.5', ' s="5"')}</row>`
    return inXlsx(workbookOfXml(`${header}${zeros}`), async (path) => {
      const values = await valuesOf(await check(path))
      assert.equal(
        values.map(({ value }) => value),
        [
          [
            { name: 'A', textValue: '01067' },
            { name: 'B', numericValue: 1067 },
          ],
          [
            { name: 'A', numericValue: 123_456 },
            { name: 'B', numericValue: 1.5 },
          ],
        ],
      )
      const long = `<row r="2">${cell('A2', '1234567890123456')}</row><row r="3">${cell('A3', '1E+12', ' s="1"')}</row>`
      writeFileSync(path, workbookOfXml(`${header}${long}`))
      const { message } = await rejects(check(path), { instance: UsageError })
      assert.match(message, 'row 2, A: it has more than 15 digits, and Excel keeps no more')
      assert.match(message, 'row 3, A: it is a time or a duration, or a day before 1905')
    })
  },
)

excel('a sheet without a header is refused', () =>
  inXlsx(workbookOfXml(`<row r="2">${text('A2', 'A')}</row>`), async (path) => {
    await rejects(check(path), { message: /row 1 of its first sheet is empty; expected the header there/ })
  }),
)

const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])

for (const [title, content, message] of [
  ['has a password', Buffer.concat([OLE, Buffer.from('EncryptedPackage', 'utf16le')]), /it is protected by a password/],
  [
    'is of an old Excel',
    Buffer.concat([OLE, Buffer.from('Workbook', 'utf16le')]),
    /it is a workbook of an old Excel \(\.xls\)/,
  ],
  [
    'is a text',
    Buffer.from('A,B\n1,2\n'),
    /it has the name of an Excel file, but is none; expected one saved as \.xlsx/,
  ],
  ['is cut off', workbookOfXml('').subarray(0, 500), /it is damaged, or no Excel workbook/],
  ['is empty', Buffer.from(''), /it has the name of an Excel file, but is none/],
] as const) {
  excel(`a file that ${title} is refused in one sentence`, () =>
    inXlsx(content, async (path) => {
      const { message: found } = await rejects(check(path), { instance: UsageError, message })
      assert.not.match(found, '\n')
    }),
  )
}

excel('rows() stops when the workbook was changed after it was checked', async () => {
  const content = await workbook({ May: [[{ value: 'A' }], [{ value: 1 }]] })
  await inXlsx(content, async (path) => {
    const checked = await check(path)
    writeFileSync(path, await workbook({ May: [[{ value: 'A' }], [{ value: 1000 }]] }))
    await rejects(valuesOf(checked), { instance: UsageError, message: /it was changed after it was checked/ })
  })
})

excel.run()
