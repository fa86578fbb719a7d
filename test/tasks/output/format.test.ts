import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatOf } from '../../../runtime/tasks/output/format.ts'

const format = suite('tasks/output/format')

for (const [path, expected] of [
  ['a.csv', 'csv'],
  ['x/a.b.JSON', 'json'],
  ['a.ndjson', 'ndjson'],
  ['a.jsonl', 'ndjson'],
  ['a.txt', undefined],
  ['csv', undefined],
] as const) {
  format(`formatOf() gives ${expected} for ${path}`, () => {
    assert.is(formatOf(path), expected)
  })
}

format.run()
