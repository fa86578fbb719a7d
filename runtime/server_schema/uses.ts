/** Finds which parts of a schema the scripts' documents use, by schema coordinate: `User`, `User.name`, `Query.users.page`. */
import {
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInputType,
  type NamedTypeNode,
  TypeInfo,
  type TypeNode,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { FoundDocuments } from './find_documents.ts'

export interface Place {
  /** Absolute path. */
  readonly path: string
  /** From 1. */
  readonly line: number
}

/** Places in order, one for each line. */
export type Uses = ReadonlyMap<string, readonly Place[]>

export function usesOf({ documents }: FoundDocuments, schema: GraphQLSchema): Uses {
  const uses = new Map<string, Place[]>()
  for (const { path, own, placeOf } of documents) {
    if (!own) continue
    visitUses(own, schema, (coordinate, start) => {
      const { line } = placeOf(start)
      const places = uses.get(coordinate) ?? []
      if (!places.some((place) => place.path === path && place.line === line)) places.push({ path, line })
      uses.set(coordinate, places)
    })
  }
  // Documents are found in the order of reading, which is not that of their places.
  for (const places of uses.values())
    places.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line))
  return uses
}

// --- internal ---

type Note = (coordinate: string, start: number) => void

function visitUses(document: DocumentNode, schema: GraphQLSchema, note: Note): void {
  const info = new TypeInfo(schema)
  const startOf = (node: { readonly loc?: { readonly start: number } | undefined }) => node.loc?.start ?? 0
  const condition = (node: { readonly typeCondition?: NamedTypeNode | undefined }) => {
    if (node.typeCondition) note(node.typeCondition.name.value, startOf(node.typeCondition))
  }
  visit(
    document,
    visitWithTypeInfo(info, {
      InlineFragment: condition,
      FragmentDefinition: condition,
      VariableDefinition(node) {
        noteInput(schema, namedNode(node.type), (coordinate) => note(coordinate, startOf(node)))
      },
      Field(node) {
        const field = info.getFieldDef()
        if (!field) return
        note(`${info.getParentType()?.name}.${field.name}`, startOf(node))
        note(getNamedType(field.type).name, startOf(node))
      },
      Argument(node) {
        const [parent, field, argument] = [info.getParentType(), info.getFieldDef(), info.getArgument()]
        if (parent && field && argument) note(`${parent.name}.${field.name}.${argument.name}`, startOf(node))
      },
      ObjectValue(node) {
        const type = getNamedType(info.getInputType())
        if (type) note(type.name, startOf(node))
      },
      ObjectField(node) {
        const type = getNamedType(info.getParentInputType())
        if (type) note(`${type.name}.${node.name.value}`, startOf(node))
      },
      EnumValue(node) {
        const type = getNamedType(info.getInputType())
        if (type) note(`${type.name}.${node.value}`, startOf(node))
      },
    }),
  )
}

/** The value of a variable is not in the document, so it may use every field of its type. */
function noteInput(
  schema: GraphQLSchema,
  name: string,
  note: (coordinate: string) => void,
  seen = new Set<string>(),
): void {
  const type = schema.getType(name)
  if (!isInputType(type) || seen.has(name)) return
  seen.add(name)
  note(name)
  if (!isInputObjectType(type)) return
  for (const field of Object.values(type.getFields())) {
    note(`${name}.${field.name}`)
    noteInput(schema, getNamedType(field.type).name, note, seen)
  }
}

function namedNode(type: TypeNode): string {
  return 'type' in type ? namedNode(type.type) : type.name.value
}
