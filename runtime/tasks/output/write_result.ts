/** Writes the result of a script. */
import type { Host } from '../../host/host.ts'
import { plainOf } from './cells.ts'
import { createEncoder } from './create_encoder.ts'
import type { Format } from './format.ts'
import { toJson } from './json.ts'
import { writeRows } from './rows.ts'
import type { Sink } from './sink.ts'

export interface WriteOptions {
  /** Default: a table on a terminal, else NDJSON. */
  readonly format: Format | undefined
  readonly sink: Sink
  /** True for the file of `--out`. Default false. */
  readonly isFile?: boolean
  /** Leaves CSV cells as they are that a spreadsheet takes for formulas. */
  readonly raw: boolean
  /** Name of the task, for the sheet of an Excel file. Default: none. */
  readonly name?: string
  /** Default: `node`. */
  readonly runtime?: Host['runtime']
  /** Masks secrets in a cell before it is cut or quoted: afterwards the sink might not recognise them. Default: no change. */
  redact?(text: string): string
  /** Called with each row, or with the value. */
  seen?(row: unknown): void
  warn(text: string): void
  readonly signal?: AbortSignal | undefined
  /** The host's timer. With it, the table of a slow source is shown as it grows. */
  readonly after?: Host['after'] | undefined
}

/**
 * Writes a result. An array or a (sync or async) iterable is rows, another object is one row (in JSON the object itself),
 * another value is printed, and undefined prints nothing. Rows are consumed one by one and never collected. They are no
 * longer consumed when nobody reads the output.
 *
 * @returns the number of rows
 * @throws the signal's reason when it aborts, after the source was stopped; any error of the source
 */
export async function writeResult(result: unknown, options: WriteOptions): Promise<number> {
  const { sink, raw, signal, redact = (text) => text } = options
  const format = options.format ?? (sink.isTTY ? 'table' : 'ndjson')
  const isXlsx = format === 'xlsx'
  // Excel refuses an empty file, so that has a sheet without rows.
  if (result === undefined) return isXlsx ? writeResult([], options) : 0
  const isIterable = isRows(result)
  const value = isIterable ? undefined : plainOf(result)
  const isRow = typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
  if (isIterable || (isRow && format !== 'json') || ((format === 'csv' || isXlsx) && !isIterable)) {
    const source = isIterable ? result : [value]
    const encoder = await createEncoder(format, {
      columns: sink.columns || (sink.isTTY ? DEFAULT_COLUMNS : undefined),
      raw,
      name: options.name ?? '',
      runtime: options.runtime ?? 'node',
      redact,
      warn: (text) => options.warn(text),
    })
    const add = (row: unknown): void => {
      options.seen?.(row)
      encoder.add(row)
    }
    const rows = await writeRows(
      source,
      { ...encoder, add },
      sink,
      signal,
      format === 'table' ? options.after : undefined,
    )
    if (rows === 0 && !sink.closed && !showsNoRows(format, options)) options.warn('No rows.')
    return rows
  }
  options.seen?.(value)
  await sink.write(isRow ? `${toJson(value, 2)}\n` : printed(value, options.format))
  return 1
}

type Rows = Iterable<unknown> | AsyncIterable<unknown>

/** Texts and byte arrays are iterable as well, but are values. */
export function isRows(value: unknown): value is Rows {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof String) return false
  return Symbol.asyncIterator in value || Symbol.iterator in value
}

// --- internal ---

/** For a terminal that does not tell its width. */
const DEFAULT_COLUMNS = 80

/** JSON shows `[]`, and a program that reads NDJSON counts lines. */
function showsNoRows(format: Format, { sink, isFile }: WriteOptions): boolean {
  return format === 'json' || (format === 'ndjson' && !sink.isTTY && !isFile)
}

function printed(value: unknown, format: Format | undefined): string {
  if (format === 'json' || format === 'ndjson') return `${toJson(value)}\n`
  if (typeof value === 'string') return value.endsWith('\n') ? value : `${value}\n`
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) return `${toJson([...(value as Uint8Array)])}\n`
  return `${typeof value === 'object' ? toJson(value) : String(value)}\n`
}
