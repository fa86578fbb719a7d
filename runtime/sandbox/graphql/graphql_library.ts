/**
 * graphql and graphql-yoga. The sandbox imports them only from here, because one copy does not recognise the objects of
 * another. `require` loads them half a second faster than `import`, because tsx handles each ES module in another thread.
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const { GraphQLError, GraphQLScalarType, Kind } = require('graphql') as typeof import('graphql')
export const { createSchema, createYoga } = require('graphql-yoga') as typeof import('graphql-yoga')
