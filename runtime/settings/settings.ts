/** Where settings come from: the environment, then `.env.<profile>`, then `.env`, beside `tasks.ts`. */
import { join } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import { quotedPath } from '../core/visible.ts'
import { runsInCi } from '../host/cache_folder.mjs'
import type { Host } from '../host/host.ts'
import { BACKUP_SUFFIX, envFiles, readEnvFile } from './env_file.ts'

/** A value, and the folder that a relative path in it starts from. */
export interface Setting {
  readonly value: string
  readonly directory: string
  /** Name of the file in which an unquoted `#` cut the value short. Set only for secrets, which are never shown. */
  readonly cutIn?: string
}

export type Settings = Readonly<Record<string, Setting>>

export interface LoadedSettings {
  /** Name of the profile; `default` if none was chosen. */
  readonly profile: string
  readonly settings: Settings
  /** True if nothing is configured, so that the sandbox is used without being asked for. */
  readonly nothingConfigured?: boolean
  /** The profiles that have a file, if none was chosen. */
  readonly otherProfiles?: readonly string[]
  /** True if nothing is configured and the sandbox is not used because this is a CI. */
  readonly isBareCi?: boolean
}

export const DEFAULT_PROFILE = 'default'
export const SANDBOX_PROFILE = 'sandbox'

/**
 * Finds the profile and its settings.
 *
 * @param directory the folder that holds `.env`
 * @param chosen the profile asked for on the command line or by the caller
 * @throws {ConfigError} `WFG_CONFIG` for an unknown profile or an unreadable file
 */
export function loadSettings(
  host: Pick<Host, 'env' | 'secrets' | 'cwd'>,
  directory: string,
  chosen?: string,
): LoadedSettings {
  const environment = environmentSettings(host)
  const isBare = chosen === undefined && nothingConfigured(host, directory)
  const isBareCi = isBare && runsInCi({ CI: host.env['CI'] })
  if (isBare && !isBareCi) return { profile: SANDBOX_PROFILE, settings: environment, nothingConfigured: true }
  const asked = chosen ?? profileIn(environment)
  if (asked === SANDBOX_PROFILE) return { profile: asked, settings: environment }
  refuseMisnamed('.env', directory)
  const base = fileSettings('.env', directory)
  const profile = asked ?? profileIn(base) ?? DEFAULT_PROFILE
  if (profile === SANDBOX_PROFILE) return { profile, settings: environment }
  const settings = override(environment, override(profileSettings(profile, directory), base))
  return {
    profile,
    settings,
    ...(profile === DEFAULT_PROFILE
      ? { otherProfiles: fileProfiles(directory).filter((name) => name !== DEFAULT_PROFILE), isBareCi }
      : {}),
  }
}

/** The profiles that `--profile` accepts here: the `.env.<profile>` files, and the sandbox. */
export function profileNames(directory: string): string[] {
  return [...new Set([...fileProfiles(directory), SANDBOX_PROFILE])].sort()
}

// --- internal ---

/** Settings that do not concern a server. */
const NOT_A_CONFIGURATION = ['WFG_CACHE_DIR', 'WFG_SHELL', 'WFG_TRUST_OWNER']

/** Any trace of a configuration counts: a job that lost its settings must fail, not succeed with invented rows. */
function nothingConfigured(host: Pick<Host, 'env' | 'secrets'>, directory: string): boolean {
  const names = [...Object.keys(host.env), ...Object.keys(host.secrets)]
  if (names.some((name) => name.startsWith('WFG_') && !NOT_A_CONFIGURATION.includes(name))) return false
  return envFiles(directory).length === 0
}

function fileProfiles(directory: string): string[] {
  return envFiles(directory).flatMap((file) =>
    file.startsWith('.env.') && !file.endsWith(BACKUP_SUFFIX) && !file.endsWith(NOTEPAD_SUFFIX)
      ? [file.slice('.env.'.length)]
      : [],
  )
}

/** Notepad on Windows adds it to every name, and Explorer hides it. */
const NOTEPAD_SUFFIX = '.txt'

/** A file that is not read could hold the setting that protects a server. */
function refuseMisnamed(file: string, directory: string): void {
  const found = file + NOTEPAD_SUFFIX
  const files = envFiles(directory)
  if (files.includes(file) || !files.includes(found)) return
  throw new ConfigError(
    `Cannot use the settings in ${quotedPath(join(directory, found))}: the file must be named ${quotedPath(file)}; ` +
      `rename it. In Windows Explorer, switch on "File name extensions" to see the ${NOTEPAD_SUFFIX}.`,
  )
}

function profileIn(settings: Settings): string | undefined {
  return settings['WFG_PROFILE']?.value.trim() || undefined
}

/**
 * Settings of the stronger source override those of the weaker one. If two names set the same thing, either name in the
 * stronger source hides both in the weaker one. Otherwise the secret of one profile could go to the server of another.
 */
function override(stronger: Settings, weaker: Settings): Settings {
  const hidden = new Set<string>()
  const given = (settings: Settings, name: string): string => settings[name]?.value.trim() ?? ''
  if (given(stronger, 'WFG_CLIENT_SECRET')) hidden.add('WFG_CLIENT_SECRET_FILE')
  if (given(stronger, 'WFG_CLIENT_SECRET_FILE')) hidden.add('WFG_CLIENT_SECRET')
  if (given(stronger, 'WFG_AUDIENCE')) hidden.add('WFG_RESOURCE')
  if (given(stronger, 'WFG_RESOURCE')) hidden.add('WFG_AUDIENCE')
  const [issuer, otherIssuer] = [given(stronger, 'WFG_ISSUER'), given(weaker, 'WFG_ISSUER')]
  if (issuer && otherIssuer && issuer !== otherIssuer) hidden.add('WFG_TOKEN_ENDPOINT')
  const kept = Object.entries(weaker).filter(([name]) => !hidden.has(name))
  return { ...Object.fromEntries(kept), ...stronger }
}

function environmentSettings(host: Pick<Host, 'env' | 'secrets' | 'cwd'>): Settings {
  const directory = host.cwd()
  const entries = Object.entries({ ...host.env, ...host.secrets }).filter(([name]) => name.startsWith('WFG_'))
  return Object.fromEntries(entries.map(([name, value]) => [name, { value: value ?? '', directory }]))
}

function profileSettings(profile: string, directory: string): Settings {
  refuseMisnamed(`.env.${profile}`, directory)
  const known = profileNames(directory)
  if (profile !== DEFAULT_PROFILE && !known.includes(profile)) {
    throw new ConfigError(
      `Cannot use the profile ${JSON.stringify(profile)}: there is no file ${JSON.stringify(`.env.${profile}`)} in ${quotedPath(directory)}; ` +
        `the profiles here are ${known.join(', ')}. Choose one of them, or write that file (see .env.example).`,
      { problems: [{ name: 'WFG_PROFILE', problem: 'names no profile' }] },
    )
  }
  return fileSettings(`.env.${profile}`, directory)
}

function fileSettings(file: string, directory: string): Settings {
  const { values, cut } = readEnvFile(join(directory, file))
  // Includes likely misspellings of `WFG_`, such as `WGF_CLIENT_ID`.
  const entries = Object.entries(values).filter(([name]) => /^W[A-Z]{2,5}_/.test(name))
  return Object.fromEntries(
    entries.map(([name, value]) => [name, { value, directory, ...(cut.has(name) ? { cutIn: file } : {}) }]),
  )
}
