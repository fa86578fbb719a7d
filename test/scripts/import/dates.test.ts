import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readDate } from '../../../scripts/_import/dates.ts'

const dates = suite('scripts/_import/dates')

dates('readDate() takes days as they are, and instants in UTC', () => {
  for (const [cell, date] of [
    ['2026-11-24', '2026-11-24'],
    [' 2024-02-29 ', '2024-02-29'],
    ['2026-11-24T09:30Z', '2026-11-24T09:30:00.000Z'],
    ['2026-11-24T00:30:15.5+01:00', '2026-11-23T23:30:15.500Z'],
  ] as const) {
    assert.is(readDate(cell, undefined), date)
  }
})

dates('readDate() refuses what is no day, and a time that could be of any place', () => {
  for (const [cell, message] of [
    ['2026-02-29', /^there is no such day$/],
    ['2026-13-01', /^there is no such day$/],
    ['2026-04-31T10:00:00Z', /^there is no such day$/],
    ['2026-11-24T25:00:00Z', /^there is no such time of day$/],
    ['2026-11-24T09:30:00', /it is not a date; expected 2026-11-24, or .* with Z or an offset/],
    ['2026-11-24 09:30:00Z', /it is not a date/],
    ['24 November 2026', /it is not a date/],
    ['24.11/2026', /it is not a date/],
    ['24.11.2026', ORDER],
    ['11/24/2026', ORDER],
    ['2026-1-1', ORDER],
  ] as const) {
    assert.throws(() => readDate(cell, undefined), message, cell)
  }
})

dates('readDate() takes one order of day, month and year, and always 2026-12-01', () => {
  for (const [cell, order, date] of [
    ['01.12.2026', 'dmy', '2026-12-01'],
    ['1/12/2026', 'dmy', '2026-12-01'],
    ['31-12-2026', 'dmy', '2026-12-31'],
    ['12/1/2026', 'mdy', '2026-12-01'],
    ['2026/12/1', 'ymd', '2026-12-01'],
    ['2026-12-1', 'ymd', '2026-12-01'],
    ['2026-12-01', 'dmy', '2026-12-01'],
    ['2026-12-01T09:30Z', 'mdy', '2026-12-01T09:30:00.000Z'],
  ] as const) {
    assert.is(readDate(cell, order), date, cell)
  }
})

dates('readDate() refuses a date in another order', () => {
  for (const [cell, order, message] of [
    ['12/25/2026', 'dmy', /there is no such day/],
    ['25.12.2026', 'mdy', /there is no such day/],
    ['2026/12/01', 'dmy', /^it does not fit --dates dmy; expected a date such as 24\.11\.2026$/],
    ['01.12.26', 'dmy', /it does not fit --dates dmy/],
    ['01.12.2026', 'ymd', /it does not fit --dates ymd/],
    ['30.02.2026', 'dmy', /there is no such day/],
  ] as const) {
    assert.throws(() => readDate(cell, order), message, cell)
  }
})

const ORDER = /^the order of its day, month and year is unknown; add --dates dmy, mdy or ymd, or write 2026-11-24$/

dates.run()
