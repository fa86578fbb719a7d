/** Loads the schema that an argument names: of a profile, a file or an address. */
import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { GraphQLSchema } from 'graphql'
import { ConfigError, TransportError, UsageError } from '../core/errors.ts'
import { didYouMean } from '../core/nearest.ts'
import { quotedPath } from '../core/visible.ts'
import type { Connection } from '../graphql/client/connection.ts'
import { readSchema } from '../graphql/schema/definition.ts'
import { pulledProfiles, pulledSchemaFile, schemaFolder } from '../graphql/schema/schema_files.ts'
import { loadSettings } from '../settings/settings.ts'
import { startCommand } from '../tasks/arguments/start_command.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import { runSettings, type Session } from '../tasks/run/session.ts'
import { fetchDefinition, fetchSchema } from './fetch_schema.ts'
import { CHOICE_FILE, chosenProfile } from './types_file.ts'

export interface NamedSchema {
  readonly schema: GraphQLSchema
  /** To show to a person. */
  readonly name: string
}

/**
 * Loads a pulled schema: of the profile asked for, or else of the settings' profile, or else the one that types the scripts.
 *
 * @throws {UsageError} `WFG_USAGE` if none was pulled, or it cannot be read
 */
export function profileSchema({ host, flags, registry }: CommandCall, asked = flags.profile): NamedSchema {
  const { directory } = registry
  const choiceFile = join(schemaFolder(directory), CHOICE_FILE)
  const chosen = existsSync(choiceFile) ? chosenProfile(readFileSync(choiceFile, 'utf8')) : undefined
  const own = asked ?? loadSettings(host, directory).profile
  // A check in CI may have no settings.
  const profiles = asked === undefined && chosen !== undefined ? [own, chosen] : [own]
  const pulled = pulledProfiles(directory)
  const found = profiles.find((profile) => pulled.includes(profile))
  if (found !== undefined) return fileSchema(host, pulledSchemaFile(directory, found))
  const flag = asked === undefined ? '' : ` --profile ${asked}`
  throw new UsageError(
    `Cannot find the schema of the profile ${JSON.stringify(own)}: none was pulled to ${quotedPath(relative(host.cwd(), schemaFolder(directory)))}${didYouMean(own, pulled) || ';'} ` +
      `pull it first, with \`${startCommand(host)} schema pull${flag}\`.`,
  )
}

/**
 * Loads the pulled schema of the profile in use. If none was pulled, asks its server.
 *
 * @throws {TransportError} `WFG_NETWORK`, `WFG_TIMEOUT`, `WFG_HTTP`
 */
export async function currentSchema(
  call: CommandCall,
): Promise<{ readonly schema: GraphQLSchema; readonly from: string }> {
  const { host, flags, registry, lifecycle, loadSession } = call
  const profile = flags.profile ?? loadSettings(host, registry.directory).profile
  if (pulledProfiles(registry.directory).includes(profile)) {
    const { schema, name } = fileSchema(host, pulledSchemaFile(registry.directory, profile))
    return { schema, from: quotedPath(name) }
  }
  const session = await loadSession()
  session.runSettings = runSettings(flags, 'read', lifecycle.signal)
  try {
    return await fetchSchema(session, lifecycle.signal)
  } finally {
    await session.close()
  }
}

/**
 * @param given an address, a profile whose schema was pulled, or the path of a file from the working directory
 * @throws {UsageError} `WFG_USAGE` for what is none of these
 * @throws {TransportError} `WFG_NETWORK`, `WFG_TIMEOUT`, `WFG_HTTP`
 */
export async function namedSchema(call: CommandCall, given: string): Promise<NamedSchema> {
  const { host, registry } = call
  if (/^https?:\/\//i.test(given)) return addressSchema(call, given)
  // A folder may have the name of a profile.
  if (pulledProfiles(registry.directory).includes(given)) return profileSchema(call, given)
  const file = resolve(host.cwd(), given)
  if (existsSync(file)) return fileSchema(host, file)
  throw new UsageError(
    `Cannot find the schema ${quotedPath(given)}: no file and no pulled profile has this name; ` +
      'expected a file, an address that begins with https://, or the name of such a profile.',
  )
}

// --- internal ---

function fileSchema({ cwd }: Pick<CommandCall['host'], 'cwd'>, path: string): NamedSchema {
  const name = relative(cwd(), path)
  try {
    return { schema: readSchema(readFileSync(path, 'utf8')), name }
  } catch (error) {
    throw new UsageError(
      `Cannot use ${quotedPath(name)}: it is not a schema definition (${(error as Error).message.replace(/\.$/, '')}); expected what \`schema pull\` writes.`,
    )
  }
}

async function addressSchema(call: CommandCall, given: string): Promise<NamedSchema> {
  if (!URL.canParse(given)) throw new UsageError(`Cannot use the address ${JSON.stringify(given)}: it is not a URL.`)
  const { host, flags, lifecycle, loadSession } = call
  const url = new URL(given)
  const name = url.origin + url.pathname
  const session = await loadSession()
  session.runSettings = runSettings(flags, 'read', lifecycle.signal)
  try {
    const connection = await ownConnection(session, flags.profile, url)
    const served = await fetchDefinition(host, url, connection, lifecycle.signal)
    if ('schema' in served) return { schema: served.schema, name }
    throw new TransportError(
      `Cannot read the schema: ${JSON.stringify(name)} answered ${served.problem}; expected a schema definition. ` +
        'Where it wants an access token, make its server a profile and pull it.',
      { code: 'WFG_HTTP' },
    )
  } finally {
    await session.close()
  }
}

/** Connects only to the configured server, because no other gets the token. Other addresses need no settings. */
async function ownConnection(session: Session, profile: string | undefined, url: URL): Promise<Connection | undefined> {
  try {
    if (loadSettings(session.host, session.directory, profile).nothingConfigured) return undefined
    const connection = await session.connect(profile)
    return connection.config.graphqlUrl.origin === url.origin ? connection : undefined
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}
