/** Variables held against the types of a schema. */
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  typeFromAST,
} from 'graphql'
import { didYouMean } from '../../core/nearest.ts'
import type { Variables } from '../client/options.ts'
import type { Operation } from '../document/document.ts'
import { isUpload } from '../document/file.ts'
import { AN_OBJECT, isObject, MUST_NOT_BE_NULL, needs } from '../document/variables_json.ts'
import { leafProblem } from './leaf_values.ts'

/** By name, path and type, never with a value. What the operation does not declare, a server does not look at. */
export function variableProblems(schema: GraphQLSchema, operation: Operation, variables: Variables): string[] {
  return (operation.definition.variableDefinitions ?? []).flatMap(({ variable, type: written, defaultValue }) => {
    const name = variable.name.value
    const type = typeFromAST(schema, written as never)
    if (!isInputType(type)) return []
    const given = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (given !== undefined) return problemsOf(given, type, `$${name}`)
    return isNonNullType(type) && defaultValue === undefined ? [missing(`$${name}`, type)] : []
  })
}

// --- internal ---

function problemsOf(given: unknown, type: GraphQLInputType, path: string): string[] {
  const value = asSent(given)
  const problem = (found: string) => [`${path} (${type}) ${found}`]
  if (isNonNullType(type)) return value === null ? problem(MUST_NOT_BE_NULL) : problemsOf(value, type.ofType, path)
  if (value === null) return []
  if (isListType(type)) {
    // One value where a list is wanted is a list of it (GraphQL spec section 3.11).
    if (!Array.isArray(value)) return problemsOf(value, type.ofType, path)
    return value.flatMap((item, index) => problemsOf(item, type.ofType, `${path}[${index}]`))
  }
  if (isInputObjectType(type)) {
    return isObject(value) && !isUpload(value)
      ? objectProblems(value, type, path)
      : problem(needs(AN_OBJECT, value).problem)
  }
  const found = leafProblem(type, value)
  return found === undefined ? [] : problem(found)
}

function objectProblems(value: Record<string, unknown>, type: GraphQLInputObjectType, path: string): string[] {
  const fields = type.getFields()
  const given = Object.keys(value).filter((name) => value[name] !== undefined)
  const unknown = given.filter((name) => !Object.hasOwn(fields, name))
  const isOneTooMany = type.isOneOf && (given.length !== 1 || value[given[0]!] === null)
  return [
    ...unknown.map((name) => `${path}.${name} is no field of ${type.name}${didYouMean(name, Object.keys(fields))}`),
    ...(isOneTooMany ? [`${path} (${type.name}) needs exactly one of its fields`] : []),
    ...Object.values(fields).flatMap((field) => {
      if (given.includes(field.name)) return problemsOf(value[field.name], field.type, `${path}.${field.name}`)
      return isRequiredInputField(field) ? [missing(`${path}.${field.name}`, field.type)] : []
    }),
  ]
}

function missing(path: string, type: GraphQLInputType): string {
  return `${path} (${type}) is required, and was not given`
}

/** A `Date` and its like say themselves how they are written. */
function asSent(value: unknown): unknown {
  const writes = typeof value === 'object' && value !== null && 'toJSON' in value
  return writes ? (JSON.parse(JSON.stringify(value) ?? 'null') as unknown) : value
}
