/** Values of scalars and enums: checks them, and makes simple ones. */
import { type GraphQLLeafType, isEnumType, isSpecifiedScalarType } from 'graphql'
import { isUpload } from '../document/file.ts'
import { needs, scalarOf, UPLOAD } from '../variables/json_values.ts'

/** Returns the problem of a value that is not null, without the value. Custom scalars accept any value. */
export function leafProblem(type: GraphQLLeafType, value: unknown): string | undefined {
  if (isEnumType(type)) {
    const names = type.getValues().map(({ name }) => name)
    return names.includes(value as string) ? undefined : needs(oneOf(names), value).problem
  }
  if (type.name === UPLOAD) return isUpload(value) ? undefined : needs('a file', value).problem
  const known = scalarOf(type.name)
  return known === undefined || known.accepts(value) ? undefined : needs(known.expected, value).problem
}

/** Returns `0`, `''`, false, an enum's first value, or for a custom scalar a value that fits its name. */
export function plainestValue(type: GraphQLLeafType): unknown {
  if (isEnumType(type)) return type.getValues()[0]?.name
  if (isSpecifiedScalarType(type)) return PLAINEST[type.name]
  return SUGGESTED.find(([pattern]) => pattern.test(type.name))?.[1] ?? ''
}

// --- internal ---

const PLAINEST: Readonly<Record<string, unknown>> = { Int: 0, Float: 0, Boolean: false, String: '', ID: '' }

const SUGGESTED: readonly (readonly [name: RegExp, value: unknown])[] = [
  [/date_?time|timestamp|instant/i, '1970-01-01T00:00:00.000Z'],
  [/date/i, '1970-01-01'],
  [/time$/i, '00:00:00.000Z'],
  [/duration/i, 'PT0S'],
  [/uu?id|guid/i, '00000000-0000-0000-0000-000000000000'],
  [/ur[il]$/i, 'https://example.com/'],
  [/e_?mail/i, 'nobody@example.com'],
  [/json|object|map$/i, {}],
  [/bool/i, false],
  [/int(?:eger)?\d*$|long|short|byte$|float|double|decimal|number|currency|money/i, 0],
]

const MAX_NAMES = 10

function oneOf(names: readonly string[]): string {
  const more = names.length > MAX_NAMES ? `, … (${names.length})` : ''
  return `one of ${names.slice(0, MAX_NAMES).join(', ')}${more}`
}
