/** A schema definition as text, read and judged. */
import {
  buildSchema,
  type GraphQLSchema,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from 'graphql'

/** @throws {Error} saying what is wrong with the text, or with the schema that it defines */
export function readSchema(text: string): GraphQLSchema {
  return checkedSchema(buildSchema(text.replace(/^\uFEFF/, '')))
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
