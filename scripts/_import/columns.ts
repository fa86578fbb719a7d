/** Reads CSV columns as data fields. The headers give their types: `NAME`, `AMOUNT:number`, `DUE:date`, `CONTRACT:file`. */
import { dirname, resolve } from 'node:path'
import { file, GraphQLExecutionError, GraphQLRequestError, isWfgError, type Upload, type WfgError } from '#wfg'
import { readDate, readNumber } from './cells.ts'
import type { Report } from './check_rows.ts'
import type { Csv } from './csv.ts'

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
  read(cell: string): Omit<Parameter, 'name'>
}

/** Returns the columns from index `first` on, and reports errors in the header. */
export function dataColumns(csv: Csv, report: Report, first = 0): DataColumn[] {
  const readers = readersFor(csv)
  const used = new Set(csv.header.slice(0, first).map((header) => header.trim().toUpperCase()))
  const columns: DataColumn[] = []
  csv.header.slice(first).forEach((header, position) => {
    const index = first + position
    const [name = '', type = 'text', ...rest] = header.split(':').map((part) => part.trim())
    const read = Object.hasOwn(readers, type.toLowerCase()) ? readers[type.toLowerCase() as DataType] : undefined
    const column = header.trim() === '' ? `column ${index + 1}` : header
    if (!NAME.test(name))
      report(column, 'it is not the name of a data field; expected letters, digits and _, such as AMOUNT:number')
    else if (!read || rest.length > 0) report(column, `its type is unknown; expected ${TYPES} after the colon`)
    else if (used.has(name.toUpperCase())) report(column, 'another column has this name')
    else columns.push({ name, header, index, read })
    used.add(name.toUpperCase())
  })
  if (csv.header.length <= first) report(`column ${first + 1}`, 'it is missing; expected the name of a data field')
  return columns
}

/** Returns the parameters of one row. An empty cell gives none. */
export function parametersOf(columns: readonly DataColumn[], cells: readonly string[], report: Report): Parameter[] {
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
const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u

function readersFor({ path, separator }: Csv): Readonly<Record<DataType, DataColumn['read']>> {
  const folder = dirname(path)
  return {
    text: (cell) => ({ textValue: cell }),
    number: (cell) => ({ numericValue: readNumber(cell, separator) }),
    date: (cell) => ({ dateTimeValue: readDate(cell) }),
    file: (cell) => ({ fileValue: { upload: file(resolve(folder, cell)) } }),
  }
}
