/** Checks variables against the types of a schema. */
import {
  coerceInputValue,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInputType,
  isLeafType,
  isListType,
  isNonNullType,
  typeFromAST,
} from 'graphql'
import type { Variables } from '../client/options.ts'
import { isUpload } from '../document/file.ts'
import type { Operation } from '../document/operation.ts'
import { leafProblem } from './leaf_values.ts'

/** Returns the problems by name and path, without values. Like a server, it ignores variables that are not declared. */
export function variableProblems(schema: GraphQLSchema, operation: Operation, variables: Variables): string[] {
  return (operation.definition.variableDefinitions ?? []).flatMap(({ variable, type: written, defaultValue }) => {
    const name = variable.name.value
    const type = typeFromAST(schema, written as never)
    if (!isInputType(type)) return []
    const given = Object.hasOwn(variables, name) ? asSent(variables[name]) : undefined
    if (given !== undefined) return problemsOf(given, type, `$${name}`)
    return isNonNullType(type) && defaultValue === undefined
      ? [`$${name} (${type}) is required, and was not given`]
      : []
  })
}

/** Returns the value as JSON sends it, with its files: a `Date` is a text, and undefined members are left out. */
export function asSent(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isUpload(value)) return value
  if ('toJSON' in value) return JSON.parse(JSON.stringify(value) ?? 'null')
  if (Array.isArray(value)) return value.map((item) => asSent(item) ?? null)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, asSent(member)]))
}

// --- internal ---

function problemsOf(given: unknown, type: GraphQLInputType, variable: string): string[] {
  const problems: string[] = []
  coerceInputValue(given, type, (path, value, { message }) => {
    const place = path.reduce<string>(
      (text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${key}`),
      variable,
    )
    const leaf = getNamedType(typeAt(type, path))
    // graphql's messages repeat the value only for a leaf.
    const found = isLeafType(leaf) && value !== null ? `(${leaf}) ${leafProblem(leaf, value)}` : undefined
    problems.push(found === undefined ? `${place}: ${message}` : `${place} ${found}`)
  })
  return problems
}

function typeAt(type: GraphQLInputType, path: readonly (string | number)[]): GraphQLInputType {
  return path.reduce<GraphQLInputType>((outer, key) => {
    const inner = getNullableType(outer)
    if (isListType(inner)) return typeof key === 'number' ? inner.ofType : typeAt(inner.ofType, [key])
    return isInputObjectType(inner) ? inner.getFields()[key]!.type : inner
  }, type)
}
