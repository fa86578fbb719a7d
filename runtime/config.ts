/** The settings, checked: every problem at once, by name, never with the value. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { ConfigError, type ConfigProblem } from './errors.ts'
import { Secret } from './redact.ts'
import type { LoadedSettings, Settings } from './settings.ts'

export const PROVIDERS = ['auth0', 'entra', 'entra-v1', 'adfs', 'okta', 'oidc', 'sandbox'] as const
export type ProviderName = (typeof PROVIDERS)[number]

export const CLIENT_AUTHS = ['client_secret_post', 'client_secret_basic', 'private_key_jwt'] as const
export type ClientAuth = (typeof CLIENT_AUTHS)[number]

export const TOKEN_CACHES = ['disk', 'memory', 'off'] as const
export type TokenCache = (typeof TOKEN_CACHES)[number]

export interface Config {
  readonly profile: string
  readonly graphqlUrl: URL
  /** Issuer identifier, exactly as written: a trailing slash matters. */
  readonly issuer: string | undefined
  readonly tokenEndpoint: URL | undefined
  readonly clientId: string
  readonly clientSecret: Secret | undefined
  readonly privateKeyFile: string | undefined
  readonly privateKeyId: string | undefined
  readonly certificateFile: string | undefined
  readonly clientAuth: ClientAuth
  readonly audience: string | undefined
  readonly resource: string | undefined
  readonly scope: string | undefined
  readonly organization: string | undefined
  readonly provider: ProviderName | undefined
  readonly impersonate: string | undefined
  readonly impersonateHeader: string
  /** One deadline for a call: token, attempts and waits together. */
  readonly timeoutMs: number
  /** Requests in flight at once. */
  readonly concurrency: number
  /** Undefined: as fits the place (off in CI, else on disk). */
  readonly tokenCache: TokenCache | undefined
  readonly cacheDir: string | undefined
  readonly dryRun: boolean
  readonly protected: boolean
}

export const DEFAULT_TIMEOUT_MS = 30_000
export const DEFAULT_CONCURRENCY = 4
/** Where timers overflow: 2^31 - 1 ms, almost 25 days. */
export const MAX_TIMEOUT_MS = 2_147_483_647

/** What a setting must be, in words, and the schema that decides. */
interface Rule {
  readonly expected: string
  readonly schema: v.GenericSchema<string, unknown>
}

const text: Rule = { expected: 'a text in one line', schema: v.pipe(v.string(), v.regex(/^[^\r\n]+$/)) }
const serverUrl: Rule = {
  expected:
    'an https URL without user name and password (http is accepted for this computer only, as in http://127.0.0.1:4000/)',
  schema: v.pipe(v.string(), v.check(isServerUrl)),
}
const flag: Rule = {
  expected: 'true or false',
  schema: v.pipe(
    v.string(),
    v.toLowerCase(),
    v.picklist(['true', 'false', '1', '0']),
    v.transform((value) => value === 'true' || value === '1'),
  ),
}

/** Every setting, in the order of `.env.example`. */
export const RULES = {
  WFG_GRAPHQL_URL: serverUrl,
  WFG_PROVIDER: oneOf(PROVIDERS),
  WFG_ISSUER: serverUrl,
  WFG_TOKEN_ENDPOINT: serverUrl,
  WFG_CLIENT_ID: text,
  WFG_CLIENT_SECRET: text,
  WFG_CLIENT_SECRET_FILE: text,
  WFG_PRIVATE_KEY_FILE: text,
  WFG_PRIVATE_KEY_ID: text,
  WFG_CERTIFICATE_FILE: text,
  WFG_CLIENT_AUTH: oneOf(CLIENT_AUTHS),
  WFG_AUDIENCE: text,
  WFG_RESOURCE: text,
  WFG_SCOPE: text,
  WFG_ORGANIZATION: text,
  WFG_PROFILE: text,
  WFG_IMPERSONATE: text,
  WFG_IMPERSONATE_HEADER: {
    expected: 'the name of an HTTP header',
    schema: v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~\w-]+$/)),
  },
  WFG_TIMEOUT_MS: wholeNumber(1, MAX_TIMEOUT_MS),
  WFG_CONCURRENCY: wholeNumber(1, 100),
  WFG_TOKEN_CACHE: oneOf(TOKEN_CACHES),
  WFG_CACHE_DIR: text,
  WFG_DRY_RUN: flag,
  WFG_PROTECTED: flag,
} satisfies Record<string, Rule>

export type SettingName = keyof typeof RULES

/**
 * Checks the settings and gives them their types.
 *
 * @param furtherProblems what else must hold, for example what the identity provider needs
 * @throws {ConfigError} `WFG_CONFIG` with every problem in `problems`
 */
