/** Text from a command line as a value of the schema's kind. Nothing is guessed: what does not fit is refused. */
import { A_DATE, readDate, readNumber } from '../../core/text_values.ts'
import type { Choice, Kind, Shape } from './shape.ts'

/** `expected` says what would have fitted; never the text itself, which may be a secret. */
export type Conversion = { readonly value: unknown } | { readonly expected: string }

/**
 * - number: decimal, with an exponent if wanted (`1e3`); no `0x10`, no `Infinity`, no integer that a number cannot hold
 * - bigint: decimal digits
 * - boolean: `true` or `false`
 * - date: `2026-11-01` (midnight UTC), or with a time, local unless it ends in `Z` or an offset; days of the real calendar
 */
export function convertText(kind: Kind, text: string): Conversion {
  if (kind === 'string') return { value: text }
  const value = converters[kind](text.trim())
  return value === undefined ? { expected: EXPECTED[kind] } : { value }
}

/** Text as a value of whichever kind it fits. */
export function convertFor(shape: Pick<Shape, 'kind' | 'label' | 'alternatives'>, text: string): Conversion {
  if (!shape.alternatives) {
    return isNoDay(shape, text) ? { expected: 'a day of the calendar' } : convertText(shape.kind, text)
  }
  for (const { kind, choices } of shape.alternatives) {
    const converted = convertText(kind, text)
    if ('value' in converted && (choices?.includes(converted.value as Choice) ?? true)) return converted
  }
  return { expected: shape.label }
}

/** What a value of that kind is called in a message. */
export function expectedOf(kind: Kind): string {
  return EXPECTED[kind]
}

// --- internal ---

/** A text that the schema takes for a date by its form alone, such as 2026-02-30. */
function isNoDay({ kind, label }: Pick<Shape, 'kind' | 'label'>, text: string): boolean {
  const day = /^\d{4}-\d\d-\d\d/.exec(text)?.[0]
  return kind === 'string' && /^(date|timestamp)\b/.test(label) && day !== undefined && readDate(day) === undefined
}

const EXPECTED: Readonly<Record<Kind, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  bigint: 'a whole number',
  date: A_DATE,
}

const converters: Readonly<Record<Exclude<Kind, 'string'>, (text: string) => unknown>> = {
  number: readNumber,
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  bigint: (text) => (/^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined),
  date: readDate,
}
