/** What a row of a provider's table of remedies says. */

/**
 * What to do about one error response; the first row that fits counts. Providers change their words and numbers, so those only choose between steps; what
 * may be asked again is decided elsewhere.
 */
export interface Remedy {
  /** `error` of the error response (RFC 6749 section 5.2). Left out: any. */
  readonly error?: readonly string[]
  /** No other provider says this, so it is known again where the provider has a name of its own. */
  readonly unmistakable?: true
  /** Found in the response's description, its error numbers, or its text. Left out: any. */
  readonly hint?: RegExp
  /** HTTP status. Left out: any. */
  readonly status?: number
  /** The screen and the field, or the setting. */
  readonly step: string
}
