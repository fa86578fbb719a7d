/** Reads the value of a cell as a text, a number or a date. */
import { UsageError } from '#wfg'
import { type DateOrder, readDate } from './dates.ts'
import { readNumber } from './numbers.ts'
import type { Cell } from './table.ts'

/** Returns texts as they are, and others as `1234.5`, `2026-11-24` or `2026-11-24 09:30:00`. */
export function textOf(cell: Cell): string {
  if (!(cell instanceof Date)) return String(cell)
  const [day, time] = partsOf(cell)
  return time === MIDNIGHT ? day : `${day} ${time}`
}

/** @throws {UsageError} that says what is wrong with the cell */
export function numberOf(cell: Cell, decimalComma: boolean): number {
  if (cell instanceof Date) throw new UsageError('it is a date; expected a number')
  return typeof cell === 'number' ? cell : readNumber(cell, decimalComma)
}

/** @throws {UsageError} that says what is wrong with the cell */
export function dateOf(cell: Cell, order: DateOrder | undefined): string {
  if (typeof cell === 'number') throw new UsageError('it is a number; expected a date, so give the cell a date format')
  if (typeof cell === 'string') return readDate(cell, order)
  const [day, time] = partsOf(cell)
  if (time === MIDNIGHT) return day
  throw new UsageError(
    `it has the time ${time}, but a sheet has no time zone; expected a day alone, or the text ${day}T${time}Z with Z or an offset such as +01:00`,
  )
}

// --- internal ---

const MIDNIGHT = '00:00:00'

function partsOf(date: Date): [day: string, time: string] {
  const text = date.toISOString()
  return [text.slice(0, 10), text.slice(11, 19)]
}
