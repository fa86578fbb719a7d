import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { extensionProblem, formatOf } from '../../../runtime/tasks/output/format.ts'

const format = suite('tasks/output/format')

for (const [path, expected] of [
  ['a.csv', 'csv'],
  ['x/a.b.JSON', 'json'],
  ['a.ndjson', 'ndjson'],
  ['a.jsonl', 'ndjson'],
  ['a.XLSX', 'xlsx'],
  ['a.txt', undefined],
  ['csv', undefined],
] as const) {
  format(`formatOf() gives ${expected} for ${path}`, () => {
    assert.is(formatOf(path), expected)
  })
}

for (const path of ['a.csv', 'a.JSONL', 'a', '.hidden', 'a.', 'x.y/a']) {
  format(`extensionProblem() has none with ${path}`, () => {
    assert.is(extensionProblem(path), undefined)
  })
}

for (const [path, problem] of [
  ['x/a.b.XLS', 'the extension .xls names no format; a spreadsheet opens "a.b.xlsx"'],
  ['o.txt', 'the extension .txt names no format; expected .csv, .json, .ndjson, .jsonl, .xlsx'],
  ['a.cvs', 'the extension .cvs names no format; expected .csv, .json, .ndjson, .jsonl, .xlsx'],
] as const) {
  format(`extensionProblem() says what to do instead of ${path}`, () => {
    assert.is(extensionProblem(path), problem)
  })
}

format.run()
