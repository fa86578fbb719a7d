/** Finds the selected fields that an answer of the fake lacks. */
import type { FieldNode, SelectionSetNode } from 'graphql'
import { Kind } from '../graphql/document/language.ts'
import { fieldsOf, fragmentsOf, isIncluded, responseName } from '../graphql/document/selection.ts'
import type { FakeRequest } from './fake_request.ts'

/**
 * Returns the response paths of the missing fields. An object with a `__typename` does not need the fields of fragments on
 * other types.
 */
export function missingFields(data: unknown, { operation, variables }: FakeRequest): string[] {
  const fragments = fragmentsOf(operation)
  const defaults = (operation.definition.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
    variable.name.value,
    defaultValue?.kind === Kind.BOOLEAN && defaultValue.value,
  ])
  const values = { ...Object.fromEntries(defaults), ...variables }
  const selected = (set: SelectionSetNode, type: unknown): FieldNode[] =>
    fieldsOf(set, fragments, (selection, typeCondition) => {
      const isOfType = typeof type !== 'string' || typeCondition === undefined || typeCondition === type
      return isOfType && isIncluded(selection, values)
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
