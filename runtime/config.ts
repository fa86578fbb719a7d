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
  WFG_IMPERSONATE: {
    expected: 'a user name, in characters that an HTTP header can carry',
    schema: v.pipe(v.string(), v.regex(/^[ -~\u00a0-\u00ff]+$/)),
  },
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
  const found = [...missing, ...problems, ...furtherProblems(config)]
  const named = new Set<string>()
  const distinct = found.filter(({ name }) => !named.has(name) && named.add(name))
  const all = withMisspellings(distinct, loaded.settings)
  if (all.length === 0) return Object.freeze(config)
  throw new ConfigError(problemText(loaded.profile, all), { problems: all })
}

/** Whether tokens and secrets may be sent there: https, or http on this computer; no user name and no password. */
export function isServerUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  if (url.username || url.password) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
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
  return {
    profile,
    // A config with problems is never handed out, so the assertions never show.
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
  return problems
}

/** A name that is almost one of ours explains why that seems to be missing; alone it would silently have no effect. */
function withMisspellings(problems: readonly ConfigProblem[], settings: Settings): ConfigProblem[] {
  const all = [...problems]
  for (const name of Object.keys(settings).filter((key) => !(key in RULES))) {
    const meant = Object.keys(RULES).find((known) => !(known in settings) && isNear(known, name))
    if (meant === undefined) continue
    const index = all.findIndex((problem) => problem.name === meant)
    if (index === -1) all.push({ name, problem: `is no setting; is ${meant} meant?` })
    else all[index] = { name: meant, problem: `${all[index]!.problem} (${name} is set: is it a misspelling?)` }
  }
  return all
}

function isNear(a: string, b: string): boolean {
  return isOneEdit(a, b) || [...a].sort().join('') === [...b].sort().join('')
}

function isOneEdit(a: string, b: string): boolean {
  let start = 0
  while (start < a.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  return Math.max(a.length, b.length) - start - end <= 1
}

/** The path is left out of the problems: a secret that was set under this name would be shown as one. */
function readSecretFile(path: string | undefined, directory: string, problems: ConfigProblem[]): string | undefined {
  if (path === undefined) return undefined
  const problem = (text: string) => problems.push({ name: 'WFG_CLIENT_SECRET_FILE', problem: text })
  const start = `; a relative path starts from ${JSON.stringify(directory)}`
  try {
    const secret = readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .trim()
    if (secret && !/[\r\n\0\uFFFD]/.test(secret)) return secret
    problem(`must name a file that holds the client secret alone, in one line of UTF-8 text${start}`)
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException
    const found = code === 'ENOENT' ? 'there is none' : (code ?? name)
    problem(`must name a file that you may read (${found})${start}`)
  }
  return undefined
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
