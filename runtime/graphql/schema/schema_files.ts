/** The schema files that `schema pull` writes to the repository. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PulledSchema } from './pulled_schema.ts'

/** @param directory the folder that holds `tasks.ts` */
export function schemaFolder(directory: string): string {
  return join(directory, 'scripts', '.schema')
}

/** The file with the pulled schema definition of a profile's server. */
export function pulledSchemaFile(directory: string, profile: string): string {
  return join(schemaFolder(directory), `${profile}${EXTENSION}`)
}

/** Returns the profiles whose schema was pulled, sorted by name. */
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
 * Loads a profile's schema. Undefined if it was not pulled.
 *
 * @throws {ConfigError} `WFG_CONFIG` if the file is not a schema definition
 */
export async function loadPulledSchema(directory: string, profile: string): Promise<PulledSchema | undefined> {
  if (!pulledProfiles(directory).includes(profile)) return undefined
  const { readPulledSchema } = await import('./pulled_schema.ts')
  return readPulledSchema(pulledSchemaFile(directory, profile), profile)
}

// --- internal ---

const EXTENSION = '.graphql'
