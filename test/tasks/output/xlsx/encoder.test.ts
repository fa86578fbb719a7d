import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fflate from 'fflate'
import readExcelFile from 'read-excel-file/node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WfgError } from '../../../../runtime/core/errors.ts'
import { openOutFile } from '../../../../runtime/tasks/output/out_file.ts'
import { type WriteOptions, writeResult } from '../../../../runtime/tasks/output/write_result.ts'
import { createXlsxEncoder } from '../../../../runtime/tasks/output/xlsx/encoder.ts'
import { unzip } from '../../../../runtime/tasks/output/xlsx/zip.ts'
import { rejects } from '../../../_assert.ts'
import { withFolder } from '../../_folder.ts'

const xlsx = suite('tasks/output/xlsx')

interface Opened {
  readonly sheet: string
  /** With the header, as a reader sees them. */
  readonly rows: readonly unknown[][]
  readonly warnings: readonly string[]
  /** Of the sheet and of the formats. */
  readonly xml: string
  readonly styles: string
}

/** Writes the result to a file, as a run does, and opens it. */
async function opened(result: unknown, options: Partial<WriteOptions> = {}): Promise<Opened> {
  let found: Opened | undefined
  await withFolder({}, async (folder) => {
    const path = join(folder, 'a.xlsx')
    const warnings: string[] = []
    const warn = (text: string) => warnings.push(text)
    const file = await openOutFile(path)
    const all = { raw: false, isFile: true, warn, ...options, format: 'xlsx', sink: file.sink } as const
    await writeResult(result, all).then(file.commit, async (error) => {
      await file.abandon()
      throw error
    })
    found = { ...(await read(path)), warnings }
  })
  return found!
}

async function read(path: string): Promise<Omit<Opened, 'warnings'>> {
  const [{ sheet, data } = { sheet: '', data: [] }] = await readExcelFile(path, { trim: false })
  const files = unzip(fflate, readFileSync(path))
  return { sheet, rows: data, xml: files.get('xl/worksheets/sheet1.xml')!, styles: files.get('xl/styles.xml')! }
}

