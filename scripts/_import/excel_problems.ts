/**
 * Finds cells of an Excel file that read-excel-file would take for empty ones, though they are not: errors such as #N/A, and
 * formulas without a value.
 */
import { createRequire } from 'node:module'

export interface ZipLibrary {
  unzipSync(bytes: Uint8Array, options: { filter(file: { name: string }): boolean }): Record<string, Uint8Array>
  zipSync(files: Record<string, Uint8Array>, options: { level: 0 }): Uint8Array<ArrayBuffer>
}

/** Returns the library that read-excel-file brings along. */
export function zipLibrary(): ZipLibrary {
  const reader = createRequire(import.meta.url).resolve('read-excel-file/universal')
  return createRequire(reader)('fflate')
}

/**
 * Makes these cells texts that begin with a mark.
 *
 * @param workbook a zip archive with a file of XML for each sheet
 */
export function markProblems(workbook: Uint8Array, { unzipSync, zipSync }: ZipLibrary): Uint8Array<ArrayBuffer> {
  const files = unzipSync(workbook, { filter: ({ name }) => /\.(xml|rels)$/.test(name) })
  for (const [name, content] of Object.entries(files)) {
    if (!/worksheets\/[^/]+$/.test(name)) continue
    const xml = new TextDecoder().decode(content)
    const marked = xml
      .replace(ERROR, `<$1c$2 t="str"$3><$1v>${MARK}`)
      .replace(NO_VALUE, `<$1c r="$2" t="str"><$1v>${MARK}</$1v></$1c>`)
    if (marked !== xml) files[name] = Buffer.from(marked)
  }
  return zipSync(files, { level: 0 })
}

/** Returns what is wrong with a cell if its text has the mark. */
export function markedProblem(text: string): string | undefined {
  if (!text.startsWith(MARK)) return undefined
  const error = text.slice(MARK.length)
  if (error === '') return 'its formula has no value; open the file in Excel and save it'
  return `it is the error ${error}; correct its formula or value`
}

// --- internal ---

/** Begins the text of a marked cell. It is in no other text. */
const MARK = '\uE000'
/** The beginning of a cell; its elements may have the prefix of a namespace. */
const CELL = String.raw`<((?:\w+:)?)c\b`
const FORMULA = String.raw`<\1f\b(?:[^>]*/>|[^>]*>[^<]*</\1f>)\s*`
/** Such as `<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>`, up to the value. */
const ERROR = new RegExp(String.raw`${CELL}([^>]*)\st=["']e["']([^>]*)>\s*(?:${FORMULA})?<\1v>`, 'g')
/** Such as `<c r="B2"><f>1+1</f></c>`. A formula of the type "str" can have an empty text. */
const NO_VALUE = new RegExp(
  String.raw`${CELL}(?![^>]*\st=["']str)[^>]*\sr=["'](\w+)["'][^>]*>\s*${FORMULA}(?:<\1v\s*/>|<\1v></\1v>)?\s*</\1c>`,
  'g',
)
