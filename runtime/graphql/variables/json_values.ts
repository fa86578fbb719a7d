/** Values of JSON held against the type of a variable, as far as the document alone tells it. */
import type { TypeNode } from 'graphql'
import { Kind } from '../document/language.ts'
import { scalarOf, UPLOAD } from './scalars.ts'

/** `problem` follows the variable's name: what it needs and what was found; never the value. */
export type Typed = { readonly value: unknown } | { readonly problem: string }

export function checkJson(type: TypeNode, value: unknown): Typed {
  if (type.kind === Kind.NON_NULL_TYPE) {
    return value === null ? { problem: MUST_NOT_BE_NULL } : checkJson(type.type, value)
  }
  if (value === null) return { value }
  if (type.kind === Kind.LIST_TYPE) {
    // One value where a list is wanted is a list of it (GraphQL spec section 3.11).
    return Array.isArray(value) ? collect(value.map((item) => checkJson(type.type, item))) : checkJson(type.type, value)
  }
  const name = type.name.value
  if (name === UPLOAD) return needs(A_FILE, value)
  const known = scalarOf(name)
  if (known) return known.accepts(value) ? { value } : needs(known.expected, value)
  return isInput(name) && !isObject(value) ? needs(AN_OBJECT, value) : { value }
}

/** The values as a list, or the first problem with its place. */
export function collect(items: readonly Typed[]): Typed {
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

/** By convention, of which WorkflowGen's schema is no exception. */
export function isInput(typeName: string): boolean {
  return typeName.endsWith('Input')
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const MUST_NOT_BE_NULL = 'must not be null'
export const AN_OBJECT = 'a JSON object'
export const A_FILE = 'a file, as in -v name=@FILE'

// --- internal ---

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isInteger(value) ? 'a whole number' : 'a number with a fraction'
  return String(value).trim() === '' ? 'an empty text' : 'a text'
}
