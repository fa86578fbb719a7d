/** The rule for each setting. */
import * as v from 'valibot'

export const PROVIDERS = ['auth0', 'entra', 'entra-v1', 'adfs', 'okta', 'oidc', 'sandbox'] as const
export type ProviderName = (typeof PROVIDERS)[number]

export const CLIENT_AUTHS = ['client_secret_post', 'client_secret_basic', 'private_key_jwt'] as const
export type ClientAuth = (typeof CLIENT_AUTHS)[number]

const TOKEN_CACHES = ['disk', 'memory', 'off'] as const
export type TokenCache = (typeof TOKEN_CACHES)[number]

/** The longest timer: 2^31 - 1 ms, almost 25 days. */
const MAX_TIMEOUT_MS = 2_147_483_647

/** What a setting must be, as a text and as a schema. */
interface Rule {
  readonly expected: string
  readonly schema: v.GenericSchema<string, unknown>
}

const text: Rule = { expected: 'text on one line', schema: v.pipe(v.string(), v.regex(/^[^\r\n]+$/)) }
const path: Rule = {
  ...text,
  expected: 'a path on one line: between double quotes \\n is a line break, so put it between single quotes',
}
const serverUrl: Rule = {
  expected:
    'an https URL without user name and password (http is accepted for this computer only, as in http://127.0.0.1:4000/)',
  schema: v.pipe(v.string(), v.check(isServerUrl)),
}
const pageUrl: Rule = {
  expected:
    'an http or https URL without user name and password, in which {request} stands for the number of a request',
  schema: v.pipe(v.string(), v.check(isPageUrl)),
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
  WFG_WEB_URL: pageUrl,
  WFG_PROVIDER: oneOf(PROVIDERS),
  WFG_ISSUER: serverUrl,
  WFG_TOKEN_ENDPOINT: serverUrl,
  WFG_CLIENT_ID: text,
  WFG_CLIENT_SECRET: text,
  WFG_CLIENT_SECRET_FILE: path,
  WFG_PRIVATE_KEY_FILE: path,
  WFG_PRIVATE_KEY_ID: text,
  WFG_CERTIFICATE_FILE: path,
  WFG_CLIENT_AUTH: oneOf(CLIENT_AUTHS),
  WFG_AUDIENCE: text,
  WFG_RESOURCE: text,
  WFG_SCOPE: text,
  WFG_ORGANIZATION: text,
  WFG_PROFILE: text,
  WFG_IMPERSONATE: {
    expected: 'a user name, with characters that an HTTP header can hold',
    schema: v.pipe(v.string(), v.regex(/^[ -~\u00a0-\u00ff]+$/)),
  },
  WFG_IMPERSONATE_HEADER: {
    expected: 'the name of an HTTP header',
    schema: v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~\w-]+$/)),
  },
  WFG_TIMEOUT_MS: wholeNumber(1, MAX_TIMEOUT_MS),
  WFG_CONCURRENCY: wholeNumber(1, 100),
  WFG_TOKEN_CACHE: oneOf(TOKEN_CACHES),
  WFG_CACHE_DIR: path,
  WFG_SHELL: text,
  WFG_DATABASE_URL: {
    expected:
      'the URL of a PostgreSQL database, such as postgres://user@db.example.com/wfg, with special characters in its password percent-encoded',
    schema: v.pipe(v.string(), v.regex(/^postgres(?:ql)?:\/\/[^\s]*$/)),
  },
  WFG_DRY_RUN: flag,
  WFG_PROTECTED: flag,
} satisfies Record<string, Rule>

export type SettingName = keyof typeof RULES

/** True if tokens and secrets may be sent there: https, or http on this computer, without user name and password. */
export function isServerUrl(value: string): boolean {
  if (!isPageUrl(value)) return false
  const { protocol, hostname } = new URL(value)
  return protocol === 'https:' || isLoopback(hostname)
}

// --- internal ---

/** True for an address that a link may have. */
function isPageUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password } = new URL(value)
  return /^https?:$/.test(protocol) && !username && !password
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
