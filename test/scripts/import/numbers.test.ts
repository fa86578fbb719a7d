import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readNumber } from '../../../scripts/_import/numbers.ts'

const numbers = suite('scripts/_import/numbers')

numbers('readNumber() takes what can mean one number', () => {
  for (const [cell, separator, number] of [
    ['1234.5', ',', 1234.5],
    ['1.234', ',', 1.234],
    [' -12 ', ',', -12],
    ['+0.10', ',', 0.1],
    ['1,5', ';', 1.5],
    ['1.5', ';', 1.5],
    ['1234,567', ';', 1234.567],
    ['0,125', ';', 0.125],
    ['1,2340', '\t', 1.234],
    ['-0,001', ';', -0.001],
    ['123456789012345', ',', 123456789012345],
    ['1.234,56', ';', 1234.56],
    ['-1.234.567,8', ';', -1234567.8],
    ['1.234.567', ';', 1234567],
    ['1,234.56', ';', 1234.56],
    ['1,234.56', ',', 1234.56],
    ['1,234,567', ',', 1234567],
    ['1 234', ';', 1234],
    ['1 234 567,89', ';', 1234567.89],
    ['1\u00a0234,5', ';', 1234.5],
    ['1\u202f234,567', ';', 1234.567],
    ["1'234.50", ',', 1234.5],
    ['1’234.50', ';', 1234.5],
  ] as const) {
    assert.is(readNumber(cell, separator !== ','), number, `${cell} with ${separator}`)
  }
})

numbers('readNumber() refuses what is no number, or could mean two', () => {
  for (const [cell, separator, message] of [
    ['1,5', ',', /^it is not a number; expected one such as 1234\.5$/],
    ['1,234', ',', /could be for thousands or decimals; expected 1234, or .* such as 1\.2340$/],
    ['1.234,56', ',', /it is not a number/],
    ['1.234', ';', /could be for thousands or decimals/],
    ['-12,345', ';', /could be for thousands or decimals/],
    ['12.34,5', ';', /^it is not a number; expected one such as 1234\.5 or 1234,5$/],
    ['1,234', ';', /could be for thousands or decimals/],
    ['1.234 567,8', ';', /it is not a number/],
    ['0.123,4', ';', /it is not a number/],
    ['1234.567,8', ';', /it is not a number/],
    ['1.2345,6', ';', /it is not a number/],
    ['1.2E+05', ',', /it is not a number/],
    ['12 €', ',', /it is not a number/],
    ['.5', ',', /it is not a number/],
    ['NaN', ',', /it is not a number/],
    ['0x10', ',', /it is not a number/],
    [' ', ',', /it is not a number/],
    ['1234567890.123456', ',', /more digits than a number keeps; expected at most 15/],
  ] as const) {
    assert.throws(() => readNumber(cell, separator !== ','), message, `${cell} with ${separator}`)
  }
})

numbers.run()
