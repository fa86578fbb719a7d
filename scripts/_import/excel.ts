/** Reads a sheet of an Excel file (.xlsx). Cells have their own types, and formulas the value that Excel calculated last. */
import { readFile } from 'node:fs/promises'
import { textOf } from './cells.ts'
import { markedProblem, markProblems, zipLibrary } from './excel_problems.ts'
import { type Cell, type Table, type TableRow, unreadable } from './table.ts'

/**
 * Opens a sheet. All of its rows are held in memory.
 *
 * @param sheet its name; default: the first sheet that is not hidden
 * @throws {UsageError} if the file is no workbook, or the sheet is missing or empty
 */
export async function openExcel(path: string, sheet?: string): Promise<Table> {
  const grid = await readGrid(path, sheet)
  const name = sheet === undefined ? 'its first sheet' : `the sheet ${JSON.stringify(sheet)}`
  if (grid.length === 0) throw unreadable(path, `${name} is empty; expected a header in row 1`)
  const { cells, problems } = rowOf(1, grid[0]!)
  for (const [index, problem] of problems) throw unreadable(path, `row 1, column ${index + 1}: ${problem}`)
  const header = cells.map(textOf)
  if (header.every((cell) => cell === ''))
    throw unreadable(path, `row 1 of ${name} is empty; expected the header there`)
  return {
    path,
    header,
    decimalComma: true,
    async *rows() {
      for (const [index, cells] of grid.entries()) {
        if (index > 0 && !cells.every(isBlank)) yield rowOf(index + 1, cells)
      }
    },
  }
}

// --- internal ---

/** A row as the package reads it. */
type SheetRow = readonly SheetCell[]
type SheetCell = string | number | boolean | Date | null

async function readGrid(path: string, sheet: string | undefined): Promise<readonly SheetRow[]> {
  const { readSheet } = await import('read-excel-file/universal')
  const zip = zipLibrary()
  try {
    const workbook = markProblems(await readFile(path), zip, sheet)
    return ((await readSheet(workbook.buffer, sheet ?? 1, { trim: false })) ?? []) as unknown as SheetRow[]
  } catch (error) {
    const { message, sheets } = error as Error & { sheets?: readonly string[] }
    if (!sheets)
      throw unreadable(path, `it is damaged, or no Excel workbook (${message}); open it in Excel, and save it as .xlsx`)
    if (sheets.length === 0) throw unreadable(path, 'it has no sheet with cells')
    const names = sheets.map((name) => JSON.stringify(name)).join(', ')
    throw unreadable(path, `it has no sheet ${JSON.stringify(sheet)}; expected one of ${names}`)
  }
}

function rowOf(row: number, values: SheetRow): Required<TableRow> {
  const problems = new Map<number, string>()
  const cells = values.map((value, index): Cell => {
    if (value === null) return ''
    if (typeof value === 'boolean') return String(value)
    // Excel shows 15 digits. 0.1 + 0.2 has more.
    if (typeof value === 'number') {
      if (Math.abs(value) >= FIRST_OF_16_DIGITS) problems.set(index, TOO_LONG)
      return Number(value.toPrecision(15))
    }
    if (typeof value === 'string') {
      const problem = markedProblem(value)
      if (problem !== undefined) problems.set(index, problem)
      return value
    }
    if (!(value >= FIRST_DAY && value < AFTER_LAST_DAY)) problems.set(index, NO_DAY)
    // A time is a fraction of a day, which is seldom exact.
    return new Date(Math.round(value.getTime() / 1000) * 1000)
  })
  return { row, cells, problems }
}

/** Times and durations are stored as the first days that Excel knows, which are days of 1900 or 1904. */
const FIRST_DAY = new Date('1905-01-01')
const AFTER_LAST_DAY = new Date('+010000-01-01')
const NO_DAY = 'it is a time or a duration, or a day before 1905; expected a day, or the cell format "Text"'
const FIRST_OF_16_DIGITS = 1e15
const TOO_LONG =
  'it has more than 15 digits, and Excel keeps no more; give the cell the format "Text" and type it again'

function isBlank(cell: SheetCell): boolean {
  return cell === null || (typeof cell === 'string' && cell.trim() === '')
}
