/** A schema definition as text, read and judged. */
import {
  buildSchema,
  type GraphQLSchema,
  isScalarType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from 'graphql'
import { leafProblem } from './leaf_values.ts'

/** @throws {Error} saying what is wrong with the text, or with the schema that it defines */
export function readSchema(text: string): GraphQLSchema {
  const schema = checkedSchema(buildSchema(text.replace(/^\uFEFF/, '')))
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type) || isSpecifiedScalarType(type)) continue
    // A text tells graphql nothing of what the values of a scalar are; of some, more is known here.
    type.parseValue = (value) => {
      const problem = leafProblem(type, value)
      if (problem !== undefined) throw new TypeError(problem)
      return value
    }
  }
  return schema
}

/** @throws {Error} saying what is wrong with the schema */
export function checkedSchema(schema: GraphQLSchema): GraphQLSchema {
  const [problem] = validateSchema(schema)
  if (problem) throw problem
  return schema
}

/** Of those that the server defines itself. */
export function countTypes(schema: GraphQLSchema): number {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  ).length
}

/** Whether the text defines the same, in whatever order and with whatever comments. */
export function sameSchema(text: string | undefined, schema: GraphQLSchema): boolean {
  if (text === undefined) return false
  try {
    return printed(readSchema(text)) === printed(schema)
  } catch {
    return false
  }
}

// --- internal ---

function printed(schema: GraphQLSchema): string {
  return printSchema(lexicographicSortSchema(schema))
}
