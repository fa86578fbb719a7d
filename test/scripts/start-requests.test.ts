import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotedPath } from '../../runtime/core/visible.ts'
import { STARTER } from '../_cli.ts'
import { type Caller, withSandbox } from '../sandbox/_sandbox.ts'
import { type ScriptsProject, withScripts } from './_scripts.ts'
import { workbook } from './import/_tables.ts'

const startRequests = suite('start-requests')

const STARTED = `query ($number: Int) { request(number: $number) { process { name version } dataset {
  items { name textValue numericValue dateTimeValue fileValue { name size } } } } }`

startRequests(
  'each row becomes a request of that process, with texts, numbers, dates and files as the process has them',
  () =>
    withBoth(async (scripts, { sandbox, data }) => {
      writeFileSync(join(scripts.dir, 'quote.pdf'), 'the quote')
      const csv = 'ITEM;Amount;DELIVERY_DATE;QUOTE\r\n"Desk; oak";1.012,5;01.12.2026;quote.pdf\r\n\r\nLamp;;;\r\n'
      writeFileSync(join(scripts.dir, 'requests.csv'), `\uFEFF${csv}`)
      const flags = ['--process-version', '1', '--dates', 'dmy']
      const { rows, stderr } = await scripts.rows([...ARGS, ...flags], { env: sandbox.settings })
      // Several are under way at a time, so either may get the first number.
      const numbers = rows.map(({ request }) => Number(request))
      assert.equal(numbers.toSorted(), [401, 402])
      assert.equal(rows, [
        { row: 2, status: 'done', request: numbers[0], error: null },
        { row: 4, status: 'done', request: numbers[1], error: null },
      ])
      assert.match(
        stderr,
        /^2 rows: 2 started, 0 failed, 0 unknown\. Keep [^ ]*\.journal\.ndjson: with it, a further run starts only rows that are new\.$/m,
      )
      const { request } = await data(STARTED, { number: numbers[0] })
      assert.equal(request.process, { name: 'PURCHASE_ORDER', version: 1 })
      const value = (name: string) => request.dataset.items.find((item: { name: string }) => item.name === name)
      assert.is(value('ITEM').textValue, 'Desk; oak')
      assert.is(value('AMOUNT').numericValue, 1012.5)
      assert.is(value('DELIVERY_DATE').dateTimeValue, '2026-12-01T00:00:00.000Z')
      assert.equal(value('QUOTE').fileValue, { name: 'quote.pdf', size: 9 })
    }),
)

startRequests('each row of a sheet becomes a request, once', () =>
  withBoth(async (scripts, { sandbox, data }) => {
    const day = { value: new Date('2026-12-01'), type: Date, format: 'dd.mm.yyyy' }
    const content = await workbook({
      Notes: [[{ value: 'not this one' }]],
      Orders: [
        [{ value: 'ITEM' }, { value: 'AMOUNT' }, { value: 'DELIVERY_DATE' }],
        [{ value: 4711 }, { value: 1012.5 }, day],
      ],
    })
    writeFileSync(join(scripts.dir, 'requests.xlsx'), content)
    const args = ['start-requests', 'requests.xlsx', '--process', 'PURCHASE_ORDER', '--sheet', 'Orders']
    for (const status of ['done', 'skipped']) {
      const { rows } = await scripts.here.rows(args, { env: sandbox.settings })
      assert.equal(rows, [{ row: 2, status, request: 401, error: null }])
    }
    assert.ok(existsSync(join(scripts.dir, 'requests.xlsx.journal.ndjson')))
    const { request } = await data(STARTED, { number: 401 })
    const value = (name: string) => request.dataset.items.find((item: { name: string }) => item.name === name)
    assert.is(value('ITEM').textValue, '4711')
    assert.is(value('AMOUNT').numericValue, 1012.5)
    assert.is(value('DELIVERY_DATE').dateTimeValue, '2026-12-01T00:00:00.000Z')
  }),
)

