/** Checks the settings. Reports all problems at once, by name and without the values. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { ConfigError, type ConfigProblem } from '../core/errors.ts'
import { Secret } from '../core/redact.ts'
import { systemCode, systemReason } from '../core/system_code.ts'
import { decodeText } from '../core/text_values.ts'
import { quotedPath } from '../core/visible.ts'
import { cutProblems, missingProblems, problemText, profileHint, withMisspellings } from './config_problems.ts'
import { type ClientAuth, type ProviderName, RULES, type SettingName, type TokenCache } from './setting_rules.ts'
import type { LoadedSettings } from './settings.ts'

export interface Config {
  readonly profile: string
  readonly graphqlUrl: URL
  /** Address of the web client, for links. `{request}` in it stands for the number of a request. */
  readonly webUrl: string | undefined
  /** Issuer identifier, unchanged: a trailing slash matters. */
  readonly issuer: string | undefined
  readonly tokenEndpoint: URL | undefined
  readonly clientId: string
  readonly clientSecret: Secret | undefined
  readonly privateKeyFile: string | undefined
  readonly privateKeyId: string | undefined
  readonly certificateFile: string | undefined
  /** Default: `client_secret_post`, or what the issuer's metadata asks for. */
  readonly clientAuth: ClientAuth | undefined
  readonly audience: string | undefined
  readonly resource: string | undefined
  readonly scope: string | undefined
  readonly organization: string | undefined
  readonly provider: ProviderName | undefined
  readonly impersonate: string | undefined
  readonly impersonateHeader: string
  /** Timeout of a call, with its token, attempts and waits. */
  readonly timeoutMs: number
  /** Requests in flight at once. */
  readonly concurrency: number
  /** Default: `off` in a CI, else `disk`. */
  readonly tokenCache: TokenCache | undefined
  readonly cacheDir: string | undefined
  /** Database of the queue that several computers share. It may hold a password. */
  readonly databaseUrl: Secret | undefined
  readonly dryRun: boolean
  readonly protected: boolean
}

export const DEFAULT_TIMEOUT_MS = 30_000
export const DEFAULT_CONCURRENCY = 4

/**
 * Checks the settings and gives them their types.
 *
 * @param furtherProblems more checks, for example of what the identity provider needs
 * @throws {ConfigError} `WFG_CONFIG` with every problem in `problems`
 */
export function readConfig(
  loaded: LoadedSettings,
  furtherProblems: (config: Config) => readonly ConfigProblem[] = () => [],
): Config {
  const problems: ConfigProblem[] = []
  const config = configFrom(loaded, problems)
  const missing = missingProblems(config.clientAuth, loaded.settings)
  const found = [...cutProblems(loaded.settings), ...missing, ...problems, ...furtherProblems(config)]
  const named = new Set<string>()
  const distinct = found.filter(({ name }) => !named.has(name) && named.add(name))
  const all = withMisspellings(distinct, loaded.settings)
  if (all.length === 0) return Object.freeze(config)
  const hint = missing.length > 0 ? profileHint(loaded) : ''
  throw new ConfigError(`${problemText(loaded.profile, all)}${hint}`, { problems: all })
}

// --- internal ---

function configFrom({ profile, settings }: LoadedSettings, problems: ConfigProblem[]): Config {
  const read = <T>(name: SettingName): T | undefined => {
    const value = settings[name]?.value.trim()
    if (!value) return undefined
    const result = v.safeParse(RULES[name].schema, value, { abortEarly: true })
    if (result.success) return result.output as T
    problems.push({ name, problem: `must be ${RULES[name].expected}` })
    return undefined
  }
  const path = (name: SettingName): string | undefined => {
    const value = read<string>(name)
    return value === undefined ? undefined : resolve(settings[name]!.directory, value)
  }
  const url = (name: SettingName): URL | undefined => {
    const value = read<string>(name)
    return value === undefined ? undefined : new URL(value)
  }
  const secretFile = path('WFG_CLIENT_SECRET_FILE')
  const secretDirectory = settings['WFG_CLIENT_SECRET_FILE']?.directory ?? ''
  const secret = read<string>('WFG_CLIENT_SECRET') ?? readSecretFile(secretFile, secretDirectory, problems)
  const databaseUrl = read<string>('WFG_DATABASE_URL')
  return {
    profile,
    // May be undefined here, but then there is a problem and the config is not returned.
    graphqlUrl: url('WFG_GRAPHQL_URL') as URL,
    webUrl: read('WFG_WEB_URL'),
    issuer: read('WFG_ISSUER'),
    tokenEndpoint: url('WFG_TOKEN_ENDPOINT'),
    clientId: read('WFG_CLIENT_ID') as string,
    clientSecret: secret === undefined ? undefined : new Secret(secret),
    privateKeyFile: path('WFG_PRIVATE_KEY_FILE'),
    privateKeyId: read('WFG_PRIVATE_KEY_ID'),
    certificateFile: path('WFG_CERTIFICATE_FILE'),
    clientAuth: read('WFG_CLIENT_AUTH'),
    audience: read('WFG_AUDIENCE'),
    resource: read('WFG_RESOURCE'),
    scope: read('WFG_SCOPE'),
    organization: read('WFG_ORGANIZATION'),
    provider: read('WFG_PROVIDER'),
    impersonate: read('WFG_IMPERSONATE'),
    impersonateHeader: read('WFG_IMPERSONATE_HEADER') ?? 'x-wfgen-impersonate-username',
    timeoutMs: read('WFG_TIMEOUT_MS') ?? DEFAULT_TIMEOUT_MS,
    concurrency: read('WFG_CONCURRENCY') ?? DEFAULT_CONCURRENCY,
    tokenCache: read('WFG_TOKEN_CACHE'),
    cacheDir: path('WFG_CACHE_DIR'),
    databaseUrl: databaseUrl === undefined ? undefined : new Secret(databaseUrl),
    dryRun: read('WFG_DRY_RUN') ?? false,
    protected: read('WFG_PROTECTED') ?? false,
  }
}

/** The problems do not show the path, because somebody may have set the secret itself under this name. */
function readSecretFile(path: string | undefined, directory: string, problems: ConfigProblem[]): string | undefined {
  if (path === undefined) return undefined
  const problem = (text: string) => problems.push({ name: 'WFG_CLIENT_SECRET_FILE', problem: text })
  const start = `; a relative path starts from ${quotedPath(directory)}`
  try {
    const secret = decodeText(readFileSync(path))?.trim()
    if (secret && !/[\r\n\uFFFD]/.test(secret)) return secret
    problem(`must name a file that holds the client secret alone, in one line of UTF-8 text${start}`)
  } catch (error) {
    const found = systemCode(error) === 'ENOENT' ? 'there is no such file' : systemReason(error)
    problem(`must name a file that you may read (${found})${start}`)
  }
  return undefined
}
