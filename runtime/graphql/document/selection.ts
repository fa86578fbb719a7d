/** Walks through selection sets and their fragments. */
import type { FieldNode, FragmentDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql'
import type { Variables } from '../client/options.ts'
import { Kind } from './language.ts'
import type { Operation } from './operation.ts'

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

export function fragmentsOf(operation: Operation): Fragments {
  const fragments = operation.document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}

/**
 * Returns the fields of a selection set and of its fragments.
 *
 * @param isWanted false leaves out a field, or a fragment with all its fields
 * @param within names of the fragments around the selection set
 */
export function fieldsOf(
  { selections }: SelectionSetNode,
  fragments: Fragments,
  isWanted: (selection: SelectionNode, typeCondition: string | undefined) => boolean = () => true,
  within: readonly string[] = [],
): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return isWanted(selection, undefined) ? [selection] : []
    const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : undefined
    // The server refuses a fragment that spreads itself.
    if (name !== undefined && within.includes(name)) return []
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
    if (!fragment || !isWanted(selection, fragment.typeCondition?.name.value)) return []
    return fieldsOf(fragment.selectionSet, fragments, isWanted, name === undefined ? within : [...within, name])
  })
}

/**
 * False if `@skip` or `@include` leaves the field or fragment out.
 *
 * @param variables with the defaults of the operation
 */
export function isIncluded({ directives = [] }: SelectionNode, variables: Variables): boolean {
  return directives.every(({ name, arguments: args }) => {
    if (name.value !== 'skip' && name.value !== 'include') return true
    const condition = args?.find((argument) => argument.name.value === 'if')?.value
    const isMet =
      condition?.kind === Kind.VARIABLE
        ? variables[condition.name.value] === true
        : condition?.kind === Kind.BOOLEAN && condition.value
    return isMet === (name.value === 'include')
  })
}

/** The name of the field in the response. */
export function responseName(field: FieldNode): string {
  return field.alias?.value ?? field.name.value
}
