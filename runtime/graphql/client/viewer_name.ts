import type { Operation } from '../document/operation.ts'
import { fieldsOf, fragmentsOf, responseName } from '../document/selection.ts'

/** Returns the user name from the data if the query selects `viewer { userName }`, under any aliases. */
export function viewerName(operation: Operation, data: unknown): string | undefined {
  const fragments = fragmentsOf(operation)
  for (const field of fieldsOf(operation.definition.selectionSet, fragments)) {
    const viewer = member(data, responseName(field))
    if (field.name.value !== 'viewer' || !field.selectionSet) continue
    for (const asked of fieldsOf(field.selectionSet, fragments)) {
      const name = member(viewer, responseName(asked))
      if (asked.name.value === 'userName' && typeof name === 'string') return name
    }
  }
  return undefined
}

// --- internal ---

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
