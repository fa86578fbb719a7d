/**
 * graphql and graphql-yoga, which the sandbox takes from here only: one copy does not recognise the objects of another.
 * They come by `require` because a loader such as tsx handles each of their hundreds of ES modules in another thread, and
 * makes the sandbox start half a second later.
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const { GraphQLError, GraphQLScalarType, Kind } = require('graphql') as typeof import('graphql')
export const { createSchema, createYoga } = require('graphql-yoga') as typeof import('graphql-yoga')
