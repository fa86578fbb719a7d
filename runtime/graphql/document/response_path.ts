/** Paths to a part of a response, such as `actions.items.name`. */
import type { FieldNode } from 'graphql'
import { UsageError } from '../../core/errors.ts'
import { didYouMean } from '../../core/nearest.ts'
import type { Operation } from './operation.ts'
import { fieldsOf, fragmentsOf, responseName } from './selection.ts'

/**
 * Checks a path before anything is sent.
 *
 * @param path response names, joined by dots
 * @throws {UsageError} `WFG_USAGE` if the operation selects nothing there
 */
export function readResponsePath(operation: Operation, path: string): readonly string[] {
  const names = path.split('.')
  const fragments = fragmentsOf(operation)
  let fields: readonly FieldNode[] = fieldsOf(operation.definition.selectionSet, fragments)
  for (const [index, name] of names.entries()) {
    const same = fields.filter((field) => responseName(field) === name)
    if (same.length === 0) throw nothingThere(path, names.slice(0, index), name, fields)
    fields = same.flatMap(({ selectionSet }) => (selectionSet ? fieldsOf(selectionSet, fragments) : []))
  }
  return names
}

/** Returns the value at the path, and for a list the values of all entries. Null if a parent is null. */
export function valueAt(data: unknown, names: readonly string[]): unknown {
  const [name, ...rest] = names
  if (name === undefined || data === null || data === undefined) return data ?? null
  if (Array.isArray(data)) return data.flatMap((item) => valueAt(item, names))
  return valueAt((data as Record<string, unknown>)[name], rest)
}

// --- internal ---

function nothingThere(path: string, parent: readonly string[], name: string, fields: readonly FieldNode[]): UsageError {
  const known = [...new Set(fields.map(responseName))]
  const where = parent.length === 0 ? 'the operation' : JSON.stringify(parent.join('.'))
  const hint =
    didYouMean(name, known) || (known.length > 0 ? `; it selects ${known.join(', ')}.` : '; it has no fields.')
  return new UsageError(
    `Cannot use the path ${JSON.stringify(path)}: ${where} selects no ${JSON.stringify(name)}${hint} Nothing was sent.`,
  )
}