startRequests('it starts only what was not started yet when it runs again, and two equal rows are two requests', () =>
  withBoth(async (scripts, caller) => {
    const env = caller.sandbox.settings
    const before = await countRequests(caller)
    const file = join(scripts.dir, 'requests.csv')
    writeFileSync(file, 'ITEM,AMOUNT:number\nDesk,1\nDesk,1\n')
    await scripts.here.rows(ARGS, { env })
    assert.is(await countRequests(caller), before + 2)

    const again = await scripts.here.rows(ARGS, { env })
    assert.equal(
      again.rows.map(({ row, status }) => [row, status]),
      [
        [2, 'skipped'],
        [3, 'skipped'],
      ],
    )
    assert.equal(again.rows.map(({ request }) => Number(request)).toSorted(), [401, 402])
    assert.match(again.stderr, '2 rows: 0 started, 0 failed, 0 unknown, 2 started by an earlier run. Keep ')
    assert.is(await countRequests(caller), before + 2)

    writeFileSync(file, 'AMOUNT:number;ITEM\r\n2;Lamp\r\n1;Desk\r\n1;Desk\r\n1;Desk\r\n')
    const longer = await scripts.here.rows([...ARGS, '--journal', `${file}.journal.ndjson`], { env })
    assert.is(await countRequests(caller), before + 2 + 2, 'columns in another order are the same requests')
    assert.equal(
      longer.rows.map(({ row, status }) => [row, status]),
      [2, 3, 4, 5].map((row) => [row, row === 2 || row === 5 ? 'done' : 'skipped']),
    )
    writeFileSync(file, 'AMOUNT:number;ITEM\r\n1;Desk\r\n3;Shelf\r\n2;Lamp\r\n1;Desk\r\n1;Desk\r\n1;Desk\r\n')
    const added = await scripts.here.rows(ARGS, { env })
    assert.equal(
      added.rows.map(({ row, status }) => [row, status]),
      [2, 3, 4, 5, 6, 7].map((row) => [row, row === 3 || row === 7 ? 'done' : 'skipped']),
    )
    assert.is(await countRequests(caller), before + 2 + 2 + 2)
  }),
)

startRequests('it starts nothing again when the file is reached by a link, or has another name', () =>
  withBoth(async (scripts, caller) => {
    const env = caller.sandbox.settings
    const file = join(scripts.dir, 'requests.csv')
    writeFileSync(file, 'ITEM,AMOUNT:number\nDesk,1\nLamp,2\n')
    await scripts.here.rows(ARGS, { env })
    const before = await countRequests(caller)
    const [, , ...rest] = ARGS
    if (process.platform !== 'win32') {
      mkdirSync(join(scripts.dir, 'links'))
      symlinkSync(file, join(scripts.dir, 'links', 'link.csv'))
      const { rows } = await scripts.here.rows(['start-requests', 'links/link.csv', ...rest], { env })
      assert.equal(
        rows.map(({ status }) => status),
        ['skipped', 'skipped'],
      )
    }
    const copy = join(scripts.dir, 'copy.csv')
    const journal = `${realpathSync(file)}.journal.ndjson`
    const more = Array.from({ length: 100 }, (_, index) => `Chair,${index}\n`).join('')
    writeFileSync(copy, `AMOUNT:number,ITEM\n${more.replace(/(.*),(.*)/g, '$2,$1')}2,Lamp\n1,Desk\n`)
    const refused = await scripts.here.run(['start-requests', 'copy.csv', ...rest], { env })
    assert.is(refused.status, 7, refused.stderr)
    assert.match(refused.stderr, `does not know it, but ${quotedPath(journal)} records it as done on the same server.`)
    assert.is(await countRequests(caller), before)
    const { rows } = await scripts.here.rows(['start-requests', 'copy.csv', ...rest, '--journal', journal], { env })
    assert.is(rows.filter(({ status }) => status === 'done').length, 100)
    assert.equal([rows[0]?.['row'], rows.at(-1)?.['row'], rows.length], [2, 103, 102])
    assert.is(await countRequests(caller), before + 100)
  }),
)

startRequests('it sends nothing when one row of the file is wrong, and names row and column', () =>
  withBoth(async (scripts, caller) => {
    const before = await countRequests(caller)
    const file = join(scripts.dir, 'requests.csv')
    for (const [content, message] of [
      ['ITEM,AMOUNT:number\nDesk,1\nLamp,two\n', /row 3, AMOUNT:number: it is not a number/],
      [
        'ITEM,AMOUNTT\nDesk,1\n',
        /row 1, AMOUNTT: no request of the process that you may read has such data, so its type is not known; check the name, or write/,
      ],
      ['ITEM,QUOTE:file\nDesk,quote.pdf\n', /row 2, QUOTE:file: Cannot upload .* it cannot be read/],
      ['ITEM,AMOUNT:number\nDesk,1\n"Lamp,2\n', /row 3, ITEM: its opening quote is not closed/],
      ['', /it is empty/],
    ] as const) {
      writeFileSync(file, content)
      const { status, stdout, stderr } = await scripts.here.run(ARGS, { env: caller.sandbox.settings })
      assert.is(status, 2, stderr)
      assert.is(stdout, '')
      assert.match(stderr, message)
      assert.not.match(stderr, / at .*\.ts:\d+/)
    }
    writeFileSync(file, 'ITEM\nDesk\n')
    const { status, stderr } = await scripts.here.run([...ARGS, '--out', './requests.csv'], {
      env: caller.sandbox.settings,
    })
    assert.is(status, 2, stderr)
    assert.match(stderr, 'Cannot write "./requests.csv": an argument of the task names it too; name another file')
    assert.is(readFileSync(file, 'utf8'), 'ITEM\nDesk\n')
    assert.is(await countRequests(caller), before)
    assert.not.ok(existsSync(`${file}.journal.ndjson`))
  }),
)

