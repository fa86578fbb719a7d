/** Makes the error of a failed token request from the recorded response: the library's own error may hold a token. */
import { retryAfterMs } from '../core/backoff.ts'
import { AccessTokenError } from '../core/errors.ts'
import type { Redactor } from '../core/redact.ts'
import type { Host } from '../host/host.ts'
import { nextStep } from '../providers/remedies.ts'
import { requestIdsText } from '../providers/request_ids.ts'
import type { ProviderName } from '../settings/setting_rules.ts'
import { transportRemedy } from '../transport/remedy.ts'
import { TransportFailure } from '../transport/transport.ts'
import { clockSkewMs, clockSkewText } from './clock_skew.ts'

/** The complete response. */
export interface RecordedAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

interface FailedExchange {
  /** Start of the message: what failed, and for which URL. */
  readonly action: string
  readonly stage: 'discovery' | 'token'
  readonly provider?: ProviderName | undefined
  /** Undefined if no complete response arrived; then `error` says why. */
  readonly answer: RecordedAnswer | undefined
  readonly error: unknown
  readonly signal: AbortSignal
}

export function tokenFailure(host: Pick<Host, 'nowMs' | 'redactor'>, failed: FailedExchange): AccessTokenError {
  const { action, answer, stage, provider } = failed
  const hide = (text: string) => withoutTokens(host.redactor, text)
  if (!answer) {
    const failure = failed.error instanceof TransportFailure ? failed.error : undefined
    const remedy = (failure && transportRemedy(failure)) ?? nextStep({ stage, provider })
    const message = `${action}: ${hide(noAnswer(failed))}. ${remedy}`
    return new AccessTokenError(message, { remedy, permanent: failure?.isPermanent })
  }
  const { status, headers } = answer
  const body = parseObject(answer.text)
  const oauthError = hidden(hide, body?.['error'])
  const description = hidden(hide, body?.['error_description'])
  const waitMs = waitAskedMs(answer, host.nowMs())
  const said = oauthError === undefined ? unexpected(stage, answer, body, hide) : refusal(oauthError, description)
  const facts = [
    ...(waitMs === undefined ? [] : [`It asks to wait ${Math.ceil(waitMs / 1000)} s.`]),
    ...clockSkewText(clockSkewMs(headers['date'], host.nowMs())),
    ...requestIdsText(headers, body, description).map(hide),
  ]
  const remedy = nextStep({ stage, provider, status, oauthError, text: hintsOf(answer, body) })
  const message = [`${action}: the server answered ${status}${said}.`, ...facts, remedy].join(' ')
  const permanent = isPermanent(status, oauthError, body !== undefined)
  return new AccessTokenError(message, { remedy, status, oauthError, description, retryAfterMs: waitMs, permanent })
}

/** Parses a JSON object; undefined for anything else. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

// --- internal ---

/** Error codes of a busy server, whatever its status. */
const TEMPORARY_ERRORS = new Set(['temporarily_unavailable', 'server_error', 'slow_down'])
const TEMPORARY_STATUSES = new Set([408, 425, 429])

/** A page or a redirect may come from a server under maintenance; a refusal or other JSON is final. */
function isPermanent(status: number, oauthError: string | undefined, isJson: boolean): boolean {
  if (status >= 500 || TEMPORARY_STATUSES.has(status) || TEMPORARY_ERRORS.has(oauthError ?? '')) return false
  return status >= 400 || isJson
}

/** The text by which a remedy is chosen: the description, Microsoft's error numbers, or the body if it is not JSON. */
function hintsOf({ text }: RecordedAnswer, body: Record<string, unknown> | undefined): string {
  const { error_description: description, error_codes: codes } = body ?? {}
  if (body === undefined) return text.slice(0, 1000)
  const numbers = Array.isArray(codes) ? codes.map((code) => ` AADSTS${String(code)}`) : []
  return `${typeof description === 'string' ? description : ''}${numbers.join('')}`
}

/** Headers that say when a rate limit resets, in seconds since 1970. */
const RESET_HEADERS = ['x-ratelimit-reset', 'x-rate-limit-reset']

