/**
 * The language part of graphql: parser, printer and visitor. Scripts need neither its type system nor its executor.
 * `require` is faster than `import`, because loaders such as tsx pass each ES module through another thread. It loads the
 * same copy as `import 'graphql'`, so `instanceof` works.
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const { GraphQLError } =
  require('graphql/error/GraphQLError.js') as typeof import('graphql/error/GraphQLError.js')
export const { Kind } = require('graphql/language/kinds.js') as typeof import('graphql/language/kinds.js')
export const { parse } = require('graphql/language/parser.js') as typeof import('graphql/language/parser.js')
export const { print } = require('graphql/language/printer.js') as typeof import('graphql/language/printer.js')
export const { BREAK, visit } = require('graphql/language/visitor.js') as typeof import('graphql/language/visitor.js')

/** Loads graphql-tag when it is first needed: outside of the prepared runtime it loads all of graphql. */
export function graphqlTag(): typeof import('graphql-tag') {
  return require('graphql-tag') as typeof import('graphql-tag')
}
