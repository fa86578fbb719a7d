/** Rows as an Excel file. The first rows decide the columns and their widths. All rows are streamed. */
import { Buffer } from 'node:buffer'
import { WfgError } from '../../../core/errors.ts'
import { columnsOf, fieldsOf } from '../cells.ts'
import type { Encoder, EncoderOptions } from '../encoder.ts'
import { listed, MAX_NAMED } from '../notices.ts'
import { loadWidths, widthOf } from '../width.ts'
import { type Cell, cellOf, cellXml, MAX_CHARACTERS, textXml } from './cell.ts'
import { createWorkbook, loadWriter, type Workbook } from './workbook.ts'
import { createZip, type Zip } from './zip.ts'

/** @param maxRows below the header; fewer in a test */
export function createXlsxEncoder(
  { name, runtime, redact, warn }: Omit<EncoderOptions, 'columns' | 'raw'>,
  maxRows = MAX_ROWS,
): Encoder {
  const notes: Notes = { cut: new Set(), late: new Set() }
  let columns: Columns | undefined
  let workbook: Workbook | undefined
  let zip: Zip
  let waiting: Row[] = []
  let count = 0
  let written = 0
  let xml = ''

  /** Everything of the file that comes before the first row. */
  const begin = async (known: Columns): Promise<Workbook> => {
    zip = createZip((await loadWriter(runtime)).fflate)
    const made = await createWorkbook(runtime, name, await widthsOf(known, waiting, redact))
    const { files, sheet, styles } = made
    const header = [...known].map(([column, letters]) => textXml(redact(column), `${letters}1`, styles.header))
    xml = `${sheet.beforeRows}<row r="1">${header.join('')}</row>`
    for (const [file, text] of files) {
      zip.startFile(file)
      zip.add(text, true)
    }
    zip.startFile(sheet.name)
    return made
  }
  const take = async (isLast: boolean): Promise<Uint8Array> => {
    // Decided before anything is awaited, because rows may come meanwhile.
    columns ??= numbered(columnsOf(waiting))
    workbook ??= await begin(columns)
    for (const row of waiting) xml += rowXml(row, FIRST_ROW + written++, columns, workbook, notes)
    waiting = []
    if (isLast || xml.length >= CHUNK) {
      zip.add(isLast ? xml + workbook.sheet.afterRows : xml, isLast)
      xml = ''
    }
    if (isLast) zip.end()
    return Buffer.concat(zip.take())
  }
  return {
    add(row) {
      if (count === maxRows) throw tooMany(`${maxRows.toLocaleString('en')} rows`)
      count++
      const fields = Object.entries(fieldsOf(row, columns))
      waiting.push(new Map(fields.map(([column, value]) => [column, cellOf(value, redact)])))
    },
    take: (all = false) => (all || columns || waiting.length >= SAMPLE_ROWS ? take(false) : ''),
    async end(complete) {
      // Also the rows of a failed run can be opened: FILE.partial is a whole file.
      const bytes = complete || count > 0 ? await take(true) : ''
      warnOf(notes, warn)
      return bytes
    },
  }
}

// --- internal ---

/** Number of rows that decide the columns. */
const SAMPLE_ROWS = 1000
/** Below the header. Excel has no more, and no more columns. */
const MAX_ROWS = 1_048_575
const MAX_COLUMNS = 16_384
const FIRST_ROW = 2
/** Length of the text that is packed at once. */
const CHUNK = 100_000

/** In characters. Wider text is shown whole when its cell is chosen. */
const MAX_WIDTH = 60
const MIN_WIDTH = 6
const MARGIN = 2
const TIME_WIDTH = 'yyyy-mm-dd hh:mm:ss'.length

/** By column. */
type Row = ReadonlyMap<string, Cell>

/** The letters of each column: `A`, `B`, … */
type Columns = ReadonlyMap<string, string>

interface Notes {
  /** Columns with cut cells. */
  readonly cut: Set<string>
  /** Columns that the first rows do not have. */
  readonly late: Set<string>
}

function numbered(names: readonly string[]): Columns {
  if (names.length > MAX_COLUMNS) throw tooMany(`${MAX_COLUMNS.toLocaleString('en')} columns`)
  return new Map(names.map((name, index) => [name, lettersOf(index)]))
}

function lettersOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26))
  return index < 26 ? last : `${lettersOf(Math.floor(index / 26) - 1)}${last}`
}

function tooMany(what: string): WfgError {
  return new WfgError(
    `Cannot write more than ${what} to an Excel file, which has no room for them; use --out FILE.csv.`,
  )
}

async function widthsOf(columns: Columns, rows: readonly Row[], redact: (text: string) => string): Promise<number[]> {
  const shown = [...columns.keys()].map((name) => [redact(name), ...rows.map((row) => shownText(row.get(name)))])
  await loadWidths(shown.flat())
  return shown.map((texts) => {
    const widest = texts.reduce((width, text) => Math.max(width, widthOf(text)), MIN_WIDTH)
    return Math.min(MAX_WIDTH, widest + MARGIN)
  })
}

function shownText(cell: Cell | undefined): string {
  return cell?.kind === 'time' ? cell.text.slice(0, TIME_WIDTH) : (cell?.text ?? '')
}

function rowXml(row: Row, number: number, columns: Columns, { styles }: Workbook, notes: Notes): string {
  for (const [name, { text }] of row) {
    if (text.length > MAX_CHARACTERS && notes.cut.size < MAX_NAMED) notes.cut.add(name)
    if (text !== '' && !columns.has(name) && notes.late.size < MAX_NAMED) notes.late.add(name)
  }
  let cells = ''
  for (const [name, letters] of columns) {
    const cell = row.get(name)
    if (cell) cells += cellXml(cell, `${letters}${number}`, styles)
  }
  return `<row r="${number}">${cells}</row>`
}

function warnOf({ cut, late }: Notes, warn: (text: string) => void): void {
  if (cut.size > 0)
    warn(
      `Cells of ${listed(cut)} are cut to ${MAX_CHARACTERS.toLocaleString('en')} characters: an Excel cell holds no more.`,
    )
  if (late.size > 0)
    warn(
      `Columns left out of the Excel file because the first ${SAMPLE_ROWS.toLocaleString('en')} rows do not have them: ${listed(late)}.`,
    )
}
