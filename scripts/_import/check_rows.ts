/**
 * Checks every row of a table before the first is used. A CSV file is read twice, so its size does not matter. If the file is
 * changed meanwhile, the reading stops.
 *
 * How an import works: open_table.ts opens a CSV file (csv.ts, encoding.ts) or an Excel file (excel.ts, excel_parts.ts, excel_problems.ts).
 * Both are a Table (table.ts). columns.ts reads its cells (cells.ts, numbers.ts, dates.ts) as data of requests, whose types are
 * in the header, or read from requests of the process (process_data.ts). start-requests also knows rows by their keys (row_keys.ts), and
 * finds requests whose response was lost (started.ts).
 */
import { statSync } from 'node:fs'
import { UsageError } from '#wfg'
import { openTable, type TableOptions } from './open_table.ts'
import type { Cell, Table } from './table.ts'

/** Reports what is wrong with a cell of the column. */
export type Report = (column: string, problem: string) => void

/** Reads the value of a row. Undefined if the row has none. */
export type RowReader<Row> = (cells: readonly Cell[], row: number, report: Report) => Row | undefined

export interface CheckedRows<Row> {
  /** Number of rows with a value. */
  readonly count: number
  /** Reads the rows again. */
  rows(): AsyncGenerator<{ row: number; value: Row }, void, undefined>
}

/**
 * Reads a whole file and reports all its problems at once.
 *
 * @param readHeader called each time the file is read; if the header is wrong, the rows are not checked
 * @throws {UsageError} with the row and the column of the first 20 problems, and the number of all
 */
export async function checkRows<Row>(
  path: string,
  options: TableOptions,
  readHeader: (table: Table, report: Report) => RowReader<Row>,
): Promise<CheckedRows<Row>> {
  const before = stateOf(path)
  const table = await openTable(path, options)
  const problems = createProblems()
  let count = 0
  for await (const _ of readAll(table, readHeader, problems)) count += 1
  problems.refuse(`Cannot use "${path}", and nothing was sent`)
  return {
    count,
    async *rows() {
      const later = createProblems()
      const refuse = () => {
        const title = `Cannot continue with "${path}": it was changed after it was checked`
        later.refuse(title)
        if (stateOf(path) !== before) throw new UsageError(`${title}. Type the same command again.`)
      }
      refuse()
      for await (const row of readAll(table, readHeader, later)) {
        refuse()
        yield row
      }
      refuse()
    },
  }
}

// --- internal ---

/** Changes when the file does. */
function stateOf(path: string): string {
  const { size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {}
  return `${size} ${mtimeMs}`
}

async function* readAll<Row>(
  table: Table,
  readHeader: (table: Table, report: Report) => RowReader<Row>,
  problems: Problems,
): AsyncGenerator<{ row: number; value: Row }, void, undefined> {
  const { header } = table
  const read = readHeader(table, (column, problem) => problems.add(`row 1, ${column}: ${problem}`))
  if (problems.count > 0) return
  for await (const { row, cells, problems: wrong = new Map<number, string>() } of table.rows()) {
    if (cells.length !== header.length) {
      problems.add(
        `row ${row}: it has ${cells.length === 1 ? '1 cell' : `${cells.length} cells`}; expected ${header.length}, as in the header`,
      )
      continue
    }
    for (const [index, problem] of wrong) problems.add(`row ${row}, ${header[index]}: ${problem}`)
    if (wrong.size > 0) continue
    const value = read(cells, row, (column, problem) => problems.add(`row ${row}, ${column}: ${problem}`))
    if (value !== undefined) yield { row, value }
  }
}

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
