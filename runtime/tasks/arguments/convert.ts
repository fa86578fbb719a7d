/** Converts text from a command line to a value of the schema's kind, and refuses text that does not fit. */
import { A_DATE, readDate, readNumber } from '../../core/text_values.ts'
import type { Choice, Kind, Shape } from './shape.ts'

/** `expected` describes a text that fits. It never contains the given text, which may be a secret. */
export type Conversion = { readonly value: unknown } | { readonly expected: string }

/**
 * Converts text to a value of the kind:
 *
 * - number: decimal, with an optional exponent (`1e3`); no `0x10`, no `Infinity`, no integer that a number cannot hold
 * - bigint: decimal digits
 * - boolean: `true` or `false`
 * - date: `2026-11-01` (midnight UTC), or with a time, local unless it ends in `Z` or an offset; days of the real calendar
 */
export function convertText(kind: Kind, text: string): Conversion {
  if (kind === 'string') return { value: text }
  const value = converters[kind](text.trim())
  return value === undefined ? { expected: EXPECTED[kind] } : { value }
}

/** Converts text to the first kind of the parameter that it fits. */
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

/** Describes a value of each kind in a message. */
export const EXPECTED: Readonly<Record<Kind, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  bigint: 'a whole number',
  date: A_DATE,
}

// --- internal ---

/** True for a text that has the form of a date and is none, such as 2026-02-30: `v.isoDate()` accepts it. */
function isNoDay({ kind, label }: Pick<Shape, 'kind' | 'label'>, text: string): boolean {
  const day = /^\d{4}-\d\d-\d\d/.exec(text)?.[0]
  return kind === 'string' && /^(date|timestamp)\b/.test(label) && day !== undefined && readDate(day) === undefined
}

const converters: Readonly<Record<Exclude<Kind, 'string'>, (text: string) => unknown>> = {
  number: readNumber,
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  bigint: (text) => (/^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined),
  date: readDate,
}