export function readConfig(
  loaded: LoadedSettings,
  furtherProblems: (config: Config) => readonly ConfigProblem[] = () => [],
): Config {
  const problems: ConfigProblem[] = []
  const config = configFrom(loaded, problems)
  const missing = missingProblems(config, loaded.settings)
  const all = [...missing, ...problems, ...furtherProblems(config)]
  const named = new Set<string>()
  const distinct = all.filter(({ name }) => !named.has(name) && named.add(name))
  if (distinct.length === 0) return Object.freeze(config)
  throw new ConfigError(problemText(loaded.profile, distinct), { problems: distinct })
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
  const secret = read<string>('WFG_CLIENT_SECRET') ?? readSecretFile(secretFile, problems)
  return {
    profile,
    // Read before it is used only where `problems` is empty, so the assertion never shows.
    graphqlUrl: url('WFG_GRAPHQL_URL') as URL,
    issuer: read('WFG_ISSUER'),
    tokenEndpoint: url('WFG_TOKEN_ENDPOINT'),
    clientId: read('WFG_CLIENT_ID') as string,
    clientSecret: secret === undefined ? undefined : new Secret(secret),
    privateKeyFile: path('WFG_PRIVATE_KEY_FILE'),
    privateKeyId: read('WFG_PRIVATE_KEY_ID'),
    certificateFile: path('WFG_CERTIFICATE_FILE'),
    clientAuth: read('WFG_CLIENT_AUTH') ?? 'client_secret_post',
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
    dryRun: read('WFG_DRY_RUN') ?? false,
    protected: read('WFG_PROTECTED') ?? false,
  }
}

function missingProblems(config: Config, settings: Settings): ConfigProblem[] {
  const given = (name: string): boolean => Boolean(settings[name]?.value.trim())
  const problems: ConfigProblem[] = []
  if (!given('WFG_GRAPHQL_URL')) {
    problems.push({ name: 'WFG_GRAPHQL_URL', problem: 'is not set; it is the GraphQL endpoint of WorkflowGen' })
  }
  if (!given('WFG_CLIENT_ID')) {
    problems.push({ name: 'WFG_CLIENT_ID', problem: 'is not set; it is the client ID of the registered application' })
  }
  if (config.clientAuth === 'private_key_jwt') {
    if (!given('WFG_PRIVATE_KEY_FILE')) {
      problems.push({ name: 'WFG_PRIVATE_KEY_FILE', problem: 'is not set; private_key_jwt needs the private key' })
    }
  } else if (!given('WFG_CLIENT_SECRET') && !given('WFG_CLIENT_SECRET_FILE')) {
    problems.push({ name: 'WFG_CLIENT_SECRET', problem: 'is not set, and neither is WFG_CLIENT_SECRET_FILE' })
  }
  if (!given('WFG_ISSUER') && !given('WFG_TOKEN_ENDPOINT')) {
    problems.push({ name: 'WFG_ISSUER', problem: 'is not set, and neither is WFG_TOKEN_ENDPOINT' })
  }
  return problems.map(({ name, problem }) => ({ name, problem: problem + misspelling(name, settings) }))
}

/** A name of ours that is almost this one explains why a setting seems to be missing. */
function misspelling(name: string, settings: Settings): string {
  const unknown = Object.keys(settings).filter((key) => !(key in RULES))
  const close = unknown.find((key) => [...key].sort().join('') === [...name].sort().join('') || isOneEdit(key, name))
  return close ? ` (${close} is set: is it a misspelling?)` : ''
}

function isOneEdit(a: string, b: string): boolean {
  let start = 0
  while (start < a.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  return Math.max(a.length, b.length) - start - end <= 1
}

function readSecretFile(path: string | undefined, problems: ConfigProblem[]): string | undefined {
  if (path === undefined) return undefined
  const problem = (text: string) => problems.push({ name: 'WFG_CLIENT_SECRET_FILE', problem: text })
  try {
    const secret = readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .trim()
    if (secret && !/[\r\n]/.test(secret)) return secret
    problem(`must name a file that holds the client secret alone, in one line; ${JSON.stringify(path)} does not`)
  } catch (error) {
    problem(`must name a file that you may read; ${JSON.stringify(path)}: ${(error as NodeJS.ErrnoException).code}`)
  }
  return undefined
}

function isServerUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  if (url.username || url.password) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

function oneOf(values: readonly string[]): Rule {
  return { expected: `one of ${values.join(', ')}`, schema: v.picklist(values) as v.GenericSchema<string, string> }
}

function wholeNumber(min: number, max: number): Rule {
  const schema = v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number), v.minValue(min), v.maxValue(max))
  return { expected: `a whole number from ${min} to ${max}`, schema }
}

function problemText(profile: string, problems: readonly ConfigProblem[]): string {
  const lines = problems.map(({ name, problem }) => `  ${name} ${problem}`)
  return (
    `Cannot use the settings of the profile ${JSON.stringify(profile)}:\n${lines.join('\n')}\n` +
    'Set them in the environment, or in a file .env beside tasks.ts; .env.example explains each.'
  )
}
