import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WfgError } from '../../../runtime/core/errors.ts'
import type { Format } from '../../../runtime/tasks/output/format.ts'
import { rejects } from '../../_assert.ts'
import { memorySink, written } from './_sink.ts'

const result = suite('tasks/output/write_result')

async function* yielding(...rows: unknown[]) {
  for (const row of rows) yield row
}

const OWN_ERROR = '{"e":{"name":"WfgError","code":"WFG_ERROR","message":"x"}}'

/** A result, the format, what is written. */
const WRITTEN: readonly (readonly [what: string, result: unknown, format: Format | undefined, text: string])[] = [
  ['undefined', undefined, undefined, ''],
  ['undefined', undefined, 'json', ''],
  ['a text', 'a\tb', undefined, 'a\tb\n'],
  ['a text that ends a line', 'a\n', undefined, 'a\n'],
  ['a text', 'a', 'json', '"a"\n'],
  ['a text', 'a,b', 'csv', 'value\n"a,b"\n'],
  ['a number', 5, undefined, '5\n'],
  ['a big integer', 12345678901234567890n, undefined, '12345678901234567890\n'],
  ['a big integer', 5n, 'json', '"5"\n'],
  ['false', false, undefined, 'false\n'],
  ['null', null, undefined, 'null\n'],
  ['a date', new Date(0), undefined, '1970-01-01T00:00:00.000Z\n'],
  ['a URL', new URL('https://example.com/'), undefined, 'https://example.com/\n'],
  ['bytes', new Uint8Array([1, 2]), undefined, '[1,2]\n'],
  ['an object', { a: 1, b: { c: 2n } }, undefined, '{"a":1,"b":{"c":"2"}}\n'],
  ['an object', { a: 1 }, 'json', '{\n  "a": 1\n}\n'],
  ['an object', { a: 1 }, 'csv', 'a\n1\n'],
  ['an array', [{ a: 1 }, { a: 2 }], undefined, '{"a":1}\n{"a":2}\n'],
  ['an array', [{ a: 1 }, { a: 2 }], 'json', '[\n{"a":1},\n{"a":2}\n]\n'],
  ['an error in a row', [{ a: 1n, e: new TypeError('x') }], 'ndjson', '{"a":"1","e":"x"}\n'],
  ['an error in a row', [{ a: 1, e: new TypeError('x') }], 'csv', 'a,e\n1,x\n'],
  ['an error in a row', [{ e: Object.assign(new Error('x'), { code: 'ENOENT' }) }], 'json', '[\n{"e":"x"}\n]\n'],
  ['an error of this package', [{ e: new WfgError('x') }], 'ndjson', `${OWN_ERROR}\n`],
  ['errors as rows', [new Error('x')], 'ndjson', '"x"\n'],
  ['an array of texts', ['a', 'b'], 'csv', 'value\na\nb\n'],
  ['a set', new Set(['a']), undefined, '"a"\n'],
  ['a generator', yielding({ a: 1 }, 'b', null, undefined), 'ndjson', '{"a":1}\n"b"\nnull\nnull\n'],
  ['an array of promises', [Promise.resolve(1)], 'ndjson', '1\n'],
  ['no rows', [], 'json', '[]\n'],
  ['no rows', [], 'ndjson', ''],
  ['no rows', [], 'csv', ''],
  ['no rows', yielding(), 'table', ''],
]

for (const [what, value, format, text] of WRITTEN) {
  result(`writeResult() writes ${what} as ${format ?? 'it is'}: ${JSON.stringify(text)}`, async () => {
    assert.is((await written(value, format)).text, text)
  })
}

result('writeResult() writes a table to a terminal if no format is given', async () => {
  const sink = memorySink({ isTTY: true, columns: 80 })
  assert.is((await written([{ a: 1 }], undefined, { sink })).text, 'a\n─\n1\n')
})

result('writeResult() counts the rows', async () => {
  assert.is((await written(yielding(1, 2, 3), 'json')).rows, 3)
  assert.is((await written({ a: 1 }, 'csv')).rows, 1)
  assert.is((await written(undefined, 'csv')).rows, 0)
})

result('writeResult() says that there are no rows if the output does not show it', async () => {
  assert.equal((await written([], 'table')).warnings, ['No rows.'])
  assert.equal((await written([], 'csv')).warnings, ['No rows.'])
  assert.equal((await written([], 'json')).warnings, [])
  assert.equal((await written([], 'ndjson')).warnings, [])
  assert.equal((await written([], 'ndjson', { isFile: true })).warnings, ['No rows.'])
  assert.equal((await written([], undefined, { isFile: true })).warnings, ['No rows.'])
  assert.equal((await written([], 'json', { isFile: true })).warnings, [])
  assert.equal((await written([], 'ndjson', { sink: memorySink({ isTTY: true }) })).warnings, ['No rows.'])
})

result('writeResult() does not say so of rows that nobody read, nor of no result', async () => {
  const gone = memorySink({ isTTY: true })
  gone.closed = true
  assert.equal((await written([{ a: 1 }], 'csv', { sink: gone })).warnings, [])
  assert.equal((await written(undefined, 'csv')).warnings, [])
  await rejects(() => written(failing(), 'csv', { warn: (text) => assert.unreachable(text) }), { message: 'no more' })
})

// biome-ignore lint/correctness/useYield: it fails before its first row
function* failing() {
  throw new Error('no more')
}

result('writeResult() masks a secret before a cell is cut or quoted', async () => {
  const redact = (text: string) => text.replaceAll('s3"cret-long', '***')
  const rows = [{ a: 's3"cret-long' }]
  assert.is((await written(rows, 'csv', { redact })).text, 'a\n***\n')
  assert.not.match((await written(rows, 'table', { redact, sink: memorySink({ columns: 5 }) })).text, 's3')
  const named = [{ 's3"cret-long': 1 }, { 's3"cret-long': 2 }]
  assert.is((await written(named, 'csv', { redact })).text, '***\n1\n2\n')
  assert.not.match((await written(named, 'table', { redact, sink: memorySink({ columns: 5 }) })).text, 's3')
  assert.is((await written(named, 'table', { redact })).text, '***\n───\n  1\n  2\n')
})

result.run()
