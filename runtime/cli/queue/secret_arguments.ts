/** Which arguments of a script are secrets: those that its author marked with `v.metadata({ secret: true })`. */
import type { ArgumentsSchema } from '../../tasks/schema.ts'
import { isSchema } from '../../tasks/schema_shape.ts'

/** Keys of the schema whose values nobody may keep. */
export function secretKeys(schema: ArgumentsSchema | undefined): string[] {
  const { entries = {} } = (schema ?? {}) as { entries?: Readonly<Record<string, unknown>> }
  return Object.keys(entries).filter((key) => isSecret(entries[key]))
}

// --- internal ---

/** Deep enough for `v.optional(v.array(v.pipe(…)))`, and an end for what contains itself. */
const MAX_DEPTH = 16

function isSecret(schema: unknown, depth = 0): boolean {
  if (!isSchema(schema) || depth > MAX_DEPTH) return false
  const { pipe = [], wrapped, item } = schema
  const isMarked = pipe.some((each) => (each as { metadata?: { secret?: unknown } }).metadata?.secret === true)
  // The schema itself comes first in its own pipe.
  const inner = [
    ...pipe.filter((each) => (each as unknown) !== schema && (each as { pipe?: unknown }).pipe !== pipe),
    wrapped,
    item,
  ]
  return isMarked || inner.some((each) => isSecret(each, depth + 1))
}
