/** The formats of a result. */
import { basename, extname } from 'node:path'

export const FORMATS = ['table', 'json', 'ndjson', 'csv', 'xlsx'] as const
export type Format = (typeof FORMATS)[number]

/** The format that a file's extension names (`.csv`, `.json`, `.ndjson`, `.jsonl`, `.xlsx`); undefined for any other. */
export function formatOf(path: string): Format | undefined {
  return byExtension.get(extensionOf(path))
}

/**
 * Says why the path's extension names no format, and what to do. Undefined if it names one, and for a path without an
 * extension, whose format is that of a pipe.
 */
export function extensionProblem(path: string): string | undefined {
  const extension = extensionOf(path)
  if (byExtension.has(extension) || extension === '' || extension === '.') return undefined
  const instead = SPREADSHEETS.has(extension)
    ? `a spreadsheet opens ${JSON.stringify(`${basename(path, extname(path))}.xlsx`)}`
    : `expected ${[...byExtension.keys()].join(', ')}`
  return `the extension ${extension} names no format; ${instead}`
}

// --- internal ---

function extensionOf(path: string): string {
  return extname(path).toLowerCase()
}

const byExtension: ReadonlyMap<string, Format> = new Map([
  ['.csv', 'csv'],
  ['.json', 'json'],
  ['.ndjson', 'ndjson'],
  ['.jsonl', 'ndjson'],
  ['.xlsx', 'xlsx'],
])
const SPREADSHEETS: ReadonlySet<string> = new Set(['.xls', '.xlsm', '.xlsb', '.ods'])
