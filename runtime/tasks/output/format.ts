/** How a result is written. */
import { extname } from 'node:path'

export type Format = 'table' | 'json' | 'ndjson' | 'csv'

/** The format that a file's extension names (`.csv`, `.json`, `.ndjson`, `.jsonl`); undefined for any other. */
export function formatOf(path: string): Format | undefined {
  return byExtension.get(extname(path).toLowerCase())
}

// --- internal ---

const byExtension: ReadonlyMap<string, Format> = new Map([
  ['.csv', 'csv'],
  ['.json', 'json'],
  ['.ndjson', 'ndjson'],
  ['.jsonl', 'ndjson'],
])
