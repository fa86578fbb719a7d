/**
 * graphql's language, without its type system and its executor, which no script needs to send a document. By `require`,
 * because a loader such as tsx takes each ES module through another thread; and what comes so is what `import 'graphql'`
 * gives, so that one copy recognises the objects of the other.
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const { GraphQLError } =
  require('graphql/error/GraphQLError.js') as typeof import('graphql/error/GraphQLError.js')
export const { Kind } = require('graphql/language/kinds.js') as typeof import('graphql/language/kinds.js')
export const { parse } = require('graphql/language/parser.js') as typeof import('graphql/language/parser.js')
export const { print } = require('graphql/language/printer.js') as typeof import('graphql/language/printer.js')
export const { BREAK, visit } = require('graphql/language/visitor.js') as typeof import('graphql/language/visitor.js')

/** Called when it is needed: outside of the prepared runtime, graphql-tag loads all of graphql. */
export function graphqlTag(): typeof import('graphql-tag') {
  return require('graphql-tag') as typeof import('graphql-tag')
}
