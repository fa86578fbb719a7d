/** Walking a selection set with its fragments in place. */
import { type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql'
import type { Operation } from './document.ts'

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

export function fragmentsOf(operation: Operation): Fragments {
  const fragments = operation.document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}

/** The fields that a selection set asks for, those of its fragments included. */
export function fieldsOf({ selections }: SelectionSetNode, fragments: Fragments): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection]
    const set =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? fragments.get(selection.name.value)?.selectionSet
        : selection.selectionSet
    return set ? fieldsOf(set, fragments) : []
  })
}

/** The name under which a field is found in the answer. */
export function responseName(field: FieldNode): string {
  return field.alias?.value ?? field.name.value
}
