/** Walking a selection set with its fragments in place. */
import type { FieldNode, FragmentDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql'
import { Kind } from './language.ts'
import type { Operation } from './operation.ts'

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

export function fragmentsOf(operation: Operation): Fragments {
  const fragments = operation.document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}

/**
 * The fields that a selection set asks for, those of its fragments included.
 *
 * @param isWanted leaves out a field, or a fragment with all that is in it
 * @param within the fragments that it stands in
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
    // One that spreads itself is the server's to refuse.
    if (name !== undefined && within.includes(name)) return []
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
    if (!fragment || !isWanted(selection, fragment.typeCondition?.name.value)) return []
    return fieldsOf(fragment.selectionSet, fragments, isWanted, name === undefined ? within : [...within, name])
  })
}

/** The name under which a field is found in the answer. */
export function responseName(field: FieldNode): string {
  return field.alias?.value ?? field.name.value
}
