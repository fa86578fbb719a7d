/** JSON of a script's values: dates as ISO text, big integers as text, errors as their message. */
import { WfgError } from '../../core/errors.ts'

/** @throws {WfgError} if the value contains itself */
export function toJson(value: unknown, indent?: number): string {
  let shown = value
  try {
    shown = withMessages(value)
    return JSON.stringify(shown, undefined, indent) ?? 'null'
  } catch {
    // Most values have no big integer, so the slower way comes second.
  }
  try {
    return (
      JSON.stringify(shown, (_, member) => (typeof member === 'bigint' ? String(member) : member), indent) ?? 'null'
    )
  } catch (cause) {
    const reason =
      cause instanceof TypeError && /circular|cyclic/i.test(cause.message) ? 'it contains itself' : String(cause)
    throw new WfgError(`Cannot write a value of the result as JSON: ${reason}`, { cause })
  }
}

// --- internal ---

/** Replaces an Error in a member of a row by its message, which JSON leaves out. Deeper members would cost every row time. */
function withMessages(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'toJSON' in value) return value
  if (value instanceof Error) return value.message
  const members = value as Record<string, unknown>
  for (const name in members) {
    if (!isBareError(members[name])) continue
    const plain = Object.entries(members).map(([key, each]) => [key, isBareError(each) ? each.message : each])
    return Object.fromEntries(plain)
  }
  return value
}

function isBareError(value: unknown): value is Error {
  return typeof value === 'object' && value instanceof Error && !('toJSON' in value)
}
