/** Before a run that can write: names the server, and has a protected profile confirmed. */
import { RefusedError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import type { Config } from '../../settings/config.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import { ask } from './script_context.ts'
import type { Session } from './session.ts'

/**
 * Writes the profile and the server to standard error. A person confirms a protected profile by its name.
 *
 * @throws {ConfigError} `WFG_CONFIG`
 * @throws {RefusedError} `WFG_REFUSED` if the profile was not confirmed
 */
export async function openForWriting(session: Session, flags: ToolFlags, signal: AbortSignal): Promise<void> {
  const { host } = session
  const { config, user } = await session.connect(flags.profile)
  const dry = flags.dryRun || config.dryRun
  const acting = user === undefined ? '' : `, as ${user}`
  const mode = dry ? ' (dry run: nothing is changed)' : ''
  if (!flags.quiet) {
    await host.stderr.write(
      host.redactor.text(`Profile ${JSON.stringify(config.profile)}: ${config.graphqlUrl.origin}${acting}${mode}\n`),
    )
  }
  if (!dry)
    session.runSettings = { ...session.runSettings, confirmed: await confirmProfile(host, config, flags, signal) }
}

// --- internal ---

async function confirmProfile(
  host: Host,
  config: Config,
  flags: ToolFlags,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!config.protected || flags.confirm === config.profile) return flags.confirm
  const profile = JSON.stringify(config.profile)
  const typed =
    flags.confirm ??
    (await ask(host, `The profile ${profile} is protected. Type its name to let this task change data there: `, signal))
  if (typed === config.profile) return typed
  const found = typed === undefined ? 'nobody can confirm it' : 'another name was given'
  throw new RefusedError(
    `Refused to start: the profile ${profile} is protected, and ${found}. ` +
      `Nothing was sent. Run it with --confirm ${config.profile} if it is meant for that server.`,
  )
}
