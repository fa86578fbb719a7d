/** Reads a CSV file row by row, with commas, semicolons or tabs between the cells, as spreadsheets write it. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { parse as parseAll } from 'csv-parse/sync'
import type { UsageError } from '#wfg'
import { type Charset, charsetOf, decoderOf, type Encoding } from './encoding.ts'
import { type Table, type TableRow, unreadable } from './table.ts'

/**
 * Opens a CSV file. Its header tells the separator.
 *
 * @param start the first bytes of the file
 * @throws {UsageError} if it is empty or not text, or its header has wrong quotes
 */
export async function openCsv(path: string, start: Buffer, encoding?: Encoding): Promise<Table> {
  const charset = charsetOf(path, start, encoding)
  const line = headerLine(path, decoderOf(path, charset)(start))
  const separator = separatorOf(path, line)
  const header = withoutEmptyEnd(headerOf(path, line, separator), 0)
  checkText(header, charset, (index, problem) => unreadable(path, `row 1, column ${index + 1}: ${problem}`))
  return {
    path,
    header,
    decimalComma: separator !== ',',
    rows: () => readRows(path, { charset, separator, header }),
  }
}

// --- internal ---

/** Without a limit, a quote that is not closed would make the rest of the file one row. */
const MAX_ROW_BYTES = 1_048_576

type Separator = ',' | ';' | '\t'

interface Format {
  readonly charset: Charset
  readonly separator: Separator
  readonly header: readonly string[]
}

/** @throws {UsageError} for a wrong quote, and for bytes that are no text */
async function* readRows(path: string, { charset, separator, header }: Format): AsyncGenerator<TableRow> {
  const options = { record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true, max_record_size: MAX_ROW_BYTES }
  const parser = parse({ delimiter: separator, ...options })
  // The loop below throws the error.
  pipeline(
    createReadStream(path),
    (bytes: AsyncIterable<Buffer>) => decode(bytes, decoderOf(path, charset)),
    parser,
    () => {},
  )
  let row = 0
  try {
    for await (const all of parser as AsyncIterable<string[]>) {
      row += 1
      if (row === 1 || all.every(isBlank)) continue
      const cells = withoutEmptyEnd(all, header.length)
      checkText(cells, charset, (index, problem) =>
        unreadable(path, `row ${row}, ${nameOf(header, index)}: ${problem}`),
      )
      yield { row, cells }
    }
  } catch (error) {
    throw error instanceof CsvError ? malformed(path, header, error) : error
  }
}

function isBlank(cell: string): boolean {
  return cell.trim() === ''
}

/** Returns the cells of the columns. Excel also writes columns that have a format alone, as in `A;B;;`. */
function withoutEmptyEnd(cells: readonly string[], columns: number): readonly string[] {
  return cells.slice(0, Math.max(columns, cells.findLastIndex((cell) => !isBlank(cell)) + 1))
}

async function* decode(chunks: AsyncIterable<Buffer>, next: ReturnType<typeof decoderOf>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield next(chunk)
  yield next()
}

/** Throws for the first cell with the character that replaces invalid bytes, or with the one that text never has. */
function checkText(
  cells: readonly string[],
  charset: Charset,
  errorOf: (index: number, problem: string) => UsageError,
): void {
  const index = cells.findIndex((cell) => /[\uFFFD\0]/.test(cell))
  if (index === -1) return
  const isForeign = charset === 'utf-8' && cells[index]!.includes('\uFFFD')
  throw errorOf(index, isForeign ? NOT_UTF_8 : 'it has a character that no text has')
}

const NOT_UTF_8 =
  'it has a character that is not UTF-8; add --encoding windows-1252 if Excel saved the file as "CSV", or save it as "CSV UTF-8"'

function nameOf(header: readonly string[], index: number): string {
  return header[index] || `column ${index + 1}`
}

function headerLine(path: string, start: string): string {
  if (isBlank(start)) throw unreadable(path, 'it is empty; expected a header in row 1')
  const line = start.split(/\r|\n/, 1)[0]!
  if (isBlank(line)) throw unreadable(path, 'row 1 is empty; expected the header there')
  return line
}

function separatorOf(path: string, line: string): Separator {
  const unquoted = line.replaceAll(/"[^"]*"/g, '')
  const [separator = ',', other] = ([',', ';', '\t'] as const).filter((each) => unquoted.includes(each))
  if (other === undefined) return separator
  const found = `row 1 has ${NAMES[separator]} and ${NAMES[other]}`
  throw unreadable(path, `${found}; expected one of them as the separator`)
}

const NAMES: Readonly<Record<Separator, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' }

function headerOf(path: string, line: string, separator: Separator): string[] {
  try {
    return parseAll(line, { delimiter: separator })[0] ?? []
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
  return unreadable(path, `row ${records + 1}, ${nameOf(header, column)}: ${QUOTES[error.code] ?? 'it is not CSV'}`)
}
