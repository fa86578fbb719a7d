/** What turns rows into text; each format has its own. */

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
