/**
 * Masks the values of variables in error messages, because servers repeat them and they may be secret. The mask has the
 * path of the variable if the value has only one, so that a person sees which variable is wrong.
 */
import type { GraphQLErrorEntry } from '../../core/errors.ts'
import { noteMask } from '../../core/typed_values.ts'

export function withoutValues(errors: readonly GraphQLErrorEntry[], variables: unknown): GraphQLErrorEntry[] {
  const mask = masking(variables)
  return errors.map(({ message, extensions, ...error }) => ({
    ...error,
    message: mask(message),
    ...(extensions ? { extensions: maskTexts(extensions, mask) as Record<string, unknown> } : {}),
  }))
}

/**
 * Returns a function that masks the known values in a text, and what a server quotes as invalid.
 *
 * @param variables by name. The masks for a list have no path
 */
export function masking(variables: unknown): (text: string) => string {
  const masks = new Map<string, string>()
  for (const [value, mask] of leaves(variables, Array.isArray(variables) ? undefined : '')) {
    masks.set(value, masks.has(value) && masks.get(value) !== mask ? MASK : mask)
  }
  const longestFirst = [...masks].sort(([a], [b]) => b.length - a.length)
  return (text) =>
    longestFirst
      .reduce<readonly Piece[]>(
        (pieces, [value, mask]) => pieces.flatMap((piece) => maskWord(piece, value, mask)),
        [{ text, isMask: false }],
      )
      .map((piece) => piece.text)
      .join('')
      .replace(/(got invalid value ).*?(; | at "|$)/s, `$1${MASK}$2`)
}

/** Masks every string in a JSON value. */
export function maskTexts(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map((item) => maskTexts(item, mask))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskTexts(item, mask)]))
}

// --- internal ---

const MASK = '[value]'

/** A part of a text. Masks are not searched for further values. */
interface Piece {
  readonly text: string
  readonly isMask: boolean
}

/** Returns the values with their masks. Strings also as JSON writes them, because servers quote JSON. */
function leaves(value: unknown, path: string | undefined): (readonly [value: string, mask: string])[] {
  const mask = path ? `[value of ${path}]` : MASK
  if (typeof value === 'string') {
    return value.length > 0 ? [value, JSON.stringify(value).slice(1, -1)].map((form) => [form, mask]) : []
  }
  if (typeof value === 'number' || typeof value === 'bigint') return [[String(value), mask]]
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? [] : [[value.toISOString(), mask]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => {
    if (path === undefined) return leaves(member, undefined)
    if (Array.isArray(value)) return leaves(member, `${path}[${key}]`)
    return leaves(member, path === '' ? key : `${path}.${key}`)
  })
}

/** Masks the value where it is a whole word: the value 1 must not be masked in 401. */
function maskWord(piece: Piece, value: string, mask: string): Piece[] {
  if (piece.isMask) return [piece]
  const { text } = piece
  const pieces: Piece[] = []
  let from = 0
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
    if (/\w/.test(text[at - 1] ?? '') || /\w/.test(text[at + value.length] ?? '')) continue
    pieces.push({ text: text.slice(from, at), isMask: false }, { text: mask, isMask: true })
    if (mask !== MASK) noteMask(mask, value)
    from = at + value.length
  }
  return [...pieces, { text: text.slice(from), isMask: false }]
}
