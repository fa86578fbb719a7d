/** Where settings come from: the environment, then `.env.<profile>`, then `.env`, beside `tasks.ts`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { ConfigError } from './errors.ts'
import type { Host } from './host.ts'

/** One value and the folder that a relative path in it starts from. */
export interface Setting {
  readonly value: string
  readonly directory: string
}

export type Settings = Readonly<Record<string, Setting>>

export interface LoadedSettings {
  /** Name of the profile; `default` where none was chosen. */
  readonly profile: string
  readonly settings: Settings
  /** True where there is no trace of a set-up, so that the sandbox stands in without having been asked for. */
  readonly nothingConfigured?: boolean
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
  const nowhere = chosen === undefined && nothingConfigured(host, directory)
  if (nowhere) return { profile: SANDBOX_PROFILE, settings: environment, nothingConfigured: true }
  const asked = chosen ?? profileIn(environment)
  if (asked === SANDBOX_PROFILE) return { profile: asked, settings: environment }
  const base = readEnvFile(join(directory, '.env'), directory)
  const profile = asked ?? profileIn(base) ?? DEFAULT_PROFILE
  if (profile === SANDBOX_PROFILE) return { profile, settings: environment }
  return { profile, settings: over(environment, over(profileSettings(profile, directory), base)) }
}

/** The profiles that `--profile` accepts here: the `.env.<profile>` files, and the sandbox. */
export function profileNames(directory: string): string[] {
  const files = envFiles(directory).filter((file) => file.startsWith('.env.') && !file.endsWith(BACKUP_SUFFIX))
  const names = files.map((file) => file.slice('.env.'.length))
  return [...new Set([...names, SANDBOX_PROFILE])].sort()
}

/** What a former `.env` file is called after; such a file is no profile's. */
export const BACKUP_SUFFIX = '.bak'

/** @throws {ConfigError} `WFG_CONFIG` for what is no text or cannot be read; empty where there is no file */
export function readEnvText(path: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return ''
    throw new ConfigError(
      `Cannot read the settings in ${JSON.stringify(path)}: ${reasonFor(code)}; it must be a text file that you may read.`,
    )
  }
  // Windows PowerShell writes UTF-16 unless told otherwise, and its names would be silently missed.
  const text = bytes.includes(0) ? undefined : decodeUtf8(bytes)
  if (text !== undefined) return text
  throw new ConfigError(
    `Cannot read the settings in ${JSON.stringify(path)}: it is not UTF-8 text; save it again with the encoding UTF-8.`,
  )
}

// --- internal ---

const EXAMPLE_FILE = '.env.example'
/** Says where to keep files, not which server to use. */
const NOT_A_CONFIGURATION = 'WFG_CACHE_DIR'

/** A job that lost its settings must fail rather than succeed with invented rows, so every trace of a set-up counts. */
function nothingConfigured(host: Pick<Host, 'env' | 'secrets'>, directory: string): boolean {
  const names = [...Object.keys(host.env), ...Object.keys(host.secrets)]
  if (names.some((name) => name.startsWith('WFG_') && name !== NOT_A_CONFIGURATION)) return false
  return !inCi(host.env['CI']) && envFiles(directory).length === 0
}

function profileIn(settings: Settings): string | undefined {
  return settings['WFG_PROFILE']?.value.trim() || undefined
}

/**
 * The stronger source's settings before the weaker one's. Where two names mean one thing, the stronger source's hides
 * the weaker one's other name; otherwise one profile's secret would go to another one's server.
 */
function over(stronger: Settings, weaker: Settings): Settings {
  const hidden = new Set<string>()
  const given = (settings: Settings, name: string): string => settings[name]?.value.trim() ?? ''
  if (given(stronger, 'WFG_CLIENT_SECRET')) hidden.add('WFG_CLIENT_SECRET_FILE')
  if (given(stronger, 'WFG_CLIENT_SECRET_FILE')) hidden.add('WFG_CLIENT_SECRET')
  const [issuer, otherIssuer] = [given(stronger, 'WFG_ISSUER'), given(weaker, 'WFG_ISSUER')]
  if (issuer && otherIssuer && issuer !== otherIssuer) hidden.add('WFG_TOKEN_ENDPOINT')
  const kept = Object.entries(weaker).filter(([name]) => !hidden.has(name))
  return { ...Object.fromEntries(kept), ...stronger }
}

function inCi(ci: string | undefined): boolean {
  return ci !== undefined && !['', '0', 'false'].includes(ci.toLowerCase())
}

function environmentSettings(host: Pick<Host, 'env' | 'secrets' | 'cwd'>): Settings {
  const directory = host.cwd()
  const entries = Object.entries({ ...host.env, ...host.secrets }).filter(([name]) => name.startsWith('WFG_'))
  return Object.fromEntries(entries.map(([name, value]) => [name, { value: value ?? '', directory }]))
}

function profileSettings(profile: string, directory: string): Settings {
  const known = profileNames(directory)
  if (profile !== DEFAULT_PROFILE && !known.includes(profile)) {
    throw new ConfigError(
      `Cannot use the profile ${JSON.stringify(profile)}: there is no file ${JSON.stringify(`.env.${profile}`)} in ${JSON.stringify(directory)}; ` +
        `the profiles here are ${known.join(', ')}. Choose one of them, or write that file (see .env.example).`,
      { problems: [{ name: 'WFG_PROFILE', problem: 'names no profile' }] },
    )
  }
  return readEnvFile(join(directory, `.env.${profile}`), directory)
}

/** A folder that may not be listed might hold settings, so that is an error and not an empty list. */
function envFiles(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /^\.env(\.|$)/.test(name) && name !== EXAMPLE_FILE)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return []
    throw new ConfigError(
      `Cannot look for settings in ${JSON.stringify(directory)}: ${reasonFor(code)}; it must be a folder that you may read.`,
    )
  }
}

function readEnvFile(path: string, directory: string): Settings {
  const text = readEnvText(path)
  const entries = Object.entries(parseEnv(text)).filter(([name]) => name.startsWith('WFG_'))
  return Object.fromEntries(entries.map(([name, value]) => [name, { value: value ?? '', directory }]))
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Deno's refusals have a name and no code. */
function codeOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException
  return code ?? name
}

function reasonFor(code: string): string {
  if (code === 'EACCES' || code === 'EPERM' || code === 'NotCapable') return 'permission denied'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'ENOTDIR') return 'it is no folder'
  return code
}