startRequests('it checks 70000 rows without holding them before it sends one', () =>
  withBoth(async (scripts, caller) => {
    const before = await countRequests(caller)
    const rows = Array.from({ length: 69_999 }, (_, index) => `Item ${index},${index}.5,2026-11-24,Some supplier\n`)
    writeFileSync(
      join(scripts.dir, 'requests.csv'),
      `ITEM,AMOUNT:number,DELIVERY_DATE:date,SUPPLIER\n${rows.join('')}x,1,2026-11-31,\n`,
    )
    // Too little for the rows as objects.
    const heap = '--max-old-space-size=48'
    const { status, stderr } = await scripts.run(ARGS, {
      env: { ...caller.sandbox.settings, NODE_OPTIONS: heap, DENO_V8_FLAGS: heap },
    })
    assert.is(status, 2, stderr)
    assert.match(stderr, '1 problem.\n  row 70001, DELIVERY_DATE:date: there is no such day\n')
    assert.is(await countRequests(caller), before)
  }),
)

startRequests('a row that the server refuses fails alone, ends with 5, and is sent again by the next run', () =>
  withBoth(async (scripts, { sandbox }) => {
    const file = join(scripts.dir, 'requests.csv')
    // Columns of empty cells are no parameters, and those after them move up.
    writeFileSync(file, 'AMOUNT:number,ITEM,QUOTE:text\n,Desk,x\n1,Lamp,\n')
    for (const expected of ['done', 'skipped']) {
      const { status, stdout, stderr } = await scripts.here.run([...ARGS, '--format', 'json'], {
        env: sandbox.settings,
      })
      assert.is(status, 5, stderr)
      const [failed, other] = JSON.parse(stdout)
      assert.equal([failed.row, failed.status, failed.request], [2, 'failed', null])
      assert.match(failed.error, 'Data "QUOTE" is of type FILE')
      assert.equal([other.row, other.status], [3, expected])
    }
  }),
)

startRequests('a row whose answer was lost is found among the requests, unless another row has the same data', () =>
  withBoth(async (scripts, caller) => {
    const env = caller.sandbox.settings
    const file = join(scripts.dir, 'requests.csv')
    const journal = `${file}.journal.ndjson`
    writeFileSync(file, 'ITEM,AMOUNT:number,DELIVERY_DATE:date\nDesk,1,2026-12-01\nLamp,2,\n')
    await scripts.here.rows(ARGS, { env })
    const before = await countRequests(caller)
    lose(journal)
    const { rows, stderr } = await scripts.here.rows(ARGS, { env })
    assert.equal(
      rows.map(({ row, status }) => [row, status]),
      [
        [2, 'done'],
        [3, 'done'],
      ],
    )
    assert.equal(rows.map(({ request }) => Number(request)).toSorted(), [401, 402])
    assert.is(await countRequests(caller), before, stderr)

    writeFileSync(file, 'ITEM\nChair\nChair\n')
    await scripts.here.rows([...ARGS, '--journal', `${file}.equal`], { env })
    lose(`${file}.equal`)
    const equal = await scripts.here.run([...ARGS, '--journal', `${file}.equal`, '--format', 'json'], { env })
    assert.is(equal.status, 5, equal.stderr)
    assert.equal(
      JSON.parse(equal.stdout).map(({ status }: { status: string }) => status),
      ['unknown', 'unknown'],
    )
    assert.match(equal.stdout, 'only --key tells them apart')
    const [, next = ''] = /Next: `(.*)` names the unknown rows\./.exec(equal.stderr) ?? []
    assert.ok(next.startsWith(`${STARTER} tasks.ts journal `), equal.stderr)
    const named = await scripts.here.run(
      next
        .slice(STARTER.length + 1)
        .split(' ')
        .slice(1),
      { env },
    )
    assert.match(named.stdout, /2 unknown/, next)
    assert.is(await countRequests(caller), before + 2)
    const resent = await scripts.here.rows([...ARGS, '--journal', `${file}.equal`, '--resend-unknown'], { env })
    assert.is(resent.rows[0]?.['status'], 'done')
    assert.is(await countRequests(caller), before + 4)
  }),
)

