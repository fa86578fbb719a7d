/** A schema as a tree of entries: types, their fields and values, and the arguments of fields. */
import {
  type ASTNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  GraphQLDeprecatedDirective,
  type GraphQLSchema,
  getDirectiveValues,
  type InputValueDefinitionNode,
  isTypeDefinitionNode,
  Kind,
  parse,
  print,
  printSchema,
  type TypeDefinitionNode,
} from 'graphql'

export interface Entry {
  /** Schema coordinate: `Request`, `Request.actions`, `Request.actions(page:)`. */
  readonly coordinate: string
  readonly name: string
  readonly kind: EntryKind
  /** As in a schema definition, on one line: `type Request implements Node`, `actions(page: PageInput): ActionConnection`. */
  readonly definition: string
  /** The type of a field or an argument, such as `[String!]`. Null for a type and an enum value. */
  readonly type: string | null
  readonly description: string | null
  /** The reason why it is deprecated. */
  readonly deprecated: string | null
  readonly members: readonly Entry[]
}

/** Returns the types in the order of the schema. */
export function entriesOf(schema: GraphQLSchema): Entry[] {
  return parse(printSchema(schema)).definitions.filter(isTypeDefinitionNode).map(typeEntry)
}

/** Returns these entries and all below them. */
export function flattened(entries: readonly Entry[]): Entry[] {
  return entries.flatMap((entry) => [entry, ...flattened(entry.members)])
}

// --- internal ---

type Member = FieldDefinitionNode | InputValueDefinitionNode | EnumValueDefinitionNode
type EntryKind = (typeof KINDS)[keyof typeof KINDS] | 'argument'

const KINDS = {
  [Kind.SCALAR_TYPE_DEFINITION]: 'scalar',
  [Kind.OBJECT_TYPE_DEFINITION]: 'type',
  [Kind.INTERFACE_TYPE_DEFINITION]: 'interface',
  [Kind.UNION_TYPE_DEFINITION]: 'union',
  [Kind.ENUM_TYPE_DEFINITION]: 'enum',
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: 'input',
  [Kind.FIELD_DEFINITION]: 'field',
  [Kind.INPUT_VALUE_DEFINITION]: 'field',
  [Kind.ENUM_VALUE_DEFINITION]: 'value',
} as const

function typeEntry(node: TypeDefinitionNode): Entry {
  const name = node.name.value
  const members: readonly Member[] = ('fields' in node ? node.fields : 'values' in node ? node.values : undefined) ?? []
  return {
    ...common(node, name),
    kind: KINDS[node.kind],
    definition: definitionOf(node),
    type: null,
    members: members.map((member) => memberEntry(member, `${name}.${member.name.value}`)),
  }
}

function memberEntry(node: Member, coordinate: string): Entry {
  const given = 'arguments' in node ? (node.arguments ?? []) : []
  const members = given.map((argument): Entry => {
    const entry = memberEntry(argument, `${coordinate}(${argument.name.value}:)`)
    return { ...entry, kind: 'argument' }
  })
  const type = 'type' in node ? print(node.type) : null
  const list = members.map(({ definition }) => definition).join(', ')
  return {
    ...common(node, coordinate),
    kind: KINDS[node.kind],
    definition: members.length > 0 ? `${node.name.value}(${list}): ${type}` : definitionOf(node),
    type,
    members,
  }
}

function common(node: TypeDefinitionNode | Member, coordinate: string) {
  const { reason } = getDirectiveValues(GraphQLDeprecatedDirective, node) ?? {}
  const description = node.description?.value.trim() || null
  return { coordinate, name: node.name.value, description, deprecated: (reason as string | undefined) ?? null }
}

/** Without what the entry and its members have: the description, the deprecation, fields and values. */
function definitionOf(node: TypeDefinitionNode | Member): string {
  const directives = node.directives?.filter(({ name }) => name.value !== GraphQLDeprecatedDirective.name)
  const bare = { ...node, description: undefined, directives, fields: [], values: [] }
  return print(bare as unknown as ASTNode).replaceAll(/\s+/g, ' ')
}
