/** Chooses the pulled schema that a fake uses. */
import { dirname } from 'node:path'
import { ConfigError, UsageError } from '../core/errors.ts'
import { didYouMean } from '../core/nearest.ts'
import { quotedPath } from '../core/visible.ts'
import { pulledProfiles, schemaFolder } from '../graphql/schema/schema_files.ts'
import type { Host } from '../host/host.ts'
import { loadSettings, SANDBOX_PROFILE } from '../settings/settings.ts'
import { projectDirectory } from '../tasks/run/session.ts'

export interface ChosenSchema {
  /** The folder that holds `tasks.ts`. */
  readonly directory: string
  readonly profile: string
}

/**
 * @param asked the profile that a test names
 * @throws {UsageError} `WFG_USAGE` if its schema was not pulled
 */
export function chooseSchema(
  host: Pick<Host, 'env' | 'secrets' | 'cwd' | 'program'>,
  asked: string | undefined,
): ChosenSchema | undefined {
  const { directory, pulled } = findSchemas(host)
  if (asked !== undefined) {
    if (pulled.includes(asked)) return { directory, profile: asked }
    const found = pulled.length > 0 ? `only ${pulled.join(', ')}` : 'none'
    throw new UsageError(
      `Cannot use the schema of the profile ${JSON.stringify(asked)}: in ${quotedPath(schemaFolder(directory))} there is ${found}` +
        `${didYouMean(asked, pulled) || ';'} pull it first, with \`schema pull --profile ${asked}\`.`,
    )
  }
  // The sandbox's schema may lack what the scripts query.
  const servers = pulled.filter((profile) => profile !== SANDBOX_PROFILE)
  const own = servers.length > 1 ? ownProfile(host, directory) : undefined
  const profile = servers.find((each) => each === own) ?? (servers.length === 1 ? servers[0] : undefined)
  return profile === undefined ? undefined : { directory, profile }
}

// --- internal ---

/** Looks in the folder of the program, and if that is a test runner elsewhere, in the working directory. */
function findSchemas({ program, cwd }: Pick<Host, 'program' | 'cwd'>) {
  const starts = [...(program === undefined ? [] : [dirname(program)]), cwd()]
  const found = starts.map((start) => {
    const directory = projectDirectory(start)
    return { directory, pulled: pulledProfiles(directory) }
  })
  return found.find(({ pulled }) => pulled.length > 0) ?? found.at(-1)!
}

/** Returns undefined if the settings cannot be read, because a test may not need any. */
function ownProfile(host: Pick<Host, 'env' | 'secrets' | 'cwd'>, directory: string): string | undefined {
  try {
    return loadSettings(host, directory).profile
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}
