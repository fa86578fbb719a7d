/** Checks every row of a CSV file before the first is used. The file is read twice, so its size does not matter. */
import { UsageError } from '#wfg'
import { type Csv, openCsv } from './csv.ts'

/** Reports what is wrong with a cell of the column. */
export type Report = (column: string, problem: string) => void

/** Reads the value of a row. Undefined if the row has none. */
export type RowReader<Row> = (cells: readonly string[], row: number, report: Report) => Row | undefined

export interface CheckedRows<Row> {
  /** Number of rows with a value. */
  readonly count: number
  /** Reads the rows again. */
  rows(): AsyncGenerator<{ row: number; value: Row }, void, undefined>
}

/**
 * Reads a whole CSV file and reports all its problems at once.
 *
 * @param readHeader called each time the file is read; if the header is wrong, the rows are not checked
 * @throws {UsageError} with the row and the column of the first 20 problems, and the number of all
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
        later.refuse(`Cannot continue with ${JSON.stringify(path)}: it was changed after it was checked`)
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

/** The character that replaces invalid bytes, and the one that text never has. */
const NOT_TEXT = /[\uFFFD\0]/
const NOT_UTF_8 = 'it has a character that is not UTF-8; save the file as UTF-8 ("CSV UTF-8" in a spreadsheet)'
const MAX_SHOWN = 20

interface Problems {
  readonly count: number
  add(problem: string): void
  /** @throws {UsageError} if there are any */
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
