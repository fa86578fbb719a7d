/** Checks JSON values against the type of a variable, without the server's schema. */
import type { TypeNode } from 'graphql'
import { A_DATE, readDate } from '../../core/text_values.ts'
import { Kind } from '../document/language.ts'

/** `problem` is what a message says after the variable's name. It never has the value. */
export type Checked = { readonly value: unknown } | { readonly problem: string }

export interface Scalar {
  readonly expected: string
  accepts(value: unknown): boolean
}

export function checkJson(type: TypeNode, value: unknown): Checked {
  if (type.kind === Kind.NON_NULL_TYPE) {
    return value === null ? { problem: MUST_NOT_BE_NULL } : checkJson(type.type, value)
  }
  if (value === null) return { value }
  if (type.kind === Kind.LIST_TYPE) {
    // A single value is accepted as a list of one (GraphQL spec section 3.11).
    return Array.isArray(value) ? collect(value.map((item) => checkJson(type.type, item))) : checkJson(type.type, value)
  }
  const name = type.name.value
  if (name === UPLOAD) return needs(A_FILE, value)
  const known = scalarOf(name)
  if (known) return known.accepts(value) ? { value } : needs(known.expected, value)
  return isInput(name) && !isObject(value) ? needs(AN_OBJECT, value) : { value }
}

/** Returns the values as a list, or the first problem with its position. */
export function collect(items: readonly Checked[]): Checked {
  const values: unknown[] = []
  for (const [index, item] of items.entries()) {
    if ('problem' in item) return { problem: `item ${index + 1} ${item.problem}` }
    values.push(item.value)
  }
  return { value: values }
}

export function needs(expected: string, found: unknown): { readonly problem: string } {
  return { problem: `needs ${expected}, and was given ${kindOf(found)}` }
}

/** True if the type is an input object by its name, as in WorkflowGen's schema. */
export function isInput(typeName: string): boolean {
  return typeName.endsWith('Input')
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns undefined for scalars that only the server's schema describes. */
export function scalarOf(typeName: string): Scalar | undefined {
  return SCALARS.get(typeName)
}

/** The scalar of the GraphQL multipart request specification, whose value is a file. */
export const UPLOAD = 'Upload'

export const MUST_NOT_BE_NULL = 'must not be null'
export const AN_OBJECT = 'a JSON object'
export const A_FILE = 'a file, as in -v name=@FILE'

// --- internal ---

const isText = (value: unknown): value is string => typeof value === 'string'

/** The scalars of the GraphQL spec (section 3.5), and WorkflowGen's `DateTime`. */
const SCALARS: ReadonlyMap<string, Scalar> = new Map([
  // `| 0` gives an integer of 32 bits.
  [
    'Int',
    {
      expected: 'a whole number from -2147483648 to 2147483647',
      accepts: (value: unknown) => value === (Number(value) | 0),
    },
  ],
  ['Float', { expected: 'a number', accepts: Number.isFinite }],
  ['Boolean', { expected: 'true or false', accepts: (value: unknown) => typeof value === 'boolean' }],
  ['String', { expected: 'a text', accepts: isText }],
  ['ID', { expected: 'an ID', accepts: (value: unknown) => isText(value) || Number.isInteger(value) }],
  ['DateTime', { expected: A_DATE, accepts: (value: unknown) => isText(value) && readDate(value) !== undefined }],
])

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isInteger(value) ? 'a whole number' : 'a number with a fraction'
  return String(value).trim() === '' ? 'an empty text' : 'a text'
}
