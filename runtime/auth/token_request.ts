/** One access token request: the client credentials grant (RFC 6749 section 4.4) by oauth4webapi, failures in one shape. */
import type * as oauth from 'oauth4webapi'
import { backoffMs, retryAfterMs } from '../backoff.ts'
import type { Config } from '../config.ts'
import type { Deadline } from '../deadline.ts'
import { AccessTokenError, ConfigError } from '../errors.ts'
import type { Host } from '../host.ts'
import { TransportFailure, type TransportResponse } from '../transport/transport.ts'
import { planTokenRequest, type TokenRequestPlan } from './providers.ts'
import { nextStep } from './remedies.ts'

export type TokenRequestHost = Pick<Host, 'transport' | 'nowMs' | 'random' | 'sleep' | 'redactor'>

export interface IssuedToken {
  readonly value: string
  /** `expires_in`; undefined where the server gave none that makes sense. */
  readonly lifetimeSeconds: number | undefined
  readonly scope: string | undefined
}

/** A body larger than any token. */
const MAX_ANSWER_BYTES = 1024 * 1024
const MAX_ATTEMPTS = 3

/**
 * Requests one access token; asks again, at most twice, where the failure may heal by itself (no connection, 5xx, 429).
 *
 * @throws {AccessTokenError} `WFG_ACCESS_TOKEN`, saying what the server said
 */
export async function requestAccessToken(
  host: TokenRequestHost,
  config: Config,
  deadline: Pick<Deadline, 'signal' | 'remainingMs'>,
): Promise<IssuedToken> {
  const plan = planTokenRequest(config)
  for (let attempt = 1; ; attempt += 1) {
    const failure = await attemptRequest(host, config, plan, deadline.signal)
    if (!(failure instanceof AccessTokenError)) return failure
    const waitMs = failure.retryAfterMs ?? backoffMs(attempt, host.random)
    const limitMs = Math.min(MAX_WAIT_MS, deadline.remainingMs())
    const heals =
      !failure.permanent && !deadline.signal.aborted && (failure.status === undefined || isPassing(failure.status))
    if (!heals || attempt >= MAX_ATTEMPTS || waitMs > limitMs) throw failure
    await host.sleep(waitMs, deadline.signal).catch(() => {
      throw failure
    })
  }
}

// --- internal ---

/** A server that asks for a longer pause gets it from the person, who is told the figure. */
const MAX_WAIT_MS = 60_000

function isPassing(status: number): boolean {
  return status === 429 || status >= 500
}

async function attemptRequest(
  host: TokenRequestHost,
  config: Config,
  plan: TokenRequestPlan,
  signal: AbortSignal,
): Promise<IssuedToken | AccessTokenError> {
  const lib = await import('oauth4webapi')
  const answers = recordingFetch(host)
  const options = { signal, [lib.customFetch]: answers.fetch, [lib.allowInsecureRequests]: true }
  let endpoint = plan.tokenEndpoint?.href ?? plan.issuer
  try {
    const server = plan.tokenEndpoint
      ? { issuer: plan.issuer, token_endpoint: plan.tokenEndpoint.href }
      : await discover(lib, plan.issuer, options)
    endpoint = server.token_endpoint ?? endpoint
    const client: oauth.Client = { client_id: config.clientId }
    const response = await lib.clientCredentialsGrantRequest(
      server,
      client,
      clientAuthentication(lib, config),
      new URLSearchParams(plan.parameters),
      options,
    )
    const token = await lib.processClientCredentialsResponse(server, client, response)
    host.redactor.add(token.access_token)
    return { value: token.access_token, lifetimeSeconds: token.expires_in, scope: token.scope }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    return failureOf(error, endpoint, config, answers.last(), host, signal)
  }
}

/** Where http is refused is decided once, when the settings are read; loopback is the exception. */
async function discover(
  lib: typeof oauth,
  issuer: string,
  options: oauth.DiscoveryRequestOptions,
): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer)
  const response = await lib.discoveryRequest(url, { ...options, algorithm: 'oidc' })
  return lib.processDiscoveryResponse(url, response)
}

function clientAuthentication(lib: typeof oauth, config: Config): oauth.ClientAuth {
  const secret = config.clientSecret?.reveal()
  if (config.clientAuth === 'private_key_jwt' || secret === undefined) {
    throw new ConfigError(
      'Cannot authenticate with "private_key_jwt": this version signs with a client secret only; set WFG_CLIENT_AUTH to client_secret_post or client_secret_basic.',
    )
  }
  return config.clientAuth === 'client_secret_basic' ? lib.ClientSecretBasic(secret) : lib.ClientSecretPost(secret)
}

interface RecordedAnswer {
  status: number
  headers: Record<string, string>
  text: string
}

