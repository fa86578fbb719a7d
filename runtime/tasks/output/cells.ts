/** The cells of a row, for tables and CSV. */
import { toJson } from './json.ts'

/** The column of a row that is not an object. */
export const VALUE_COLUMN = 'value'

/** The members of a row. A row that is not an object has the single column `value`. */
export function fieldsOf(row: unknown): Record<string, unknown> {
  const value = plainOf(row)
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Record<string, unknown>) : { [VALUE_COLUMN]: value }
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
