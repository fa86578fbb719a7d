/** The values that a parameter of a script takes. */

export type Kind = 'string' | 'number' | 'boolean' | 'bigint' | 'date'

export type Choice = string | number | bigint | boolean

/** One of several kinds of value that a parameter takes. The typed text decides which one is meant. */
export interface Alternative {
  readonly kind: Kind
  readonly choices: readonly Choice[] | undefined
}

export interface Shape {
  /** The first one if there are alternatives. */
  readonly kind: Kind
  readonly alternatives: readonly Alternative[] | undefined
  /** Describes a value in help, e.g. `date (YYYY-MM-DD)`. */
  readonly label: string
  readonly choices: readonly Choice[] | undefined
  readonly multiple: boolean
  readonly acceptsNull: boolean
  readonly acceptsUndefined: boolean
  /** Undefined also for a default that is computed. */
  readonly defaultValue: unknown
  readonly description: string | undefined
  /** Marked by `v.metadata({ secret: true })`: never shown and never stored. */
  readonly secret: boolean
}
