/** JSON of a script's values: dates as ISO text, big integers as text. */
import { WfgError } from '../../errors.ts'

/** @throws {WfgError} where the value contains itself */
export function toJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent) ?? 'null'
  } catch {
    // Only now the slower way: most values have no big integer.
  }
  try {
    return (
      JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? String(member) : member), indent) ?? 'null'
    )
  } catch (cause) {
    const reason =
      cause instanceof TypeError && /circular|cyclic/i.test(cause.message) ? 'it contains itself' : String(cause)
    throw new WfgError(`Cannot write a value of the result as JSON: ${reason}`, { cause })
  }
}
