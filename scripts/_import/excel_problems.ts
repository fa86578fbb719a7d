/**
 * Finds cells of an Excel file that read-excel-file would take for empty ones, though they are not: errors such as #N/A,
 * formulas without a value, and cells that are merged with the one above or beside them.
 */
import { createRequire } from 'node:module'
import { correctWorkbook, sheetCorrector } from './excel_parts.ts'

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
 * Makes these cells texts that begin with a mark, and corrects the others.
 *
 * @param workbook a zip archive with a file of XML for each sheet
 * @param sheet name of the sheet to read; default: the first that is not hidden
 */
export function markProblems(
  workbook: Uint8Array,
  { unzipSync, zipSync }: ZipLibrary,
  sheet?: string,
): Uint8Array<ArrayBuffer> {
  const files = unzipSync(workbook, { filter: ({ name }) => /\.(xml|rels)$/.test(name) })
  correctWorkbook(files, sheet)
  const correct = sheetCorrector(files)
  for (const [name, content] of Object.entries(files)) {
    if (!/worksheets\/[^/]+$/.test(name)) continue
    const xml = new TextDecoder().decode(content)
    const marked = markMerged(
      correct(xml)
        .replace(ERROR, `<$1c$2 t="str"$3><$1v>${MARK}`)
        .replace(NO_VALUE, NO_VALUE_MARKED)
        .replace(EMPTY_VALUE, NO_VALUE_MARKED),
    )
    if (marked !== xml) files[name] = Buffer.from(marked)
  }
  return zipSync(files, { level: 0 })
}

/** Returns what is wrong with a cell if its text has the mark. */
export function markedProblem(text: string): string | undefined {
  if (!text.startsWith(MARK)) return undefined
  const error = text.slice(MARK.length)
  if (error === '') return 'its formula has no value; open the file in Excel and save it'
  if (error.startsWith(MERGED)) return `it is ${error}; unmerge them, and give each cell its value`
  return `it is the error ${error}; correct its formula or value`
}

// --- internal ---

/** Begins the text of a marked cell. It is in no other text. */
const MARK = '\uE000'
/** The beginning of a cell; its elements may have the prefix of a namespace. */
const CELL = String.raw`<((?:\w+:)?)c\b`
const FORMULA = String.raw`<\1f\b(?:[^>]*/>|[^>]*>[^<]*</\1f>)\s*`
/** Such as `<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>`, up to the value. */
const ERROR = new RegExp(String.raw`${CELL}([^>]*)\st=["']e["']([^>]*)>\s*(?:${FORMULA})?<\1v\b[^>]*>`, 'g')
/** Such as `<c r="B2"><f>1+1</f></c>`. */
const NO_VALUE = new RegExp(String.raw`${CELL}[^>]*\sr=["'](\w+)["'][^>]*>\s*${FORMULA}</\1c>`, 'g')
/** Such as `<c r="B2"><f>1+1</f><v/></c>`. A formula of the type "str" can have an empty text. */
const EMPTY_VALUE = new RegExp(
  String.raw`${CELL}(?![^>]*\st=["']str)[^>]*\sr=["'](\w+)["'][^>]*>\s*${FORMULA}(?:<\1v\s*/>|<\1v></\1v>)\s*</\1c>`,
  'g',
)
const NO_VALUE_MARKED = `<$1c r="$2" t="str"><$1v>${MARK}</$1v></$1c>`

const MERGED = 'merged with others'
const MERGE = /<(?:\w+:)?mergeCell\b[^>]*\sref=["']((\w+):\w+)["']/g
/** A cell that is not empty. */
const FILLED = new RegExp(String.raw`${CELL}[^>]*\sr=["'](\w+)["'][^>]*(?<!/)>.*?</\1c>`, 'gs')

/** Marks the first cell of those that are merged: a person takes its value for that of them all. */
function markMerged(xml: string): string {
  const merges = new Map([...xml.matchAll(MERGE)].map(([, all, first]) => [first, all]))
  if (merges.size === 0) return xml
  return xml.replace(FILLED, (cell, prefix: string, place: string) => {
    const all = merges.get(place)
    if (all === undefined) return cell
    return `<${prefix}c r="${place}" t="str"><${prefix}v>${MARK}${MERGED} (${all})</${prefix}v></${prefix}c>`
  })
}