/**
 * A `fetch` over our transport that keeps what the server said: the library looks at a challenge before the body, drops
 * the body of a 5xx, and puts whole responses, tokens included, into its errors.
 */
function recordingFetch(host: Pick<Host, 'transport'>) {
  let last: RecordedAnswer | undefined
  return {
    last: () => last,
    async fetch(url: string, init: oauth.CustomFetchOptions<string, unknown>): Promise<Response> {
      last = undefined
      const answer = await host.transport.send({
        url: new URL(url),
        method: init.method as 'GET' | 'POST',
        headers: init.headers,
        body: init.body === undefined || init.body === null ? undefined : String(init.body),
        once: true,
        signal: init.signal ?? new AbortController().signal,
        maxBytes: MAX_ANSWER_BYTES,
      })
      const text = new TextDecoder().decode(answer.body)
      last = { status: answer.status, headers: answer.headers, text }
      return toResponse(answer, text)
    },
  }
}

function toResponse(answer: TransportResponse, text: string): Response {
  const { 'content-type': type = '', 'www-authenticate': challenge } = answer.headers
  const headers = new Headers({ 'content-type': type, ...(challenge ? { 'www-authenticate': challenge } : {}) })
  const empty = answer.status === 204 || answer.status === 205 || answer.status === 304
  return new Response(empty ? null : sensibleLifetime(text), { status: answer.status, headers })
}

/** Servers send lifetimes that are negative or no number; the library would refuse the whole token for it. */
function sensibleLifetime(text: string): string {
  const body = parseObject(text)
  if (!body || !('expires_in' in body)) return text
  const seconds = typeof body['expires_in'] === 'string' ? Number.parseFloat(body['expires_in']) : body['expires_in']
  const sensible = typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0
  const { expires_in: _, ...rest } = body
  return JSON.stringify(sensible ? { ...rest, expires_in: seconds } : rest)
}

function failureOf(
  error: unknown,
  endpoint: string,
  config: Config,
  answer: RecordedAnswer | undefined,
  host: TokenRequestHost,
  signal: AbortSignal,
): AccessTokenError {
  const action = `Cannot get an access token from ${JSON.stringify(endpoint)} for the client ${JSON.stringify(config.clientId)}`
  if (!answer) {
    const reason = signal.aborted ? messageOf(signal.reason) : networkReason(error)
    return new AccessTokenError(host.redactor.text(`${action}: no answer: ${reason}. ${nextStep({})}`))
  }
  const body = parseObject(answer.text)
  const oauthError = textOf(body?.['error'])
  const description = textOf(body?.['error_description'])
  const said = saying(answer, oauthError, description, error)
  const waitMs = retryAfterMs(answer.headers['retry-after'], host.nowMs())
  const pause = waitMs === undefined ? '' : ` It asks to wait ${Math.ceil(waitMs / 1000)} s.`
  const step = nextStep({ status: answer.status, oauthError })
  return new AccessTokenError(host.redactor.text(`${action}: ${said}.${pause} ${step}`), {
    status: answer.status,
    oauthError: oauthError && host.redactor.text(oauthError),
    description: description && host.redactor.text(description),
    retryAfterMs: waitMs,
    permanent: answer.status < 500 && answer.status !== 429 && answer.status !== 408,
  })
}

function networkReason(error: unknown): string {
  return error instanceof TransportFailure ? `${error.message} (${error.reason})` : messageOf(error)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What the server said, in its own words where it had any. */
function saying(
  answer: RecordedAnswer,
  oauthError: string | undefined,
  description: string | undefined,
  error: unknown,
) {
  const { status, headers, text } = answer
  if (oauthError !== undefined) {
    return `the server answered ${status} ${oauthError}${description ? ` (${description.replace(/\.$/, '')})` : ''}`
  }
  if (status >= 300 && status < 400) return `the server answered ${status}, a redirect, which is not followed`
  const type = headers['content-type']?.split(';')[0]?.trim() || 'no content type'
  if (status !== 200) return `the server answered ${status} with ${type}${excerpt(text, type)}`
  if (!/\bjson\b/.test(type)) return `the server answered 200 with ${type}, not with JSON${excerpt(text, type)}`
  // A 200 that the library refuses may hold a token, so nothing of the body is repeated.
  return `the server answered 200 with JSON that is no access token response (${(error as { code?: string }).code ?? 'unreadable'})`
}

function excerpt(text: string, type: string): string {
  const words = type.includes('html') ? (/<title[^>]*>([^<]*)/i.exec(text)?.[1] ?? '') : text
  const line = words.replace(/\s+/g, ' ').trim().replace(/\.$/, '')
  if (!line) return ''
  return `: ${line.length > 200 ? `${line.slice(0, 200)}…` : line}`
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
