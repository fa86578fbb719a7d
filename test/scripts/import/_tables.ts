/** Files with tables, and what becomes of them. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import writeExcelFile, { type SheetData } from 'write-excel-file/node'
import { type CheckedRows, checkRows } from '../../../scripts/_import/check_rows.ts'
import { type ColumnOptions, dataColumns, type Parameter, parametersOf } from '../../../scripts/_import/columns.ts'
import type { TableOptions } from '../../../scripts/_import/open_table.ts'
import type { Cell, Table } from '../../../scripts/_import/table.ts'
import { temporaryFolder } from '../../_cli.ts'

/** Writes the content to a file in a folder of its own, which is removed afterwards. */
export async function withFile(
  content: string | Uint8Array,
  work: (path: string) => Promise<void>,
  name = 'data.csv',
): Promise<void> {
  const folder = temporaryFolder()
  try {
    const path = join(folder, name)
    await writeFile(path, content)
    await work(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A workbook with these sheets, as the package of the other direction writes it. */
export function workbook(sheets: Readonly<Record<string, SheetData>>): Promise<Buffer> {
  return writeExcelFile(Object.entries(sheets).map(([sheet, data]) => ({ sheet, data }))).toBuffer()
}

/**
 * A workbook of XML as Excel writes it, with one sheet.
 *
 * @param rows the XML inside of sheetData. The cell style 1 is a date, 2 a time of day, 3 a duration, 4 a date with time, 5
 * a number of five digits
 * @param options `after` is the XML after sheetData; `second` are the rows of a second worksheet, which is rId8
 */
export function workbookOfXml(
  rows: string,
  {
    strings = [] as readonly string[],
    date1904 = '',
    sheets = '<sheet name="Tabelle1" sheetId="1" r:id="rId1"/>',
    after = '',
    second = '',
  } = {},
): Uint8Array {
  const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
  const relation = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const parts = {
    'xl/workbook.xml': `<workbook ${main} xmlns:r="${relation}">${date1904 && `<workbookPr date1904="${date1904}"/>`}<sheets>${sheets}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relation}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${relation}/styles" Target="styles.xml"/><Relationship Id="rId3" Type="${relation}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId8" Type="${relation}/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId9" Type="${relation}/chartsheet" Target="chartsheets/sheet1.xml"/></Relationships>`,
    'xl/styles.xml': `<styleSheet ${main}><numFmts count="2"><numFmt numFmtId="164" formatCode="[h]:mm:ss"/><numFmt numFmtId="165" formatCode="00000"/></numFmts><cellXfs count="6">${[0, 14, 20, 164, 22, 165].map((format) => `<xf numFmtId="${format}"/>`).join('')}</cellXfs></styleSheet>`,
    'xl/sharedStrings.xml': `<sst ${main}>${strings.map((text) => `<si><t>${text}</t></si>`).join('')}</sst>`,
    'xl/worksheets/sheet1.xml': `<worksheet ${main}><sheetData>${rows}</sheetData>${after}</worksheet>`,
    'xl/worksheets/sheet2.xml': `<worksheet ${main}><sheetData>${second}</sheetData></worksheet>`,
  }
  return zipSync(Object.fromEntries(Object.entries(parts).map(([path, xml]) => [path, strToU8(xml)])))
}

export function check(path: string, options: TableOptions & ColumnOptions = {}): Promise<CheckedRows<Parameter[]>> {
  return checkRows(path, options, (table, reportHeader) => {
    const columns = dataColumns(table, reportHeader, options)
    return (cells, _row, report) => parametersOf(columns, cells, report)
  })
}

export async function rowsOf(table: Table): Promise<Cell[][]> {
  const rows: Cell[][] = []
  for await (const { row, cells } of table.rows()) rows.push([row, ...cells])
  return rows
}

export async function valuesOf<Row>(checked: CheckedRows<Row>): Promise<{ row: number; value: Row }[]> {
  const values: { row: number; value: Row }[] = []
  for await (const value of checked.rows()) values.push(value)
  return values
}
