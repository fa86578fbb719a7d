/** An encoder turns rows into text, or into bytes. Each format has one. */
import type { Host } from '../../host/host.ts'

export type Output = string | Uint8Array

export interface Encoder {
  /** Copies what it needs of the row: the script may change it afterwards. */
  add(row: unknown): void
  /**
   * Returns the output of the rows added since the last call. It may hold some back.
   *
   * @param all true if nothing may be held back, because the source is slow
   */
  take(all?: boolean): Output | Promise<Output>
  /** Returns the rest. The output of a failed run is not `complete`, and must not look as if it were. */
  end(complete: boolean): Output | Promise<Output>
}

export interface EncoderOptions {
  /** Width of the terminal in columns; undefined if there is none, so that nothing has to fit. */
  readonly columns: number | undefined
  /** Leaves CSV cells as they are that a spreadsheet takes for formulas. */
  readonly raw: boolean
  /** Name of the task, for the sheet of an Excel file; empty if there is none. */
  readonly name: string
  /** Decides the command that adds a missing package. */
  readonly runtime: Host['runtime']
  redact(text: string): string
  warn(text: string): void
}
