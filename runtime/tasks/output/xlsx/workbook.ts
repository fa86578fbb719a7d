/** The parts of a workbook around its rows, made by write-excel-file. */
import type { Host } from '../../../host/host.ts'
import { withPackages } from '../../../host/optional_packages.ts'
import { unzip } from './zip.ts'

export interface Workbook {
  /** The files beside the sheet, by name. */
  readonly files: ReadonlyMap<string, string>
  readonly sheet: { readonly name: string; readonly beforeRows: string; readonly afterRows: string }
  readonly styles: Styles
}

/** Numbers of the formats of cells. */
export interface Styles {
  readonly header: string
  readonly day: string
  readonly time: string
}

/** @throws {MissingPackages} */
export function loadWriter(runtime: Host['runtime']) {
  return withPackages('excel', runtime, async () => ({
    write: (await import('write-excel-file/node')).default,
    fflate: await import('fflate'),
  }))
}

/**
 * A workbook with one sheet, of which the first row is frozen. write-excel-file holds all rows in memory, several times.
 * So it gets one row, with a cell of each format, which is replaced by the rows.
 *
 * @param name of the sheet; characters that Excel refuses are replaced
 */
export async function createWorkbook(
  runtime: Host['runtime'],
  name: string,
  widths: readonly number[],
): Promise<Workbook> {
  const { write, fflate } = await loadWriter(runtime)
  const formats = [
    { value: 'header', fontWeight: 'bold' as const },
    { value: new Date(0), format: 'yyyy-mm-dd' },
    { value: new Date(0), format: 'yyyy-mm-dd hh:mm:ss' },
  ]
  const columns = widths.map((width) => ({ width }))
  const files = unzip(
    fflate,
    await write([formats], { sheet: sheetName(name), stickyRowsCount: 1, columns }).toBuffer(),
  )
  const xml = files.get(SHEET)!
  files.delete(SHEET)
  const [start, end] = [xml.indexOf('<row'), xml.indexOf('</sheetData>')]
  const [header, day, time] = [...xml.slice(start, end).matchAll(/ s="(\d+)"/g)].map((match) => match[1]!)
  return {
    files,
    sheet: { name: SHEET, beforeRows: xml.slice(0, start), afterRows: xml.slice(end) },
    styles: { header: header!, day: day!, time: time! },
  }
}

// --- internal ---

const SHEET = 'xl/worksheets/sheet1.xml'
const MAX_NAME = 31

/** Excel keeps the name "History" for itself. */
function sheetName(name: string): string {
  const valid = name
    .replace(/[[\]:*?/\\\p{C}]/gu, '-')
    .slice(0, MAX_NAME)
    .replace(/^'+|'+$/g, '')
    .trim()
  return valid === '' || valid.toLowerCase() === 'history' ? 'Rows' : valid
}
