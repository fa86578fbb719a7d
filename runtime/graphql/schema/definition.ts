/** Reads and compares schema definitions. */
import {
  type ASTVisitor,
  buildSchema,
  GraphQLError,
  type GraphQLSchema,
  isScalarType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
  type ValidationContext,
  validateSchema,
} from 'graphql'
import { leafProblem } from './leaf_values.ts'

/** @throws {Error} if the text has a syntax error, or defines a schema that is not valid */
export function readSchema(text: string): GraphQLSchema {
  const schema = checkedSchema(buildSchema(text.replace(/^\uFEFF/, '')))
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type) || isSpecifiedScalarType(type)) continue
    // A schema definition does not describe a scalar's values. Those of some are known here.
    type.parseValue = (value) => {
      const problem = leafProblem(type, value)
      if (problem !== undefined) throw new TypeError(problem)
      return value
    }
  }
  return schema
}

/** @throws {Error} if the schema is not valid */
export function checkedSchema(schema: GraphQLSchema): GraphQLSchema {
  const [problem] = validateSchema(schema)
  if (problem) throw problem
  return schema
}

/** Reports an operation if the schema has no type for its kind. graphql has this rule from version 17. */
export function KnownOperationTypesRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      if (context.getSchema().getRootType(node.operation)) return
      context.reportError(
        new GraphQLError(`The ${node.operation} operation is not supported by the schema.`, { nodes: node }),
      )
    },
  }
}

/** Counts the types that the server itself defines. */
export function countTypes(schema: GraphQLSchema): number {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  ).length
}

/** True if the text defines the same schema. Order and comments do not matter. */
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
