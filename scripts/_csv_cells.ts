/** Numbers and dates in the cells of a CSV file, taken only where they can mean one thing. */
import { UsageError } from '#wfg'
import type { Separator } from './_csv.ts'

/**
 * A number such as `1234.5`. Where cells are not separated by commas, a decimal comma may stand in it, and a sign that
 * could separate thousands as well, as in `1,234`, is refused.
 *
 * @throws {UsageError} saying what is wrong with the cell
 */
export function readNumber(cell: string, separator: Separator): number {
  const text = cell.trim()
  const takesComma = separator !== ','
  if (!(takesComma ? /^[+-]?\d+([.,]\d+)?$/ : /^[+-]?\d+(\.\d+)?$/).test(text)) {
    throw new UsageError(`it is no number; expected one such as 1234.5${takesComma ? ' or 1234,5' : ''}`)
  }
  if (takesComma && /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/.test(text)) {
    throw new UsageError('it could mean thousands or decimals; expected 1234, or a further digit such as 1,2340')
  }
  if (text.replace(/^[+-]?[0.,]*/, '').replace(/\D/, '').length > MAX_DIGITS) {
    throw new UsageError(`it has more digits than a number holds; expected at most ${MAX_DIGITS}, or a column of text`)
  }
  return Number(text.replace(',', '.'))
}

/**
 * A day, or an instant with its offset from UTC, as the API takes it.
 *
 * @throws {UsageError} saying what is wrong with the cell
 */
export function readDate(cell: string): string {
  const [text, day, time] = DATE.exec(cell.trim()) ?? []
  if (text === undefined || day === undefined) {
    throw new UsageError(
      'it is no date; expected 2026-11-24, or 2026-11-24T09:30:00Z with Z or an offset such as +01:00',
    )
  }
  // Date takes February 30 for a day in March.
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

/** What a number of the API, which is a double, keeps of any number. */
const MAX_DIGITS = 15
const DATE = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
