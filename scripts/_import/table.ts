/** A table: the header and the rows of a CSV file or of a sheet. What reads its columns does not know the kind of the file. */
import { UsageError } from '#wfg'

/**
 * The value of a cell. CSV files have texts alone; an empty cell is ''. A sheet has no time zone: the UTC parts of a Date are
 * what it shows.
 */
export type Cell = string | number | Date

export interface Table {
  /** The path as given. */
  readonly path: string
  /** The texts of row 1. */
  readonly header: readonly string[]
  /** True if numbers can have a decimal comma. */
  readonly decimalComma: boolean
  /** Reads the other rows, without the empty ones. */
  rows(): AsyncIterable<TableRow>
}

export interface TableRow {
  /** The number in a spreadsheet: the header is row 1, and an empty row or a row of several lines counts as one. */
  readonly row: number
  readonly cells: readonly Cell[]
  /** What is wrong with cells that have no value, by their index. */
  readonly problems?: ReadonlyMap<number, string>
}

export function unreadable(path: string, problem: string): UsageError {
  return new UsageError(`Cannot read "${path}": ${problem}.`)
}
