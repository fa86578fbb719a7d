import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Caller, withSandbox } from '../sandbox/_sandbox.ts'
import { type ScriptsProject, withScripts } from './_scripts.ts'
import { workbook } from './import/_tables.ts'

const updateData = suite('update-data')

/** Requests of PURCHASE_ORDER, whose invented data have these values. */
const FIRST = 398
const BEFORE = {
  AMOUNT: 7436.46,
  SUPPLIER: 'Lumen Electric',
  DELIVERY_DATE: '2026-12-30T22:11:17.835Z',
  QUOTE: 'quote-398.txt',
}

updateData('it sets texts, numbers, dates and files, leaves alone what is empty, and may run again', () =>
  withBoth(async (scripts, caller) => {
    writeFileSync(join(scripts.dir, 'new quote.pdf'), 'the quote')
    writeFileSync(
      join(scripts.dir, 'data.csv'),
      `Request,AMOUNT:number,SUPPLIER,DELIVERY_DATE:date,QUOTE:file\n${FIRST},12.5,,2026-12-01,new quote.pdf\n`,
    )
    for (const time of ['first', 'second']) {
      const { rows, stderr } = await scripts.here.rows(ARGS, { env: caller.sandbox.settings })
      assert.match(stderr, '1 row: 1 updated, 0 failed, 0 unknown.\n')
      assert.equal(rows, [{ row: 2, request: FIRST, status: 'done', error: null }], time)
      assert.equal(
        await valuesOf(caller, FIRST),
        { ...BEFORE, AMOUNT: 12.5, DELIVERY_DATE: '2026-12-01T00:00:00.000Z', QUOTE: 'new quote.pdf' },
        time,
      )
    }
  }),
)

updateData('a dry run shows old and new values, and changes nothing', () =>
  withBoth(async (scripts, caller) => {
    writeFileSync(join(scripts.dir, 'new.pdf'), 'the quote')
    writeFileSync(
      join(scripts.dir, 'data.csv'),
      `REQUEST;AMOUNT:number;SUPPLIER;DELIVERY_DATE:date;QUOTE:file\n${FIRST};12,5;Müller;2026-12-01;new.pdf\n9999;1;;;\n`,
    )
    const { rows, stderr } = await scripts.here.rows([...ARGS, '--dry-run'], { env: caller.sandbox.settings })
    assert.equal(rows, [
      { request: FIRST, data: 'AMOUNT', old: 7436.46, new: 12.5 },
      { request: FIRST, data: 'SUPPLIER', old: 'Lumen Electric', new: 'Müller' },
      { request: FIRST, data: 'DELIVERY_DATE', old: '2026-12-30T22:11:17.835Z', new: '2026-12-01' },
      { request: FIRST, data: 'QUOTE', old: 'quote-398.txt', new: 'new.pdf' },
      { request: 9999, data: 'AMOUNT', old: null, new: 1 },
    ])
    assert.match(stderr, '2 rows: a dry run, nothing was sent. Next: run it without --dry-run.\n')
    assert.match(stderr, 'warning: Request 9999 was not found, or you may not see any of its actions.')
    assert.equal(await valuesOf(caller, FIRST), BEFORE)
  }),
)

updateData('the types of columns are those of the data in the requests', () =>
  withBoth(async (scripts, caller) => {
    const content = await workbook({
      Sheet: [
        [{ value: 'REQUEST' }, { value: 'amount' }, { value: 'SUPPLIER' }, { value: 'DELIVERY_DATE' }],
        [{ value: FIRST }, { value: '1.300,75' }, { value: 42 }, { value: '16.01.2027' }],
      ],
    })
    writeFileSync(join(scripts.dir, 'data.xlsx'), content)
    const args = ['update-data', 'data.xlsx', '--dates', 'dmy']
    const { rows } = await scripts.here.rows(args, { env: caller.sandbox.settings })
    assert.equal(rows, [{ row: 2, request: FIRST, status: 'done', error: null }])
    const values = { AMOUNT: 1300.75, SUPPLIER: '42', DELIVERY_DATE: '2027-01-16T00:00:00.000Z' }
    assert.equal(await valuesOf(caller, FIRST), { ...BEFORE, ...values })
  }),
)

