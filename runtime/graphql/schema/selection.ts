/** What a selection asks for, by the types of a schema. */
import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { type Fragments, fieldsOf, responseName } from '../document/selection.ts'

export interface Selecting {
  readonly schema: GraphQLSchema
  readonly fragments: Fragments
  isIncluded(selection: SelectionNode): boolean
}

/** Those of fragments on the type included, and of fragments on what it is one of. */
export function selectedOf(type: GraphQLObjectType, set: SelectionSetNode, selecting: Selecting): FieldNode[] {
  return fieldsOf(set, selecting.fragments, (selection, condition) => {
    const isOfType = condition === undefined || isA(type, condition, selecting.schema)
    return isOfType && selecting.isIncluded(selection)
  })
}

/** Of an interface or union, the type that the object says, else the first that it fits and that a fragment asks for. */
export function objectTypeOf(
  type: GraphQLCompositeType,
  set: SelectionSetNode,
  given: Readonly<Record<string, unknown>> | undefined,
  selecting: Selecting,
): { readonly type: GraphQLObjectType | undefined; readonly problem?: string } {
  if (isObjectType(type)) return { type }
  const types = selecting.schema.getPossibleTypes(type)
  const typename = fieldsOf(set, selecting.fragments).find(({ name }) => name.value === '__typename')
  const said = given?.[typename ? responseName(typename) : '__typename'] ?? given?.['__typename']
  if (said !== undefined) {
    const found = types.find(({ name }) => name === said)
    return found
      ? { type: found }
      : { type: undefined, problem: `(${type.name}) needs a type that is one: ${namesOf(types)}` }
  }
  const names = Object.keys(given ?? {})
  const fitting = types.filter((each) => {
    const selected = selectedOf(each, set, selecting).map(responseName)
    return names.every((name) => selected.includes(name))
  })
  const isAskedFor = (each: GraphQLObjectType) => asksFor(each, type, set, selecting)
  return { type: fitting.find(isAskedFor) ?? fitting[0] ?? types.find(isAskedFor) ?? types[0] }
}

// --- internal ---

function isA(type: GraphQLObjectType, name: string, schema: GraphQLSchema): boolean {
  const found = schema.getType(name)
  return found === type || (isAbstractType(found) && schema.isSubType(found, type))
}

/** Whether a fragment is on the object's type, or on one that not every object here is of. */
function asksFor(
  type: GraphQLObjectType,
  common: GraphQLCompositeType,
  set: SelectionSetNode,
  selecting: Selecting,
): boolean {
  let found = false
  fieldsOf(set, selecting.fragments, (selection, condition) => {
    if (condition === undefined || condition === common.name) return selecting.isIncluded(selection)
    const fits = isA(type, condition, selecting.schema) && selecting.isIncluded(selection)
    found ||= fits
    return fits
  })
  return found
}

function namesOf(types: readonly GraphQLObjectType[]): string {
  return types.map(({ name }) => name).join(', ')
}
