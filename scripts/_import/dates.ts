/** Reads a date in a text. A text that could mean two days is refused. */
import { UsageError } from '#wfg'

/** Orders of day, month and year. */
export const DATE_ORDERS = ['dmy', 'mdy', 'ymd'] as const
export type DateOrder = (typeof DATE_ORDERS)[number]

/**
 * Reads a day such as 2026-11-24, or a time with its offset from UTC. With an order, it also reads days such as 24.11.2026.
 *
 * @throws {UsageError} that says what is wrong with the text
 */
export function readDate(cell: string, order: DateOrder | undefined): string {
  const text = cell.trim()
  const [, day, time] = ISO.exec(text) ?? [undefined, dayOf(text, order)]
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

const ISO = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
const THREE_NUMBERS = /^(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})$/
const EXAMPLES: Readonly<Record<DateOrder, string>> = { dmy: '24.11.2026', mdy: '11/24/2026', ymd: '2026/11/24' }

/** Returns the day as `2026-11-24`. */
function dayOf(text: string, order: DateOrder | undefined): string {
  const [, first, , second, third] = THREE_NUMBERS.exec(text) ?? []
  if (first === undefined) {
    throw new UsageError(
      'it is not a date; expected 2026-11-24, or 2026-11-24T09:30:00Z with Z or an offset such as +01:00',
    )
  }
  if (order === undefined) {
    throw new UsageError(
      'the order of its day, month and year is unknown; add --dates dmy, mdy or ymd, or write 2026-11-24',
    )
  }
  const numbers = [first, second!, third!]
  const [day, month, year] = ['d', 'm', 'y'].map((letter) => numbers[order.indexOf(letter)]!)
  if (year!.length !== 4 || day!.length > 2) {
    throw new UsageError(`it does not fit --dates ${order}; expected a date such as ${EXAMPLES[order]}`)
  }
  return `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`
}
