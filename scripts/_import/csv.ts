/** Reads a CSV file row by row: UTF-8, with commas, semicolons or tabs between the cells, as spreadsheets write it. */
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { parse as parseAll } from 'csv-parse/sync'
import { UsageError } from '#wfg'

export type Separator = ',' | ';' | '\t'

export interface Csv {
  /** The path as given. */
  readonly path: string
  readonly separator: Separator
  /** The cells of row 1. */
  readonly header: readonly string[]
  /** Reads the other rows from the file, without the empty ones. */
  rows(): AsyncGenerator<CsvRow, void, undefined>
}

export interface CsvRow {
  /** The number in a spreadsheet: the header is row 1, and an empty row or a row of several lines counts as one. */
  readonly row: number
  readonly cells: readonly string[]
}

/**
 * Opens a CSV file. Its header tells the separator.
 *
 * @throws {UsageError} if there is no such file, it is empty or not text, or its header has wrong quotes
 */
export async function openCsv(path: string): Promise<Csv> {
  const line = headerLine(path, await readStart(path))
  const separator = separatorOf(path, line)
  const header = headerOf(path, line, separator)
  return { path, separator, header, rows: () => readRows(path, separator, header) }
}

// --- internal ---

/** Longer than any header. */
const START_BYTES = 65_536
/** Without a limit, a quote that is not closed would make the rest of the file one row. */
const MAX_ROW_BYTES = 1_048_576

/** @throws {UsageError} for a wrong quote */
async function* readRows(
  path: string,
  separator: Separator,
  header: readonly string[],
): AsyncGenerator<CsvRow, void, undefined> {
  const options = { record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true, max_record_size: MAX_ROW_BYTES }
  const parser = parse({ delimiter: separator, bom: true, ...options })
  pipeline(createReadStream(path), parser, () => {}) // the loop below throws its error
  let row = 0
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      row += 1
      if (row > 1 && cells.some((cell) => cell !== '')) yield { row, cells }
    }
  } catch (error) {
    throw error instanceof CsvError ? malformed(path, header, error) : error
  }
}

function headerOf(path: string, line: string, separator: Separator): string[] {
  try {
    return parseAll(line, { delimiter: separator, bom: true })[0] ?? []
  } catch (error) {
    throw error instanceof CsvError ? malformed(path, [], error) : error
  }
}

/** Problems of a cell, by the parser's error code. */
const QUOTES: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'its opening quote is not closed; expected " at its end, and "" for a quote inside',
  CSV_INVALID_CLOSING_QUOTE: 'it continues after its closing quote; expected "" for a quote inside',
  INVALID_OPENING_QUOTE: 'it has a quote inside; expected quotes around the whole cell, and "" for a quote inside',
  CSV_MAX_RECORD_SIZE: 'the row is longer than 1 MiB; check that each quote is closed',
}

function malformed(path: string, header: readonly string[], error: CsvError): UsageError {
  const { records = 0, column = 0 } = error as { records?: number; column?: number }
  const where = `row ${records + 1}, ${header[column] || `column ${column + 1}`}`
  return new UsageError(`${cannotRead(path)}: ${where}: ${QUOTES[error.code] ?? 'it is not CSV'}.`)
}

async function readStart(path: string): Promise<Buffer> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException
    throw new UsageError(`${cannotRead(path)}: it cannot be opened (${code ?? name}); expected a CSV file.`)
  } finally {
    await handle?.close()
  }
}

function headerLine(path: string, start: Buffer): string {
  // In UTF-16, half of the bytes of a header are 0.
  if (start.includes(0) || start.subarray(0, 2).equals(Buffer.from([0xff, 0xfe]))) {
    throw new UsageError(
      `${cannotRead(path)}: it is UTF-16, or not text; expected UTF-8 ("CSV UTF-8" in a spreadsheet).`,
    )
  }
  const text = start.toString()
  if (text.trim() === '') throw new UsageError(`${cannotRead(path)}: it is empty; expected a header in row 1.`)
  const line = text.split(/\r|\n/, 1)[0]!
  if (line.trim() === '') throw new UsageError(`${cannotRead(path)}: row 1 is empty; expected the header there.`)
  return line
}

function separatorOf(path: string, line: string): Separator {
  const unquoted = line.replaceAll(/"[^"]*"/g, '')
  const [separator = ',', other] = ([',', ';', '\t'] as const).filter((each) => unquoted.includes(each))
  if (other === undefined) return separator
  throw new UsageError(
    `${cannotRead(path)}: row 1 has ${NAMES[separator]} and ${NAMES[other]}; expected one of them as the separator.`,
  )
}

const NAMES: Readonly<Record<Separator, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' }

function cannotRead(path: string): string {
  return `Cannot read ${JSON.stringify(path)}`
}
