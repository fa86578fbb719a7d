/** The cells of a row, for tables, CSV and Excel. */
import { toJson } from './json.ts'

/** The column of a row that is not an object. */
export const VALUE_COLUMN = 'value'

/**
 * The members of a row. Those of an object in it become columns such as `assignee.userName`. A row that is not an object
 * has the single column `value`.
 *
 * @param known columns that are decided already: an object in one of them stays one cell
 */
export function fieldsOf(row: unknown, known?: Known): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null)
  const value = plainOf(row)
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (isObject) addFields(fields, value, '', [], known)
  else fields[VALUE_COLUMN] = value
  return fields
}

/**
 * The columns of these rows, in order of appearance. Without those that are empty because an object is missing, if other
 * rows have it: its columns are enough.
 */
export function columnsOf(rows: readonly ReadonlyMap<string, { readonly text: string }>[]): string[] {
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))]
  const objects = new Set(names.flatMap(objectsOf))
  return names.filter((name) => !objects.has(name) || rows.some((row) => row.get(name)?.text))
}

/** Empty for null and undefined, ISO for a date, compact JSON for a nested value, else the text of the value. */
export function cellText(cell: unknown): string {
  const value = plainOf(cell)
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return toJson(value)
  return String(value)
}

/** The JSON value of an object with `toJSON` (a date, a URL), and the message of an error. */
export function plainOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return value.message
  const { toJSON } = value as { toJSON?: unknown }
  return typeof toJSON === 'function' ? toJSON.call(value, '') : value
}

// --- internal ---

type Known = Pick<ReadonlySet<string>, 'has'>

function addFields(
  fields: Record<string, unknown>,
  value: object,
  prefix: string,
  parents: readonly object[],
  known: Known | undefined,
): void {
  for (const [name, member] of Object.entries(value)) {
    const column = `${prefix}${name}`
    const plain = plainOf(member)
    // A value that contains itself is left to `toJson`, which says so.
    const isNested = hasMembers(plain) && !known?.has(column) && plain !== value && !parents.includes(plain)
    if (isNested) addFields(fields, plain, `${column}.`, [...parents, value], known)
    else fields[column] = plain
  }
}

function hasMembers(value: unknown): value is object {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
  return isObject && Object.keys(value).length > 0
}

/** `a` and `a.b` for `a.b.c`. */
function objectsOf(column: string): string[] {
  const parts = column.split('.').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'))
}
