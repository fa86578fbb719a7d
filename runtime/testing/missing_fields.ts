/** What an answer lacks of what the document selects. */
import type { FieldNode, SelectionSetNode } from 'graphql'
import { inclusionOf } from '../graphql/document/inclusion.ts'
import { fieldsOf, fragmentsOf, responseName } from '../graphql/document/selection.ts'
import type { FakeRequest } from './fake_request.ts'

/**
 * Response paths of the fields that are selected and not there. `@skip` and `@include` are followed; an object that says
 * its `__typename` needs nothing of the fragments on other types.
 */
export function missingFields(data: unknown, { operation, variables }: FakeRequest): string[] {
  const fragments = fragmentsOf(operation)
  const isIncluded = inclusionOf(operation, variables)
  const selected = (set: SelectionSetNode, type: unknown): FieldNode[] =>
    fieldsOf(set, fragments, (selection, typeCondition) => {
      const isOfType = typeof type !== 'string' || typeCondition === undefined || typeCondition === type
      return isOfType && isIncluded(selection)
    })
  const missing = (value: unknown, set: SelectionSetNode, path: readonly string[]): string[] => {
    if (value === null) return []
    if (Array.isArray(value)) return value.flatMap((item, index) => missing(item, set, [...path, String(index)]))
    if (typeof value !== 'object') return [path.join('.')]
    const members = value as Record<string, unknown>
    return selected(set, members['__typename']).flatMap((field) => {
      const name = responseName(field)
      const here = [...path, name]
      if (name === '__typename') return []
      if (!Object.hasOwn(members, name)) return [here.join('.')]
      return field.selectionSet ? missing(members[name], field.selectionSet, here) : []
    })
  }
  return missing(data, operation.definition.selectionSet, [])
}
