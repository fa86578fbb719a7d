import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { convertFor, convertText } from '../../../runtime/tasks/arguments/convert.ts'
import type { Kind } from '../../../runtime/tasks/arguments/shape.ts'

const convert = suite('tasks/convert')

const VALUES: readonly (readonly [Kind, string, unknown])[] = [
  ['string', ' x ', ' x '],
  ['string', '', ''],
  ['number', '5', 5],
  ['number', '-5.25', -5.25],
  ['number', '+.5', 0.5],
  ['number', '1e3', 1000],
  ['number', ' 7 ', 7],
  ['number', '9007199254740991', 9007199254740991],
  ['bigint', '12345678901234567890', 12345678901234567890n],
  ['bigint', '-1', -1n],
  ['bigint', '+1', 1n],
  ['boolean', 'true', true],
  ['boolean', 'false', false],
  ['date', '2026-11-01', new Date('2026-11-01T00:00:00Z')],
  ['date', '2024-02-29', new Date('2024-02-29T00:00:00Z')],
  ['date', '2026-11-01T08:30Z', new Date('2026-11-01T08:30:00Z')],
  ['date', '2026-11-01 08:30:15.250+02:00', new Date('2026-11-01T06:30:15.250Z')],
  ['date', '2026-11-01T08:30', new Date(2026, 10, 1, 8, 30)],
]

for (const [kind, text, value] of VALUES) {
  convert(`convertText() makes a ${kind} of ${JSON.stringify(text)}`, () => {
    assert.equal(convertText(kind, text), { value })
  })
}

const REFUSED: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  number: [
    '',
    ' ',
    'x',
    '0x10',
    '1_000',
    '1,5',
    'Infinity',
    'NaN',
    '1e999',
    '5px',
    '--5',
    '9007199254740993',
    '.',
    'e5',
  ],
  bigint: ['', '1.5', '1e3', '0x10', '1n', 'x'],
  boolean: ['', 'yes', '1', 'TRUE'],
  date: [
    '',
    'today',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-1-1',
    '2026-11-01T24:00',
    '2026-11-01T08:60',
    '2026-11-01T08',
    '2026-11-01T08:30+25:00',
    '01.11.2026',
    '2026-11',
    '1793491200000',
  ],
}

convert('convertFor() refuses a day that does not exist if the schema checks only its form', () => {
  for (const label of ['date (YYYY-MM-DD)', 'date and time (YYYY-MM-DDThh:mm)', 'timestamp (YYYY-MM-DDThh:mm:ssZ)']) {
    const shape = { kind: 'string', label, alternatives: undefined } as const
    assert.equal(convertFor(shape, '2026-02-30T00:00:00Z'), { expected: 'a day of the calendar' })
    assert.equal(convertFor(shape, '2024-02-29'), { value: '2024-02-29' })
    assert.equal(convertFor(shape, 'soon'), { value: 'soon' })
  }
  const text = { kind: 'string', label: 'string', alternatives: undefined } as const
  assert.equal(convertFor(text, '2026-02-30'), { value: '2026-02-30' })
})

for (const [kind, texts] of Object.entries(REFUSED)) {
  for (const text of texts) {
    convert(`convertText() refuses ${JSON.stringify(text)} as ${kind}, without repeating it`, () => {
      const conversion = convertText(kind as Kind, text)
      assert.ok('expected' in conversion)
      assert.match(conversion.expected, /^(a number|a whole number|true or false|a date such as .*)$/)
    })
  }
}

convert.run()
