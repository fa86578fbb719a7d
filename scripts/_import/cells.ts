/** Reads numbers and dates in the cells of a CSV file. A cell that could mean two things is refused. */
import { UsageError } from '#wfg'
import type { Separator } from './csv.ts'

/**
 * Reads a number such as `1234.5`. If commas do not separate the cells, a number can have a decimal comma. Then one such as
 * `1,234`, whose comma could also separate thousands, is refused.
 *
 * @throws {UsageError} that says what is wrong with the cell
 */
export function readNumber(cell: string, separator: Separator): number {
  const text = cell.trim()
  const takesComma = separator !== ','
  if (!(takesComma ? /^[+-]?\d+([.,]\d+)?$/ : /^[+-]?\d+(\.\d+)?$/).test(text)) {
    throw new UsageError(`it is not a number; expected one such as 1234.5${takesComma ? ' or 1234,5' : ''}`)
  }
  if (takesComma && /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/.test(text)) {
    throw new UsageError(
      'the separator could be for thousands or decimals; expected 1234, or one more digit such as 1,2340',
    )
  }
  if (text.replace(/^[+-]?[0.,]*/, '').replace(/\D/, '').length > MAX_DIGITS) {
    throw new UsageError(`it has more digits than a number keeps; expected at most ${MAX_DIGITS}, or a column of text`)
  }
  return Number(text.replace(',', '.'))
}

/**
 * Reads a day, or a time with its offset from UTC.
 *
 * @throws {UsageError} that says what is wrong with the cell
 */
export function readDate(cell: string): string {
  const [text, day, time] = DATE.exec(cell.trim()) ?? []
  if (text === undefined || day === undefined) {
    throw new UsageError(
      'it is not a date; expected 2026-11-24, or 2026-11-24T09:30:00Z with Z or an offset such as +01:00',
    )
  }
  // Date turns February 30 into a day in March.
  const midnight = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) {
    throw new UsageError('there is no such day')
  }
  if (time === undefined) return day
  const instant = new Date(text)
  if (Number.isNaN(instant.getTime())) throw new UsageError('there is no such time of day')
  return instant.toISOString()
}

// --- internal ---

/** Digits that a double, which the API uses, always keeps. */
const MAX_DIGITS = 15
const DATE = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