/** A value, and what a reader finds in its cell. */
const CELLS: readonly (readonly [value: unknown, cell: unknown])[] = [
  ['plain', 'plain'],
  ['', null],
  [null, null],
  [undefined, null],
  ['=1+1', '=1+1'],
  ['+49', '+49'],
  ['-1', '-1'],
  ['@x', '@x'],
  ['00123', '00123'],
  ['true', 'true'],
  [' padded ', ' padded '],
  ['one\r\ntwo\rthree', 'one\ntwo\nthree'],
  ['<b>&"\' Zürich €日本', '<b>&"\' Zürich €日本'],
  ['_x0041_ and _x', '_x0041_ and _x'],
  ['__proto__', '__proto__'],
  ['a\u0007b\ud800c\ufffe😀', 'a\ufffdb\ufffdc\ufffd😀'],
  [-0.1, -0.1],
  [1e-7, 1e-7],
  [999_999_999_999_999, 999_999_999_999_999],
  [1_234_567_890_123_456, '1234567890123456'],
  [Number.NaN, 'NaN'],
  [12345678901234567890n, '12345678901234567890'],
  [5n, '5'],
  [true, true],
  [false, false],
  ['2026-11-24', new Date('2026-11-24')],
  ['1900-03-01', new Date('1900-03-01')],
  ['2026-11-24T10:30:15Z', new Date('2026-11-24T10:30:15Z')],
  [new Date('2026-11-24T10:30:15.250Z'), new Date('2026-11-24T10:30:15.250Z')],
  [new Date(Number.NaN), null],
  ['2026-02-30', '2026-02-30'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ['2026-11-24T10:30:15+02:00', '2026-11-24T10:30:15+02:00'],
  [['a', 1], '["a",1]'],
  [new URL('https://example.com/'), 'https://example.com/'],
  [new TypeError('no'), 'no'],
]

xlsx('an Excel file has typed cells, and text stays as it is', async () => {
  const { rows } = await opened(CELLS.map(([cell], index) => ({ index, cell })))
  assert.equal(rows[0], ['index', 'cell'])
  for (const [index, [value, cell]] of CELLS.entries()) assert.equal(rows[index + 1], [index, cell], String(value))
})

xlsx('an Excel file has a bold frozen header, fitting widths, formats for dates, and no formula', async () => {
  const day = { day: '2026-11-24', time: new Date('2026-11-24T10:30:15Z'), formula: '=1', long: 'x'.repeat(100) }
  const { xml, styles } = await opened([day], { name: 'pending-actions' })
  const formats = [...styles.matchAll(/<xf ([^>]*)>/g)].map((match) => match[1]!)
  const styleOf = (cell: string) => formats[Number(new RegExp(` r="${cell}" s="(\\d+)"`).exec(xml)?.[1])] ?? ''
  const fonts = [...styles.matchAll(/<font>.*?<\/font>/g)].map(([font]) => font)
  const codes = new Map(
    [...styles.matchAll(/numFmtId="(\d+)" formatCode="([^"]*)"/g)].map(([, id, code]) => [id, code]),
  )
  assert.match(fonts[Number(/fontId="(\d+)"/.exec(styleOf('A1'))![1])]!, /<b\/>/)
  assert.is(codes.get(/numFmtId="(\d+)"/.exec(styleOf('A2'))![1]), 'yyyy-mm-dd')
  assert.is(codes.get(/numFmtId="(\d+)"/.exec(styleOf('B2'))![1]), 'yyyy-mm-dd hh:mm:ss')
  assert.match(xml, /<pane [^>]*ySplit="1" [^>]*state="frozen"\/>/)
  const widths = [...xml.matchAll(/<col [^>]*width="(\d+)"/g)].map((match) => Number(match[1]))
  assert.equal(widths, [12, 21, 9, 60])
  assert.not.match(xml, /<f[ >]/)
})

xlsx('the sheet has the name of the task, made valid', async () => {
  for (const [name, sheet] of [
    ['pending-actions', 'pending-actions'],
    ['finance:export', 'finance-export'],
    [`scripts/${'x'.repeat(40)}`, `scripts-${'x'.repeat(23)}`],
    ["'[a]'", '-a-'],
    ['History', 'Rows'],
    [undefined, 'Rows'],
  ] as const) {
    assert.is((await opened([{ a: 1 }], name === undefined ? {} : { name })).sheet, sheet)
  }
})

xlsx('an Excel file has a column for each member of an object, and those of all the first rows', async () => {
  const { rows, warnings } = await opened([
    { n: 1, assignee: null, toString: 'x' },
    { n: 2, assignee: { userName: 'ada', manager: { userName: 'bob' } }, late: 1 },
  ])
  assert.equal(rows, [
    ['n', 'toString', 'assignee.userName', 'assignee.manager.userName', 'late'],
    [1, 'x', null, null, null],
    [2, null, 'ada', 'bob', 1],
  ])
  assert.equal(warnings, [])
})

xlsx('an Excel file is written as it grows, and columns that come late are left out with a warning', async () => {
  const sizes: number[] = []
  const warnings: string[] = []
  const sink = {
    isTTY: false,
    columns: undefined,
    closed: false,
    write: async (output: string | Uint8Array) => void sizes.push(output.length),
  }
  let before = 0
  const same: Record<string, unknown> = {}
  function* many() {
    for (let n = 0; n < 20_000; n++) {
      if (n === 19_999) before = sizes.length
      yield Object.assign(same, { n, text: `text ${n}` }, n === 19_999 ? { late: 1, later: null } : {})
    }
  }
  const warn = (text: string) => warnings.push(text)
  await writeResult(many(), { format: 'xlsx', raw: false, sink, warn })
  assert.ok(before >= 10, `${before} writes`)
  assert.ok(Math.max(...sizes) < 100_000, `${Math.max(...sizes)} bytes at once`)
  assert.equal(warnings, ['Columns left out of the Excel file because the first 1,000 rows do not have them: "late".'])
})

xlsx('an Excel file has each row as it was, even if the script changes it afterwards', async () => {
  const same = { n: 0, deep: { n: 0 } }
  function* changing() {
    for (let n = 1; n <= 1500; n++) {
      same.n = same.deep.n = n
      yield same
    }
  }
  const { rows } = await opened(changing())
  assert.equal(
    rows.slice(1),
    Array.from({ length: 1500 }, (_, index) => [index + 1, index + 1]),
  )
})

xlsx('a value is a cell, and no rows and no result give a file without rows', async () => {
  assert.equal((await opened('a text')).rows, [['value'], ['a text']])
  assert.equal((await opened({ a: { b: 1 } })).rows, [['a.b'], [1]])
  for (const none of [[], undefined]) {
    const { rows, warnings } = await opened(none)
    assert.equal([rows, warnings], [[], ['No rows.']])
  }
})

xlsx('an Excel file masks secrets, also in numbers and in the header', async () => {
  const redact = (text: string) => text.replaceAll('12345678', '***')
  const rows = [{ a: 12345678, b: 'x<12345678', c12345678: 1, d: [12345678] }]
  assert.equal((await opened(rows, { redact })).rows, [
    ['a', 'b', 'c***', 'd'],
    ['***', 'x<***', 1, '[***]'],
  ])
})

xlsx('a text that is too long for a cell is cut with a warning', async () => {
  const { rows, warnings } = await opened([{ a: 'x'.repeat(32_767), b: `${'y'.repeat(32_766)}😀` }])
  assert.is(rows[1]![0], 'x'.repeat(32_767))
  assert.is(rows[1]![1], `${'y'.repeat(32_766)}\ufffd`)
  assert.equal(warnings, ['Cells of "b" are cut to 32,767 characters: an Excel cell holds no more.'])
})

xlsx('too many columns or rows fail the run, and say what to do', async () => {
  const wide = Object.fromEntries(Array.from({ length: 16_385 }, (_, index) => [`c${index}`, 1]))
  const advice = 'to an Excel file, which has no room for them; use --out FILE.csv.'
  await rejects(opened([wide]), { instance: WfgError, message: `Cannot write more than 16,384 columns ${advice}` })
  const encoder = createXlsxEncoder({ name: '', runtime: 'node', redact: (text) => text, warn: () => {} }, 1000)
  for (let count = 0; count < 1000; count++) encoder.add(1)
  await rejects(() => encoder.add(1), { instance: WfgError, message: `Cannot write more than 1,000 rows ${advice}` })
})

xlsx('the partial file of a failed run has its rows', () =>
  withFolder({}, async (folder) => {
    function* failing() {
      yield { a: 1 }
      throw new Error('no more')
    }
    const file = await openOutFile(join(folder, 'a.xlsx'))
    const options = { format: 'xlsx', raw: false, warn: () => {}, sink: file.sink } as const
    await rejects(writeResult(failing(), options), { message: 'no more' })
    const partial = (await file.abandon())!
    assert.equal((await read(partial)).rows, [['a'], [1]])
    const empty = await openOutFile(join(folder, 'a.xlsx'))
    await rejects(writeResult(failsAtOnce(), { ...options, sink: empty.sink }), { message: 'no more' })
    assert.is(await empty.abandon(), undefined)
  }),
)

// biome-ignore lint/correctness/useYield: it fails before its first row
function* failsAtOnce() {
  throw new Error('no more')
}

xlsx.run()