startRequests('a row is not taken for another that has its data and more', () =>
  withBoth(async (scripts, caller) => {
    const env = caller.sandbox.settings
    const file = join(scripts.dir, 'requests.csv')
    writeFileSync(file, 'ITEM,SUPPLIER\nDesk,Oak Ltd\n')
    await scripts.here.rows(ARGS, { env })
    const journal = `${file}.journal.ndjson`
    const one = readFileSync(journal, 'utf8')
    writeFileSync(file, 'ITEM,SUPPLIER\nDesk,Oak Ltd\nDesk,\n')
    await scripts.here.rows(ARGS, { env })
    // The second row was sent and never arrived: its request has another item now.
    await caller.data(
      'mutation { updateRequestDataset(input: { number: 402, parameters: [{ name: "ITEM", textValue: "Other" }] }) { clientMutationId } }',
    )
    const added = readFileSync(journal, 'utf8').slice(one.length)
    writeFileSync(
      journal,
      one +
        added
          .split('\n')
          .filter((line) => !line.includes('"done"'))
          .join('\n'),
    )
    const { status, stdout } = await scripts.here.run([...ARGS, '--format', 'json'], { env })
    assert.is(status, 5)
    const [first, second] = JSON.parse(stdout)
    assert.equal([first.status, first.request, second.status, second.request], ['skipped', 401, 'unknown', null])
    assert.match(second.error, 'Request 401 has its data, and a value in SUPPLIER.')
  }),
)