updateData('a dry run warns of data that requests do not have, once for each column', () =>
  withBoth(async (scripts, caller) => {
    writeFileSync(join(scripts.dir, 'data.csv'), `REQUEST,AMOUNTT:number,SUPPLIER\n${FIRST},1,x\n392,2,y\n9999,3,\n`)
    const { stderr } = await scripts.here.rows([...ARGS, '--dry-run'], { env: caller.sandbox.settings })
    const warnings = stderr.split('\n').filter((line) => line.startsWith('warning: Missing data'))
    const question = 'check the name of the column, and the process.'
    assert.equal(warnings, [
      `warning: Missing data AMOUNTT in request ${FIRST} and 1 more: ${question}`,
      `warning: Missing data SUPPLIER in request 392: ${question}`,
    ])
    const { status, stdout } = await scripts.here.run([...ARGS, '--format', 'json'], { env: caller.sandbox.settings })
    assert.is(status, 5)
    assert.match(JSON.parse(stdout)[0].error, 'has no data "AMOUNTT"')
  }),
)

updateData('it sends nothing when a row is wrong, and names row and column', () =>
  withBoth(async (scripts, caller) => {
    for (const [content, messages] of [
      ['NUMBER,AMOUNT:number\n398,1\n', ['row 1, NUMBER: it must be REQUEST, because it is the first column']],
      ['REQUEST\n398\n', ['row 1, column 2: it is missing; expected the name of a data field']],
      ['REQUEST,REQUEST\n398,1\n', ['row 1, REQUEST: another column has this name']],
      [
        'REQUEST,AMOUNT:number\n398,1\n,2\n3.5,2\n398,x\n',
        [
          'row 3, REQUEST: it is not the number of a request; expected one such as 42',
          'row 4, REQUEST: it is not the number of a request; expected one such as 42',
          'row 5, REQUEST: row 2 has this request too; expected one row for each request',
          'row 5, AMOUNT:number: it is not a number; expected one such as 1234.5',
        ],
      ],
    ] as const) {
      writeFileSync(join(scripts.dir, 'data.csv'), content)
      const { status, stdout, stderr } = await scripts.here.run(ARGS, { env: caller.sandbox.settings })
      assert.is(status, 2, stderr)
      assert.is(stdout, '')
      assert.match(stderr, messages.map((message) => `  ${message}\n`).join(''))
    }
    assert.equal(await valuesOf(caller, FIRST), BEFORE)
  }),
)

updateData(
  'in a sheet too, a request that there is not fails alone and ends with 5; a row without values is left out',
  () =>
    withBoth(async (scripts, caller) => {
      const rows = [
        ['REQUEST', 'AMOUNT'],
        [9999, 1],
        [397, null],
        [FIRST, 2],
      ]
      const data = rows.map((cells) => cells.map((value) => (value === null ? null : { value })))
      writeFileSync(join(scripts.dir, 'data.xlsx'), await workbook({ Amounts: data }))
      const args = ['update-data', 'data.xlsx', '--format', 'json']
      const { status, stdout } = await scripts.run(args, { env: caller.sandbox.settings })
      assert.is(status, 5)
      const [failed, done, ...others] = JSON.parse(stdout)
      assert.equal([failed.row, failed.request, failed.status], [2, 9999, 'failed'])
      assert.match(failed.error, /Request .* not found/)
      assert.equal(done, { row: 4, request: FIRST, status: 'done', error: null })
      assert.is(others.length, 0)
      assert.is((await valuesOf(caller, FIRST))['AMOUNT'], 2)
    }),
)

const ARGS = ['update-data', 'data.csv']

function withBoth(work: (scripts: ScriptsProject, caller: Caller) => Promise<void>): Promise<void> {
  return withScripts((scripts) => withSandbox((caller) => work(scripts, caller)), { writing: ['update-data'] })
}

async function valuesOf({ data }: Caller, number: number): Promise<Record<string, unknown>> {
  const { request } = await data(
    `query ($number: Int, $names: [String!]) { request(number: $number) { dataset(filter: { names: $names }) {
      items { name textValue numericValue dateTimeValue fileValue { name } } } } }`,
    { number, names: Object.keys(BEFORE) },
  )
  const items: Record<string, unknown>[] = request.dataset.items
  const values = items.map(({ name, textValue, numericValue, dateTimeValue, fileValue }) => [
    name,
    textValue ?? numericValue ?? dateTimeValue ?? (fileValue as { name: string }).name,
  ])
  return Object.fromEntries(values)
}

updateData.run()
