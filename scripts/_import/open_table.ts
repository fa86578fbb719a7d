/** Opens a CSV file or an Excel file, whichever its first bytes say it is. */
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { openCsv } from './csv.ts'
import type { Encoding } from './encoding.ts'
import { openExcel } from './excel.ts'
import { type Table, unreadable } from './table.ts'

export interface TableOptions {
  /** Name of the sheet of an Excel file. Default: the first that is not hidden. */
  readonly sheet?: string | undefined
  /** Encoding of a CSV file. Default: UTF-8. A byte order mark decides. */
  readonly encoding?: Encoding | undefined
}

/** @throws {UsageError} if there is no such file, or it has no table */
export async function openTable(path: string, { sheet, encoding }: TableOptions): Promise<Table> {
  const start = await readStart(path)
  if (start.subarray(0, 4).equals(OLE)) throw unreadable(path, await problemOfOle(path))
  if (start.subarray(0, 4).equals(ZIP)) {
    if (encoding !== undefined) throw unreadable(path, '--encoding is for CSV files, and this is an Excel file')
    return openExcel(path, sheet)
  }
  if (/\.xls[xmb]?$/i.test(path)) {
    throw unreadable(path, 'it has the name of an Excel file, but is none; expected one saved as .xlsx')
  }
  if (sheet !== undefined) throw unreadable(path, '--sheet is for Excel files, and this is a CSV file')
  return openCsv(path, start, encoding)
}

// --- internal ---

/** Longer than any header. */
const START_BYTES = 65_536
const ZIP = Buffer.from('PK\x03\x04')
/** Excel keeps workbooks of before 2007, and those with a password, in files that begin so. */
const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0])

async function readStart(path: string): Promise<Buffer> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException
    throw unreadable(path, `it cannot be opened (${code ?? name}); expected a CSV or Excel file`)
  } finally {
    await handle?.close()
  }
}

async function problemOfOle(path: string): Promise<string> {
  const isEncrypted = (await readFile(path)).includes(Buffer.from('EncryptedPackage', 'utf16le'))
  return isEncrypted
    ? 'it is protected by a password; in Excel, save a copy without one (File, Info, Protect Workbook)'
    : 'it is a workbook of an old Excel (.xls); in Excel, save it as "Excel Workbook (.xlsx)"'
}
