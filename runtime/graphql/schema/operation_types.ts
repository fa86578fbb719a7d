import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql'

/** Refuses an operation of a kind that the schema has no type for; version 16 of graphql lacks this rule, and says nothing. */
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
