/** An encoder turns rows into text. Each format has one. */

export interface Encoder {
  /** Copies what it needs of the row: the script may change it afterwards. */
  add(row: unknown): void
  /**
   * Returns the text of the rows added since the last call. It may hold some back.
   *
   * @param all true if nothing may be held back, because the source is slow
   */
  take(all?: boolean): string | Promise<string>
  /** Returns the rest. The output of a failed run is not `complete`, and must not look as if it were. */
  end(complete: boolean): string | Promise<string>
}

export interface EncoderOptions {
  /** Width of the terminal in columns; undefined if there is none, so that nothing has to fit. */
  readonly columns: number | undefined
  /** Leaves CSV cells as they are that a spreadsheet takes for formulas. */
  readonly raw: boolean
  redact(text: string): string
  warn(text: string): void
}
