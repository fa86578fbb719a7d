/**
 * Servers repeat what they were sent; variables may be personal or secret, so their values are taken out again. In the
 * place of a value stands the path of its variable, where it has only one: which of many was wrong must be told.
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
 * What takes the values out of a text: first the known ones, then whatever a server quotes as invalid.
 *
 * @param variables by name; of a list, which has no names, no path is told
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

/** A JSON value with every text in it masked. */
export function maskTexts(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map((item) => maskTexts(item, mask))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskTexts(item, mask)]))
}

// --- internal ---

const MASK = '[value]'

/** In a mask, no further value is looked for. */
interface Piece {
  readonly text: string
  readonly isMask: boolean
}

/** Values with their masks, as they are and as JSON writes them, for servers quote what they were sent. */
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

/** Only where it stands as a word of its own: the value 1 must not take the 1 out of 401. */
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
