/** The schemas that `schema pull` kept in the repository; what reads one is loaded only where it is there. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PulledSchema } from './pulled_schema.ts'

/** @param directory the folder that holds `tasks.ts` */
export function schemaFolder(directory: string): string {
  return join(directory, 'scripts', '.schema')
}

/** The schema definition of a profile's server; it is there once it was pulled. */
export function pulledSchemaFile(directory: string, profile: string): string {
  return join(schemaFolder(directory), `${profile}${EXTENSION}`)
}

/** The profiles whose schema was pulled, in order of their names. */
export function pulledProfiles(directory: string): string[] {
  let names: string[]
  try {
    names = readdirSync(schemaFolder(directory))
  } catch {
    return []
  }
  return names.flatMap((name) => (/^[^.].*\.graphql$/.test(name) ? name.slice(0, -EXTENSION.length) : [])).sort()
}

/**
 * What a profile's schema says of documents, variables and answers; undefined where it was not pulled.
 *
 * @throws {ConfigError} `WFG_CONFIG` for a file that is no schema definition
 */
export async function loadPulledSchema(directory: string, profile: string): Promise<PulledSchema | undefined> {
  if (!pulledProfiles(directory).includes(profile)) return undefined
  const { readPulledSchema } = await import('./pulled_schema.ts')
  return readPulledSchema(pulledSchemaFile(directory, profile), profile)
}

// --- internal ---

const EXTENSION = '.graphql'
