/** Variables held against the types of a schema. */
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
import type { Operation } from '../document/operation.ts'
import { asSent } from './as_sent.ts'
import { leafProblem } from './leaf_values.ts'

/** By name and path, never with a value. What the operation does not declare, a server does not look at. */
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

// --- internal ---

function problemsOf(given: unknown, type: GraphQLInputType, variable: string): string[] {
  const problems: string[] = []
  coerceInputValue(given, type, (path, value, { message }) => {
    const place = path.reduce<string>(
      (text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${key}`),
      variable,
    )
    const leaf = getNamedType(typeAt(type, path))
    // Only what graphql says of a leaf repeats the value.
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
