import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeText, readDate, readNumber } from '../../runtime/core/text_values.ts'

const textValues = suite('text_values')

textValues('decodeText() reads UTF-8 and marked UTF-16, and nothing else', () => {
  const utf16 = Buffer.from('\uFEFFü\r\n', 'utf16le')
  for (const bytes of [Buffer.from('ü\r\n'), Buffer.from('\uFEFFü\r\n'), utf16, Buffer.from(utf16).swap16()])
    assert.is(decodeText(bytes), 'ü\r\n')
  for (const bytes of [Buffer.from('ü', 'latin1'), Buffer.from('ab', 'utf16le'), utf16.subarray(0, -1)])
    assert.is(decodeText(bytes), undefined)
  assert.is(decodeText(Buffer.alloc(0)), '')
})

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
