/** What one parameter of a script takes. */

export type Kind = 'string' | 'number' | 'boolean' | 'bigint' | 'date'

export type Choice = string | number | bigint | boolean

/** One of several kinds of value that a parameter takes, told apart by their texts. */
export interface Alternative {
  readonly kind: Kind
  readonly choices: readonly Choice[] | undefined
}

export interface Shape {
  /** The first, where there are alternatives. */
  readonly kind: Kind
  readonly alternatives: readonly Alternative[] | undefined
  /** What a value is called in help, e.g. `date (YYYY-MM-DD)`. */
  readonly label: string
  readonly choices: readonly Choice[] | undefined
  readonly multiple: boolean
  readonly acceptsNull: boolean
  readonly acceptsUndefined: boolean
  /** A fixed default; one that is computed is not shown. */
  readonly defaultValue: unknown
  readonly description: string | undefined
  /** Marked by `v.metadata({ secret: true })`: shown nowhere, and never kept. */
  readonly secret: boolean
}
