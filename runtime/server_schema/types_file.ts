/**
 * Writes a schema as types for `gql` called as a function, in gql.tada's format with the arguments of each field added.
 * A run loads none of this.
 */
import {
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql'

/** The file that names the profile whose schema types the scripts. No profile has this name. */
export const CHOICE_FILE = '_gql.d.ts'

/** The text of `<profile>.d.ts`. */
export function typesText(profile: string, schema: GraphQLSchema): string {
  const types = Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith('__'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((type) => `    ${quoted(type.name)}: ${typeOf(type, schema)}`)
  const root = (type: GraphQLNamedType | null | undefined) => (type ? quoted(type.name) : 'never')
  return `// The schema of the profile ${JSON.stringify(profile)} as types; written by \`schema pull\`.
export interface introspection {
  name: never
  query: ${root(schema.getQueryType())}
  mutation: ${root(schema.getMutationType())}
  subscription: ${root(schema.getSubscriptionType())}
  types: {
${types.join('\n')}
  }
}
`
}

/** The text of `_gql.d.ts`. A person may name another profile there. */
export function choiceText(profile: string): string {
  return `// gql(\`…\`) is typed by the schema of this profile; name another one that was pulled to change that.
import type { introspection } from './${profile}.d.ts'

declare global {
  interface WfgSchema extends introspection {}
}
`
}

export function chosenProfile(text: string): string | undefined {
  return /from '\.\/(.+)\.d\.ts'/.exec(text)?.[1]
}

// --- internal ---

function quoted(name: string): string {
  return `'${name}'`
}

function typeOf(type: GraphQLNamedType, schema: GraphQLSchema): string {
  const name = quoted(type.name)
  if (isScalarType(type)) {
    const isKnown = isSpecifiedScalarType(type) || KNOWN_SCALARS.includes(type.name)
    return isKnown ? 'unknown' : `{ name: ${name}; type: any }`
  }
  if (isEnumType(type)) return `{ name: ${name}; enumValues: ${union(type.getValues())} }`
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).map(inputField)
    return `{ kind: 'INPUT_OBJECT'; name: ${name}; isOneOf: ${type.isOneOf ?? false}; inputFields: [${fields.join(', ')}] }`
  }
  if (isUnionType(type)) return `{ kind: 'UNION'; name: ${name}; fields: {}; possibleTypes: ${union(type.getTypes())} }`
  const fields = Object.values(type.getFields()).map((field) => {
    const args = field.args.map((argument) => `${quoted(argument.name)}: ${quoted(argumentType(argument))}`)
    const more = args.length > 0 ? `; args: { ${args.join('; ')} }` : ''
    return `${quoted(field.name)}: { name: ${quoted(field.name)}; type: ${reference(field.type)}${more} }`
  })
  const kind = isObjectType(type) ? "'OBJECT'" : "'INTERFACE'"
  const possible = isInterfaceType(type) ? `; possibleTypes: ${union(schema.getPossibleTypes(type))}` : ''
  return `{ kind: ${kind}; name: ${name}; fields: { ${fields.join('; ')} }${possible} }`
}

/** Scalars that the client itself converts. */
const KNOWN_SCALARS: readonly string[] = ['DateTime', 'Upload']

/** An argument with a default is optional, even if its type is non-null. */
function argumentType({ type, defaultValue }: { type: GraphQLInputType; defaultValue?: unknown }): string {
  return defaultValue === undefined ? String(type) : String(type).replace(/!$/, '')
}

function inputField({ name, type, defaultValue }: GraphQLInputField): string {
  const value = defaultValue === undefined ? 'null' : "'given'"
  return `{ name: ${quoted(name)}; type: ${reference(type)}; defaultValue: ${value} }`
}

function reference(type: GraphQLType): string {
  if (isNonNullType(type)) return `{ kind: 'NON_NULL'; name: never; ofType: ${reference(type.ofType)} }`
  if (isListType(type)) return `{ kind: 'LIST'; name: never; ofType: ${reference(type.ofType)} }`
  return `{ kind: 'NAMED'; name: ${quoted(type.name)}; ofType: null }`
}

function union(members: readonly { readonly name: string }[]): string {
  return members.map(({ name }) => quoted(name)).join(' | ') || 'never'
}