function waitAskedMs({ status, headers }: RecordedAnswer, nowMs: number): number | undefined {
  // These times are on the server's clock.
  const serverMs = nowMs + (clockSkewMs(headers['date'], nowMs) ?? 0)
  const asked = retryAfterMs(headers['retry-after'], serverMs)
  if (asked !== undefined || status !== 429) return asked
  const reset = RESET_HEADERS.map((name) => headers[name]).find((value) => /^\d{9,11}$/.test(value ?? ''))
  const waitMs = Number(reset ?? Number.NaN) * 1000 - serverMs
  return waitMs > 0 ? waitMs : undefined
}

function noAnswer({ error, signal }: FailedExchange): string {
  if (signal.aborted) return messageOf(signal.reason)
  if (error instanceof TransportFailure) return `no complete answer came: ${error.message} (${error.reason})`
  return `no answer came: ${messageOf(error)}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function refusal(oauthError: string, description: string | undefined): string {
  const words = description === undefined ? '' : oneLine(description, 1000)
  return ` ${oneLine(oauthError, 100)}${words ? ` (${words})` : ''}`
}

type Hide = (text: string) => string

/** Describes a response that is not an OAuth error response. */
function unexpected(
  stage: FailedExchange['stage'],
  { status, headers, text }: RecordedAnswer,
  body: Record<string, unknown> | undefined,
  hide: Hide,
): string {
  if (status >= 300 && status < 400) return `, a redirect${originOf(headers['location'])}, which is not followed`
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() || 'no content type'
  if (status === 200 && body) return ` with JSON, but ${stage === 'discovery' ? metadataFault(body) : tokenFault(body)}`
  if (status === 200 && /\bjson\b/.test(type)) return ' with invalid JSON'
  const found = ` with ${oneLine(hide(type), 100)}`
  if (type.includes('html')) return `${found}${quoted(hide(/<title[^<>]*>([^<]*)/i.exec(text)?.[1] ?? ''))}`
  // The body of a successful response may hold a token, so it is not shown.
  return status < 300 ? found : `${found}${quoted(hide(text))}`
}

function tokenFault(body: Record<string, unknown>): string {
  if (typeof body['access_token'] !== 'string' || body['access_token'] === '') return 'without an access_token'
  if (typeof body['token_type'] !== 'string') return 'without a token_type'
  if (body['token_type'].toLowerCase() !== 'bearer') return 'the token_type is not "Bearer"'
  return 'the access_token holds a character that is not allowed in a header'
}

function metadataFault(body: Record<string, unknown>): string {
  const { issuer, token_endpoint: endpoint } = body
  if (typeof issuer !== 'string') return 'without an issuer'
  if (typeof endpoint !== 'string') return 'without a token_endpoint'
  return `its issuer is ${JSON.stringify(oneLine(issuer, 200))} and its token_endpoint ${JSON.stringify(oneLine(endpoint, 200))}; the issuer must be the one in the settings, and the endpoint an https URL`
}

function originOf(location: string | undefined): string {
  return location !== undefined && URL.canParse(location) ? ` to ${JSON.stringify(new URL(location).origin)}` : ''
}

function hidden(hide: Hide, value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? hide(value) : undefined
}

/** Members and parameters that hold a token, also in truncated JSON. */
const TOKEN_MEMBER = /((?:access|id|refresh)_token["']?\s*[:=]\s*["']?)[^"'&\s,}]+/gi
/** A JWT. It starts at the start of a word, or a long text without dots would take minutes. */
const JWT = /(?<![\w-])[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g

/** Called before a text is truncated: half a secret would not be recognised. */
function withoutTokens(redactor: Redactor, text: string): string {
  return redactor.text(text).replace(TOKEN_MEMBER, '$1[redacted]').replace(JWT, '[redacted]')
}

function quoted(text: string): string {
  const words = oneLine(text, 200)
  return words ? `: ${words}` : ''
}

/** Removes line breaks, control characters and the final full stop, and truncates the text. */
function oneLine(text: string, maxLength: number): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line.replace(/\.$/, '')
}
