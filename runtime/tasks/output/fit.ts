/** Widths of a table's columns. */
import { widthOf } from './width.ts'

/** A narrower column is useless. */
const MIN_WIDTH = 4

/**
 * The width of each column: that of its widest text if there is room. If not, the widest columns get less. If that is not
 * enough, the last columns are left out: the result is shorter than `texts`.
 */
export function fitWidths(texts: readonly (readonly string[])[], columns: number, gap: number): number[] {
  let wanted = texts.map((column) => column.reduce((widest, text) => Math.max(widest, widthOf(text)), 1))
  const room = (count: number) => columns - gap * (count - 1)
  while (wanted.length > 1 && sum(wanted.map((width) => Math.min(width, MIN_WIDTH))) > room(wanted.length)) {
    wanted = wanted.slice(0, -1)
  }
  const cap = capFor(wanted, room(wanted.length))
  let spare = room(wanted.length) - sum(wanted.map((width) => Math.min(width, cap)))
  return wanted.map((width) => {
    if (width <= cap || spare <= 0) return Math.min(width, cap)
    spare--
    return cap + 1
  })
}

// --- internal ---

/** The largest maximum width with which all columns fit. */
function capFor(widths: readonly number[], room: number): number {
  const ascending = widths.toSorted((a, b) => a - b)
  let left = room
  for (const [index, width] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index))
    if (width > share) return Math.max(1, share)
    left -= width
  }
  return ascending.at(-1) ?? 1
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
