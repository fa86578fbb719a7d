/** Every row of a CSV file checked before the first is used: the file is read twice, so its size does not matter. */
import { UsageError } from '#wfg'
import { type Csv, openCsv } from './_csv.ts'

/** Says what is wrong with a cell, by the name of its column. */
export type Report = (column: string, problem: string) => void

/** Makes of a row's cells what it stands for; undefined for a row that stands for nothing. */
export type RowReader<Row> = (cells: readonly string[], row: number, report: Report) => Row | undefined

export interface CheckedRows<Row> {
  /** How many rows stand for something. */
  readonly count: number
  /** Reads them again. */
  rows(): AsyncGenerator<{ row: number; value: Row }, void, undefined>
}

/**
 * Reads a CSV file to its end and reports all that is wrong with it at once.
 *
 * @param readHeader called for each reading; a header that is wrong is reported without the rows
 * @throws {UsageError} with the row and the column of the first 20 problems, and how many there are
 */
export async function checkRows<Row>(
  path: string,
  readHeader: (csv: Csv, report: Report) => RowReader<Row>,
): Promise<CheckedRows<Row>> {
  const problems = createProblems()
  let count = 0
  for await (const _ of readAll(path, readHeader, problems)) count += 1
  problems.refuse(`Cannot use ${JSON.stringify(path)}, and nothing was sent`)
  return {
    count,
    async *rows() {
      const later = createProblems()
      const refuse = () =>
        later.refuse(`Cannot go on with ${JSON.stringify(path)}: it was changed after it was checked`)
      for await (const row of readAll(path, readHeader, later)) {
        refuse()
        yield row
      }
      refuse()
    },
  }
}

// --- internal ---

async function* readAll<Row>(
  path: string,
  readHeader: (csv: Csv, report: Report) => RowReader<Row>,
  problems: Problems,
): AsyncGenerator<{ row: number; value: Row }, void, undefined> {
  const csv = await openCsv(path)
  csv.header.forEach((column, index) => {
    if (NOT_TEXT.test(column)) problems.add(`row 1, column ${index + 1}: ${NOT_UTF_8}`)
  })
  if (problems.count > 0) return
  const read = readHeader(csv, (column, problem) => problems.add(`row 1, ${column}: ${problem}`))
  if (problems.count > 0) return
  for await (const { row, cells } of csv.rows()) {
    if (cells.length !== csv.header.length) {
      problems.add(
        `row ${row}: it has ${cells.length === 1 ? '1 cell' : `${cells.length} cells`}; expected ${csv.header.length}, as in the header`,
      )
      continue
    }
    csv.header.forEach((column, index) => {
      if (NOT_TEXT.test(cells[index]!)) problems.add(`row ${row}, ${column}: ${NOT_UTF_8}`)
    })
    const value = read(cells, row, (column, problem) => problems.add(`row ${row}, ${column}: ${problem}`))
    if (value !== undefined) yield { row, value }
  }
}

/** The sign that stands for what could not be decoded, and the one that no text has. */
const NOT_TEXT = /[\uFFFD\0]/
const NOT_UTF_8 = 'it holds a character that is no UTF-8; save the file as UTF-8 ("CSV UTF-8" in a spreadsheet)'
const MAX_SHOWN = 20

interface Problems {
  readonly count: number
  add(problem: string): void
  /** @throws {UsageError} when there are any */
  refuse(title: string): void
}

function createProblems(): Problems {
  const shown: string[] = []
  let count = 0
  return {
    get count() {
      return count
    },
    add(problem) {
      count += 1
      if (shown.length < MAX_SHOWN) shown.push(problem)
    },
    refuse(title) {
      if (count === 0) return
      const more = count > shown.length ? [`and ${count - shown.length} more`] : []
      const lines = [...shown, ...more].map((line) => `\n  ${line}`).join('')
      throw new UsageError(`${title}: ${count === 1 ? '1 problem' : `${count} problems`}.${lines}`)
    },
  }
}
