import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readDate, readNumber } from '../../runtime/core/text_values.ts'

const textValues = suite('text_values')

textValues('readNumber() reads decimals, and nothing that would become another number', () => {
  for (const [text, value] of [
    ['0', 0],
    ['-12', -12],
    ['+1.5', 1.5],
    ['.5', 0.5],
    ['1e3', 1000],
    ['9007199254740993', undefined],
    ['0x10', undefined],
    ['Infinity', undefined],
    ['1e999', undefined],
    ['1,5', undefined],
    ['', undefined],
  ] as const) {
    assert.is(readNumber(text), value, text)
  }
})

textValues('readDate() reads days of the real calendar, with or without a time', () => {
  assert.is(readDate('2026-11-01')?.toISOString(), '2026-11-01T00:00:00.000Z')
  assert.is(readDate('2026-11-01T08:30:00+02:00')?.toISOString(), '2026-11-01T06:30:00.000Z')
  for (const text of ['2026-02-30', '2026-13-01', '01/11/2026', '2026-11-01T25:00', 'today', '']) {
    assert.is(readDate(text), undefined, text)
  }
})

textValues.run()
