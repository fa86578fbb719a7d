import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { systemReason } from '../../core/system_code.ts'
import { quotedPath } from '../../core/visible.ts'
import { canAsk, createPrompts, type Prompts } from '../../host/prompts.ts'
import { renderSteps, settingsByProvider } from '../../providers/set_up.ts'
import { BACKUP_SUFFIX, envValues, readEnvText } from '../../settings/env_file.ts'
import { RULES, type SettingName } from '../../settings/setting_rules.ts'
import { DEFAULT_PROFILE, SANDBOX_PROFILE } from '../../settings/settings.ts'
import type { Answers } from '../../setup/ask_setting.ts'
import { askSettings } from '../../setup/init_questions.ts'
import { type WrittenFile, writeEnvFile } from '../../setup/write_env_file.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'

/** Asks for the settings, writes them, shows the steps at the provider and in WorkflowGen, and runs `doctor`. */
export async function run(call: CommandCall): Promise<void> {
  const { host, args, flags, lifecycle } = call
  const { values } = commandArguments('init', args, { here: { type: 'boolean' } }, 0)
  if (values['here']) return startHere(call)
  const profile = profileOf(call)
  if (!canAsk(host)) {
    throw new UsageError(
      `Cannot ask for the settings: there is no terminal. Copy .env.example, which explains each, to ${fileName(profile)} beside tasks.ts, and fill in:\n${settingsByProvider()}`,
    )
  }
  const prompts = createPrompts(host, { signal: lifecycle.signal, noColor: flags.noColor ?? false })
  if (!(await initialize(call, prompts))) return
  await (await import('./doctor.ts')).run({ ...call, args: [] })
}

/** Asks which scripts to take, at most. */
async function startHere({ host, flags, lifecycle }: CommandCall): Promise<void> {
  const { writeTeamFolder } = await import('../../setup/team_folder.ts')
  const dryRun = flags.dryRun ?? false
  if (flags.yes || !canAsk(host)) return writeTeamFolder(host, { dryRun })
  const prompts = createPrompts(host, { signal: lifecycle.signal, noColor: flags.noColor ?? false })
  const message = 'Which of the ready scripts do you want? Space leaves one out, Enter continues.'
  await writeTeamFolder(host, { dryRun, choose: (choices) => prompts.selectSome({ message, choices }) })
}

/** @returns whether new settings were written */
export async function initialize(
  call: Pick<CommandCall, 'host' | 'registry' | 'flags'>,
  prompts: Prompts,
): Promise<boolean> {
  const { host, registry, flags } = call
  const { directory } = registry
  const profile = profileOf(call)
  const name = fileName(profile)
  const path = join(directory, name)
  checkWritable(directory, name)
  if (existsSync(path) && !(await confirmChange(prompts, name))) {
    await host.stderr.write(`${name} stays as it is.\n`)
    return false
  }
  const former = answersIn(path)
  host.redactor.add(former.WFG_CLIENT_SECRET ?? '')
  await host.stderr.write(WAY_BACK)
  const asking = { prompts, redactor: host.redactor, directory, cwd: host.cwd(), former }
  const { provider, settings } = await askSettings(asking)
  if (flags.dryRun) {
    await host.stderr.write(`dry run: would write ${Object.keys(settings).join(', ')} to ${quotedPath(path)}\n`)
    return false
  }
  const silenced = silencedBy(settings, directory, profile)
  const written = writeEnvFile(path, { settings, silenced, replaces: ASKED })
  await host.stderr.write(`Wrote ${quotedPath(path)}.\n`)
  await host.stderr.write(changes(written))
  await host.stderr.write(overridden(host.env, host.secrets))
  await host.stdout.write(renderSteps(provider, settings, host.stdout.columns))
  return true
}

// --- internal ---

const WAY_BACK = 'Esc goes back to the question before. Ctrl-C stops, and nothing is written before the last answer.\n'

/** The settings of one server and one application. Those that are not given again are removed. */
const ASKED: readonly SettingName[] = [
  'WFG_GRAPHQL_URL',
  'WFG_WEB_URL',
  'WFG_PROVIDER',
  'WFG_ISSUER',
  'WFG_TOKEN_ENDPOINT',
  'WFG_CLIENT_ID',
  'WFG_CLIENT_SECRET',
  'WFG_CLIENT_SECRET_FILE',
  'WFG_PRIVATE_KEY_FILE',
  'WFG_PRIVATE_KEY_ID',
  'WFG_CERTIFICATE_FILE',
  'WFG_CLIENT_AUTH',
  'WFG_AUDIENCE',
  'WFG_RESOURCE',
  'WFG_SCOPE',
  'WFG_ORGANIZATION',
]

function profileOf({ flags, host }: Pick<CommandCall, 'flags' | 'host'>): string {
  const profile = flags.profile ?? (host.env['WFG_PROFILE'] || DEFAULT_PROFILE)
  const isName = /^[\w-]+(\.[\w-]+)*$/.test(profile) && !profile.endsWith(BACKUP_SUFFIX) && profile !== 'example'
  if (isName && profile !== SANDBOX_PROFILE) return profile
  const found = isName ? 'the sandbox needs none' : 'that is not a valid name'
  throw new UsageError(
    `Cannot write settings for the profile ${JSON.stringify(profile)}: ${found}; choose another with --profile.`,
  )
}

function fileName(profile: string): string {
  return profile === DEFAULT_PROFILE ? '.env' : `.env.${profile}`
}

/** Called before any question. */
function checkWritable(directory: string, name: string): void {
  try {
    accessSync(directory, constants.W_OK)
  } catch (error) {
    throw new UsageError(
      `Cannot write ${JSON.stringify(name)} in ${quotedPath(directory)}: ${systemReason(error)}; expected a folder that you may write to.`,
    )
  }
}

function confirmChange(prompts: Prompts, name: string): Promise<boolean> {
  const message = `The file ${name} exists. Enter its settings again? The old file is kept as ${name}${BACKUP_SUFFIX}, and its other settings are copied.`
  return prompts.confirm({ message, initial: false })
}

/** The settings in the file, without those of a later version. */
function answersIn(path: string): Answers {
  return Object.fromEntries(Object.entries(envValues(readEnvText(path))).filter(([name]) => name in RULES))
}

/** Settings of `.env` that belong to another server. */
function silencedBy(settings: Answers, directory: string, profile: string): string[] {
  if (profile === DEFAULT_PROFILE) return []
  const base = answersIn(join(directory, fileName(DEFAULT_PROFILE)))
  return ASKED.filter((name) => name in base && !(name in settings))
}

function changes({ backup, kept, dropped }: WrittenFile): string {
  if (backup === undefined) return ''
  const taken = kept.length > 0 ? ` ${kept.join(', ')} ${kept.length === 1 ? 'was' : 'were'} copied from it.` : ''
  const left = dropped.length > 0 ? ` ${dropped.join(', ')} ${dropped.length === 1 ? 'was' : 'were'} not.` : ''
  return `The old file, with its comments, is ${quotedPath(backup)}.${taken}${left}\n`
}

/** A warning about settings that the environment overrides. */
function overridden(...environments: readonly Readonly<Record<string, string | undefined>>[]): string {
  const names = ASKED.filter((name) => environments.some((env) => env[name]))
  if (names.length === 0) return ''
  return `warning: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} also set in the environment, which overrides the file.\n`
}
