/** Fetches the schema of a profile's server, and writes it to the repository with the types for the scripts. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { systemReason } from '../core/system_code.ts'
import { quotedPath } from '../core/visible.ts'
import { countTypes, readSchema, sameSchema } from '../graphql/schema/definition.ts'
import { pulledSchemaFile, schemaFolder } from '../graphql/schema/schema_files.ts'
import { replaceFile } from '../host/replace_file.ts'
import { SANDBOX_PROFILE } from '../settings/settings.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import { runSettings } from '../tasks/run/session.ts'
import { fetchSchema } from './fetch_schema.ts'
import { CHOICE_FILE, choiceText, chosenProfile, typesText } from './types_file.ts'

/** Writes only files that changed, and none in a dry run. */
export async function pullSchema({ host, flags, lifecycle, loadSession }: CommandCall): Promise<void> {
  const session = await loadSession()
  session.runSettings = runSettings(flags, 'read', lifecycle.signal)
  try {
    const { config } = await session.connect(undefined)
    checkName(config.profile)
    const isDry = flags.dryRun === true || config.dryRun
    const fetched = await fetchSchema(session, lifecycle.signal)
    const folder = schemaFolder(session.directory)
    const file = pulledSchemaFile(session.directory, config.profile)
    const typesFile = join(folder, `${config.profile}.d.ts`)
    const choiceFile = join(folder, CHOICE_FILE)
    // Introspection gives no comments, so an equal schema that is there, with comments, stays.
    const isSame = fetched.isIntrospected && sameSchema(readText(file), fetched.schema)
    const planned = [
      ...(isSame ? [] : [{ path: file, text: fetched.text }]),
      { path: typesFile, text: typesText(config.profile, isSame ? readSchema(readText(file)!) : fetched.schema) },
      ...(isChosen(readText(choiceFile), config.profile)
        ? [{ path: choiceFile, text: choiceText(config.profile) }]
        : []),
    ]
    const written = planned.filter(({ path, text }) => readText(path) !== text)
    if (!isDry) for (const { path, text } of written) write(path, text)
    const shown = written.map(({ path }) => quotedPath(relative(host.cwd(), path)))
    const done =
      shown.length > 0
        ? `${isDry ? 'would be written' : 'written'}: ${shown.join(', ')}`
        : `unchanged: ${quotedPath(relative(host.cwd(), file))}`
    await host.stdout.write(`${countTypes(fetched.schema)} types from ${fetched.from}; ${done}.\n`)
  } finally {
    await session.close()
  }
}

// --- internal ---

/** Refuses a profile name that does not work in file names and in an import. */
function checkName(profile: string): void {
  const isChoice = `${profile}.d.ts` === CHOICE_FILE
  if (!isChoice && !/^\.|['"`\\\s]/.test(profile)) return
  const found = isChoice
    ? 'a file of its types would replace the one that chooses among them'
    : 'it begins with a dot, or has a space or a quote'
  throw new UsageError(
    `Cannot pull the schema of the profile ${JSON.stringify(profile)}: ${found}; expected another name. ` +
      `Rename ${JSON.stringify(`.env.${profile}`)}.`,
  )
}

/** True if the scripts get the types of this profile: the first one that was pulled. A server replaces the sandbox. */
function isChosen(text: string | undefined, profile: string): boolean {
  const chosen = text === undefined ? undefined : chosenProfile(text)
  if (text !== undefined && chosen === undefined) return false
  return chosen === undefined || chosen === profile || chosen === SANDBOX_PROFILE
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    replaceFile(path, text)
  } catch (error) {
    throw new UsageError(
      `Cannot write ${quotedPath(path)}: the system says ${systemReason(error)}; it must be a file that you may write.`,
    )
  }
}
