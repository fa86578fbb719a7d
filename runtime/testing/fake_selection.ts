/** What an answer lacks of what the document selects. */
import type { FieldNode, SelectionNode, SelectionSetNode, ValueNode } from 'graphql'
import { Kind } from '../graphql/language.ts'
import type { Variables } from '../graphql/options.ts'
import { fieldsOf, fragmentsOf, responseName } from '../graphql/selection.ts'
import type { FakeRequest } from './fake_request.ts'

/**
 * Response paths of the fields that are selected and not there. `@skip` and `@include` are followed; an object that says
 * its `__typename` needs nothing of the fragments on other types.
 */
export function missingFields(data: unknown, { operation, variables }: FakeRequest): string[] {
  const fragments = fragmentsOf(operation)
  const given: Variables = { ...defaultsOf(operation.definition.variableDefinitions), ...variables }
  const selected = (set: SelectionSetNode, type: unknown): FieldNode[] =>
    fieldsOf(set, fragments, (selection, typeCondition) => {
      const isOfType = typeof type !== 'string' || typeCondition === undefined || typeCondition === type
      return isOfType && isIncluded(selection, given)
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

// --- internal ---

function isIncluded({ directives = [] }: SelectionNode, variables: Variables): boolean {
  return directives.every(({ name, arguments: given }) => {
    const condition = given?.find((argument) => argument.name.value === 'if')?.value
    if (name.value === 'skip') return !isTrue(condition, variables)
    return name.value !== 'include' || isTrue(condition, variables)
  })
}

function isTrue(value: ValueNode | undefined, variables: Variables): boolean {
  if (value?.kind === Kind.VARIABLE) return variables[value.name.value] === true
  return value?.kind === Kind.BOOLEAN && value.value
}

function defaultsOf(definitions: FakeRequest['operation']['definition']['variableDefinitions'] = []): Variables {
  return Object.fromEntries(
    definitions.map(({ variable, defaultValue }) => [variable.name.value, isTrue(defaultValue, {})]),
  )
}
