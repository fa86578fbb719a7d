/** Rows as text, one encoder a format. */
import type { Format } from './format.ts'

export interface Encoder {
  /** Takes a row as it is now: the script may change it afterwards. */
  add(row: unknown): void
  /**
   * The text of the rows added since; it may hold some back.
   *
   * @param all the source is slow, so nothing is held back
   */
  take(all?: boolean): string | Promise<string>
  /** What is still to be written. A run that failed is not `complete`, and its output must not look so. */
  end(complete: boolean): string | Promise<string>
}

export interface EncoderOptions {
  /** Width of the terminal in columns; undefined where there is none, and nothing has to fit. */
  readonly columns: number | undefined
  /** Leaves CSV cells that a spreadsheet would take for formulas. */
  readonly raw: boolean
  redact(text: string): string
  warn(text: string): void
}

/** Loads only what the format needs. */
export async function createEncoder(format: Format, options: EncoderOptions): Promise<Encoder> {
  switch (format) {
    case 'table':
      return (await import('./table.ts')).createTableEncoder(options)
    case 'csv':
      return (await import('./csv.ts')).createCsvEncoder(options)
    case 'json':
      return (await import('./json_rows.ts')).createJsonEncoder()
    case 'ndjson':
      return (await import('./json_rows.ts')).createNdjsonEncoder()
  }
}
