import stringWidth from 'string-width'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memorySink, written } from './_sink.ts'

const table = suite('tasks/output/table')

async function shown(rows: unknown, columns?: number) {
  const sink = memorySink(columns === undefined ? {} : { columns })
  const { text, warnings } = await written(rows, 'table', { sink })
  return { lines: text.split('\n').slice(0, -1), warnings }
}

table('a table aligns texts to the left and numbers to the right', async () => {
  const { lines, warnings } = await shown([
    { name: 'a', count: 1, id: 10n, note: null },
    { name: 'long name', count: 1000, id: 2n, note: [{ x: 1 }] },
  ])
  assert.equal(lines, [
    'name       count  id  note',
    '─────────  ─────  ──  ─────────',
    'a              1  10',
    'long name   1000   2  [{"x":1}]',
  ])
  assert.equal(warnings, [])
})

table('a table has the columns of all the first rows, in order of appearance', async () => {
  const { lines } = await shown([{ a: 1 }, { b: 2, a: 3 }])
  assert.equal(lines, ['a  b', '─  ─', '1', '3  2'])
})

table('a table has a column for each member of an object, and none for a missing object', async () => {
  const many = Array.from({ length: 199 }, () => ({ user: { name: 'ada', team: { id: 7 } } }))
  const { lines, warnings } = await shown([{ user: null }, ...many, { user: null }, { user: { name: 'bob' } }])
  assert.equal(lines.slice(0, 4), ['user.name  user.team.id', '─────────  ────────────', '', 'ada                   7'])
  assert.equal([lines.at(-1), warnings], ['bob', []])
})

table('a table fits the terminal, cuts only with … and says so once', async () => {
  const rows = Array.from({ length: 5 }, (_, n) => ({ n, a: 'x'.repeat(50), b: `word ${'y'.repeat(70)}`, c: 'short' }))
  for (const columns of [100, 80, 40, 25]) {
    const { lines, warnings } = await shown(rows, columns)
    assert.ok(
      lines.every((line) => line.length <= columns),
      lines.join('\n'),
    )
    assert.match(lines[2]!, /^0 {2}x+… {2}word y*… {2}short$/)
    assert.equal(warnings, [
      `In this table cells of "a", "b" that end in … are cut to fit ${columns} columns. \`--format json\` shows everything.`,
    ])
  }
})

table('a table marks that it leaves out the last columns if there is no room', async () => {
  const row = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`column${n}`, 'some text']))
  const { lines, warnings } = await shown([row, row], 30)
  assert.ok(
    lines.every((line) => line.length <= 30),
    lines.join('\n'),
  )
  assert.match(lines[0]!, /^(colum?… {2}){4}…$/)
  assert.match(warnings[0]!, /there is no room for "column4", "column5", "column6"/)
  assert.match(warnings[0]!, /--format json/)
})

table('a single row that does not fit is a line for each column, with nothing cut', async () => {
  const row = { user: 'john', server: `http://127.0.0.1/${'x'.repeat(30)}`, note: 'two\nlines', empty: null, 数: 5 }
  for (const rows of [[row], row]) {
    const { lines, warnings } = await shown(rows, 30)
    assert.equal(lines, [
      'user    john',
      `server  http://127.0.0.1/${'x'.repeat(30)}`,
      'note    two\\nlines',
      'empty',
      '数      5',
    ])
    assert.equal(warnings, [])
  }
  assert.equal((await shown([{ a: 1, b: 2 }], 4)).lines, ['a  b', '─  ─', '1  2'])
  assert.equal((await shown([{ a: 1, b: 22 }], 4)).lines, ['a  1', 'b  22'])
})

table('a table is as wide as its rows without a terminal', async () => {
  const row = { a: 'x'.repeat(100), b: 'y'.repeat(100) }
  const many = Array.from({ length: 200 }, () => row)
  const { lines, warnings } = await shown([...many, { a: 'z'.repeat(150), b: 'y' }])
  assert.is(lines[2], `${row.a}  ${row.b}`)
  assert.is(lines.at(-1), `${'z'.repeat(150)}  y`)
  assert.equal(warnings, [])
})

table('a table measures wide characters and never cuts inside one', async () => {
  const rows = [
    { a: '日本語テキストの長い文', b: 'x' },
    { a: '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', b: 'y' },
  ]
  const { lines } = await shown(rows, 14)
  assert.equal(
    lines.map((line) => stringWidth(line)),
    [14, 14, 14, 14],
  )
  assert.equal(lines.slice(2), ['日本語テキ…  x', `${'👩‍👩‍👧‍👦'.repeat(5)}…  y`])
})

table('a table makes control characters visible', async () => {
  const { lines } = await shown([{ a: 'x\u001b[2Jy', 'b\u0007': 'l1\nl2\t\u202ez\u0085' }])
  assert.equal(lines, ['a          b\\x07', '─────────  ───────────────────', 'x\\x1b[2Jy  l1\\nl2\\t\\u202ez\\x85'])
})

table('a table streams after its first rows, keeps its widths, and says what did not fit', async () => {
  const sink = memorySink({ columns: 80 })
  let writesAtLast = 0
  function* many() {
    for (let n = 0; n < 1000; n++) {
      if (n === 999) writesAtLast = sink.writes.length
      yield n === 999 ? { n, late: 1 } : { n: n === 500 ? 12345678 : n }
    }
  }
  const { text, warnings } = await written(many(), 'table', { sink })
  const lines = text.split('\n')
  assert.is(lines.length, 1003)
  assert.is(lines[502], '12…')
  assert.ok(writesAtLast >= 3, `${writesAtLast} writes`)
  assert.equal(warnings, [
    'In this table cells of "n" that end in … are cut to fit 80 columns; rows after the first have columns not shown: "late". `--format json` shows everything.',
  ])
})

table('a table of rows that are not objects has the column "value"', async () => {
  assert.equal((await shown(['a', 5, null])).lines, ['value', '─────', 'a', '5', ''])
})

table('a table of an empty object does no harm', async () => {
  assert.is((await shown([{}])).lines.length, 3)
})

table.run()
