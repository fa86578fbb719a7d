/**
 * Reads the columns of a table as data fields. A header can give a type, as in `AMOUNT:number`, `DUE:date`, `CONTRACT:file` and
 * `NAME:text`; else requests of the process tell the type, else each cell has its own.
 */
import { basename, dirname, resolve } from 'node:path'
import {
  file,
  GraphQLExecutionError,
  GraphQLRequestError,
  isWfgError,
  type Upload,
  UsageError,
  type WfgError,
} from '#wfg'
import { dateOf, numberOf, textOf } from './cells.ts'
import type { Report } from './check_rows.ts'
import type { DateOrder } from './dates.ts'
import type { KnownData } from './process_data.ts'
import type { Cell, Table } from './table.ts'

/** A data field and its value, as createRequest and updateRequestDataset take them. */
export interface Parameter {
  readonly name: string
  readonly textValue?: string
  readonly numericValue?: number
  readonly dateTimeValue?: string
  readonly fileValue?: { readonly upload: Upload }
}

export interface DataColumn {
  readonly name: string
  /** The text of the header. */
  readonly header: string
  readonly index: number
  /** @throws {UsageError} that says what is wrong with the cell */
  read(cell: Cell): Omit<Parameter, 'name'>
}

export interface ColumnOptions {
  /** Index of the first column of data. Default: 0. */
  readonly first?: number
  /** Order of dates in texts. */
  readonly dates?: DateOrder | undefined
  /** The data of the process, by their names in capitals. Default: not known. */
  readonly data?: KnownData | undefined
  /** True if a column is refused whose type is neither written nor known. Default: false. */
  readonly mustBeKnown?: boolean
}

/** Returns the columns of data, and reports errors in the header. */
export function dataColumns(
  table: Table,
  report: Report,
  { first = 0, dates, data, mustBeKnown = false }: ColumnOptions = {},
): DataColumn[] {
  const readers = readersFor(table, dates)
  const own = (cell: Cell) =>
    readers[typeof cell === 'number' ? 'number' : cell instanceof Date ? 'date' : 'text'](cell)
  const used = new Set(table.header.slice(0, first).map((header) => header.trim().toUpperCase()))
  const columns: DataColumn[] = []
  table.header.slice(first).forEach((header, position) => {
    const index = first + position
    const [written = '', type, ...rest] = header.split(':').map((part) => part.trim())
    const known = data?.get(written.toUpperCase())
    const name = known?.name ?? written
    const kind = type?.toLowerCase() ?? TYPE_OF_DATA[known?.dataType ?? '']
    const read = kind === undefined ? own : Object.hasOwn(readers, kind) ? readers[kind as DataType] : undefined
    const column = header.trim() === '' ? `column ${index + 1}` : header
    if (!NAME.test(name))
      report(column, 'it is not the name of a data field; expected letters, digits and _, such as AMOUNT:number')
    else if (!read || rest.length > 0) report(column, `its type is unknown; expected ${TYPES} after the colon`)
    else if (used.has(name.toUpperCase())) report(column, 'another column has this name')
    // Read in another way once there is such a request, the same row would be another one, and start again.
    else if (mustBeKnown && data && !known && type === undefined)
      report(column, data.size === 0 ? NO_REQUEST : NOT_KNOWN)
    else columns.push({ name, header, index, read })
    used.add(name.toUpperCase())
  })
  if (table.header.length <= first) report(`column ${first + 1}`, 'it is missing; expected the name of a data field')
  return columns
}

/** Returns the parameters of one row. An empty cell gives none. */
export function parametersOf(columns: readonly DataColumn[], cells: readonly Cell[], report: Report): Parameter[] {
  return columns.flatMap(({ name, header, index, read }) => {
    const cell = cells[index]
    if (cell === undefined || cell === '') return []
    try {
      return { name, ...read(cell) }
    } catch (error) {
      if (!isWfgError(error)) throw error
      report(header, error.message)
      return []
    }
  })
}

/** Returns the server's messages about a row, else the error's, with names of parameters instead of their indexes. */
export function messageOf(error: WfgError | undefined, parameters: readonly Parameter[]): string | null {
  const isAnswer = error instanceof GraphQLRequestError || error instanceof GraphQLExecutionError
  const said = isAnswer ? error.errors.map(({ message }) => message).join('; ') : ''
  const named = (found: string, name?: string, place?: string) => parameters[Number(name ?? place)]?.name ?? found
  return (
    (said || error?.message)?.replace(/\[value of parameters\[(\d+)\]\.name\]|\bparameters\[(\d+)\]/g, named) ?? null
  )
}

// --- internal ---

type DataType = 'text' | 'number' | 'date' | 'file'

const TYPES = 'text, number, date or file'
const NO_REQUEST =
  'no request of this process was found, so types are not known; check the name of the process, or write the type, such as AMOUNT:number'
const NOT_KNOWN =
  'no request of the process that you may read has such data, so its type is not known; check the name, or write the type, such as AMOUNT:number'
/** The type of a column by that of its data in the process. */
const TYPE_OF_DATA: Readonly<Record<string, DataType>> = {
  TEXT: 'text',
  NUMERIC: 'number',
  DATETIME: 'date',
  FILE: 'file',
}
const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u

function readersFor(
  { path, decimalComma }: Table,
  dates: DateOrder | undefined,
): Readonly<Record<DataType, DataColumn['read']>> {
  const folder = dirname(path)
  return {
    text: (cell) => ({ textValue: textOf(cell) }),
    number: (cell) => ({ numericValue: numberOf(cell, decimalComma) }),
    date: (cell) => ({ dateTimeValue: dateOf(cell, dates) }),
    file: (cell) => ({ fileValue: { upload: file(resolve(folder, pathOf(cell))) } }),
  }
}

/** A list may come from elsewhere, and must not take our secrets into a request. */
function pathOf(cell: Cell): string {
  const path = textOf(cell)
  if (/^\.env\b/i.test(basename(path)))
    throw new UsageError('it names a file of settings, which may hold secrets; expected another file')
  return path
}
