/** `@skip` and `@include`, followed as a server does. */
import type { SelectionNode, ValueNode } from 'graphql'
import type { Variables } from '../client/options.ts'
import { Kind } from './language.ts'
import type { Operation } from './operation.ts'

/** Whether the directives of a field or fragment leave it in, by the variables and their defaults. */
export function inclusionOf({ definition }: Operation, variables: Variables): (selection: SelectionNode) => boolean {
  const defaults = (definition.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
    variable.name.value,
    isTrue(defaultValue, {}),
  ])
  const given: Variables = { ...Object.fromEntries(defaults), ...variables }
  return ({ directives = [] }) =>
    directives.every(({ name, arguments: args }) => {
      const condition = args?.find((argument) => argument.name.value === 'if')?.value
      if (name.value === 'skip') return !isTrue(condition, given)
      return name.value !== 'include' || isTrue(condition, given)
    })
}

// --- internal ---

function isTrue(value: ValueNode | undefined, variables: Variables): boolean {
  if (value?.kind === Kind.VARIABLE) return variables[value.name.value] === true
  return value?.kind === Kind.BOOLEAN && value.value
}
