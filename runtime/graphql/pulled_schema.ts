/** The schema that `schema pull` kept in the repository, for whoever checks a document before it is sent. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, type GraphQLSchema } from 'graphql'

/** @param directory the folder that holds `tasks.ts` */
export function schemaFolder(directory: string): string {
  return join(directory, 'scripts', '.schema')
}

/** The schema definition of a profile's server; it is there once it was pulled. */
export function pulledSchemaFile(directory: string, profile: string): string {
  return join(schemaFolder(directory), `${profile}.graphql`)
}

/** Undefined where none was pulled. A file that cannot be read as a schema is for `schema check` to report. */
export function pulledSchema(directory: string, profile: string): GraphQLSchema | undefined {
  const file = pulledSchemaFile(directory, profile)
  let schema = read.get(file)
  if (schema === undefined && !read.has(file)) {
    try {
      schema = existsSync(file) ? buildSchema(readFileSync(file, 'utf8')) : undefined
    } catch {
      schema = undefined
    }
    read.set(file, schema)
  }
  return schema
}

// --- internal ---

const read = new Map<string, GraphQLSchema | undefined>()