startRequests('a row that the server does not have is started again, when it was sent long ago', () =>
  withBoth(async (scripts, caller) => {
    const env = caller.sandbox.settings
    const file = join(scripts.dir, 'requests.csv')
    writeFileSync(file, 'ITEM,SUPPLIER\nDesk,Oak Ltd\n')
    const { rows } = await scripts.here.rows(ARGS, { env })
    const before = await countRequests(caller)
    await caller.data(
      'mutation ($n: Int) { updateRequestDataset(input: { number: $n, parameters: [{ name: "ITEM", textValue: "Other" }] }) { clientMutationId } }',
      { n: rows[0]?.['request'] },
    )
    const at = new Date(Date.now() - 3_600_000).toISOString()
    lose(`${file}.journal.ndjson`, (line) => line.replace(/"at":"[^"]*"/, `"at":"${at}"`))
    const again = await scripts.here.rows(ARGS, { env })
    assert.equal(
      again.rows.map(({ status, request }) => [status, request]),
      [['done', 402]],
    )
    assert.is(await countRequests(caller), before + 1)
  }),
)

startRequests('with --key, a corrected row is changed and not started again, and names what differs', () =>
  withBoth(async (scripts, caller) => {
    const env = caller.sandbox.settings
    const file = join(scripts.dir, 'requests.csv')
    const keyed = [...ARGS, '--key', 'item']
    writeFileSync(file, 'ITEM,AMOUNT:number,SUPPLIER\nDesk,1,Oak Ltd\nLamp,2,Glow\n')
    await scripts.here.rows(keyed, { env })
    const before = await countRequests(caller)
    writeFileSync(file, 'ITEM,AMOUNT:number,SUPPLIER\nLamp,2,Glow\nDesk,1,Oak Inc\nShelf,3,Oak Ltd\n')
    const { rows } = await scripts.here.rows(keyed, { env })
    assert.equal(
      rows.map(({ row, key, status, error }) => [row, key, status, error]),
      [
        [2, 'Lamp', 'skipped', null],
        [3, 'Desk', 'changed', 'it was started with other data, and is not started again: SUPPLIER'],
        [4, 'Shelf', 'done', null],
      ],
    )
    assert.ok(rows.every(({ request }) => typeof request === 'number'))
    assert.is(await countRequests(caller), before + 1)

    // The answers are lost, and a row is corrected before they are looked for.
    lose(`${file}.journal.ndjson`)
    writeFileSync(file, 'ITEM,AMOUNT:number,SUPPLIER\nLamp,2,Glow\nDesk,1,Oak\nShelf,3,Oak Ltd\n')
    for (const status of ['done', 'skipped']) {
      const again = await scripts.here.rows(keyed, { env })
      assert.equal(
        again.rows.map((row) => row['status']),
        [status, 'changed', status],
      )
      assert.is(again.rows[1]?.['request'], rows[1]?.['request'])
    }
    assert.is(await countRequests(caller), before + 1)

    const renamed = join(scripts.dir, 'renamed.csv')
    writeFileSync(renamed, 'ITEM,AMOUNT:number,SUPPLIER\nLamp,9,Glow\n')
    const doubtful = ['start-requests', 'renamed.csv', ...keyed.slice(2)]
    const asked = await scripts.here.run(doubtful, { env })
    assert.is(asked.status, 7, asked.stderr)
    assert.match(asked.stderr, 'Another journal in this folder has 1 row with the same key and other data.')
    assert.is(await countRequests(caller), before + 1)

    for (const other of [ARGS, [...ARGS, '--key', 'SUPPLIER']]) {
      const { status, stderr } = await scripts.here.run(other, { env })
      assert.is(status, 7, stderr)
      assert.match(stderr, 'the same --key')
      assert.not.match(stderr, '0 started')
    }

    for (const [content, message] of [
      ['ITEM,AMOUNT:number\nDesk,1\nDesk,2\n', 'row 3, ITEM: a row above has the same value'],
      ['ITEM,AMOUNT:number\n,1\n', 'row 2, ITEM: it is empty'],
      ['NAME\nDesk\n', 'row 1, item: no column has this name'],
    ] as const) {
      writeFileSync(file, content)
      const { status, stderr } = await scripts.here.run(keyed, { env })
      assert.is(status, 2, stderr)
      assert.match(stderr, message)
    }
    assert.is(await countRequests(caller), before + 1)
  }),
)

startRequests('without --key, a corrected row is started again only if somebody says so', () =>
  withBoth(async (scripts, caller) => {
    const env = caller.sandbox.settings
    const file = join(scripts.dir, 'requests.csv')
    writeFileSync(file, 'ITEM\nDesk\nLamp\n')
    await scripts.here.rows(ARGS, { env })
    const before = await countRequests(caller)
    writeFileSync(file, 'ITEM\nDesk\nLamp new\n')
    const { status, stdout, stderr } = await scripts.here.run(ARGS, { env })
    assert.equal([status, stdout], [7, ''], stderr)
    assert.match(stderr, 'The file lacks 1 row of earlier runs, and has 1 row more. A row that was corrected would be')
    assert.is(await countRequests(caller), before)
    const { rows } = await scripts.here.rows([...ARGS, '--yes'], { env })
    assert.equal(
      rows.map((row) => row['status']),
      ['skipped', 'done'],
    )
    assert.is(await countRequests(caller), before + 1)
  }),
)

startRequests('a dry run checks and shows, and writes nothing anywhere', () =>
  withBoth(async (scripts, caller) => {
    const before = await countRequests(caller)
    const file = join(scripts.dir, 'requests.csv')
    writeFileSync(file, `ITEM\n${'Desk\n'.repeat(200)}`)
    const { rows, stderr } = await scripts.here.rows([...ARGS, '--dry-run'], { env: caller.sandbox.settings })
    assert.is(rows.length, 200)
    assert.equal(rows[0], { row: 2, status: 'dry run', request: null, error: null })
    assert.is(stderr.match(/dry run: would send the mutation "StartRequest"/g)?.length, 3)
    assert.match(stderr, 'dry run: … and 197 more')
    assert.match(stderr, '200 rows: a dry run, nothing was sent. Next: run it without --dry-run.\n')
    assert.is(await countRequests(caller), before)
    assert.not.ok(existsSync(`${file}.journal.ndjson`))
  }),
)

const ARGS = ['start-requests', 'requests.csv', '--process', 'PURCHASE_ORDER']

/** Makes the outcomes of the journal unknown, as if the process had been killed before the answers. */
function lose(journal: string, change = (line: string) => line): void {
  const lines = readFileSync(journal, 'utf8').split('\n')
  writeFileSync(
    journal,
    lines
      .filter((line) => !line.includes('"done"'))
      .map(change)
      .join('\n'),
  )
}

function withBoth(work: (scripts: ScriptsProject, caller: Caller) => Promise<void>): Promise<void> {
  return withScripts((scripts) => withSandbox((caller) => work(scripts, caller)), { writing: ['start-requests'] })
}

async function countRequests({ data }: Caller): Promise<number> {
  return (await data('{ requests(page: { number: 1, size: 1 }) { totalCount } }')).requests.totalCount
}

startRequests.run()
