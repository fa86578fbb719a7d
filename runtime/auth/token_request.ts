/** One access token request: the client credentials grant (RFC 6749 section 4.4) by oauth4webapi. */
import type * as oauth from 'oauth4webapi'
import { backoffMs } from '../backoff.ts'
import type { Config } from '../config.ts'
import type { Deadline } from '../deadline.ts'
import { AccessTokenError, ConfigError } from '../errors.ts'
import type { Host } from '../host.ts'
import { isServerUrl } from '../setting_rules.ts'
import { planTokenRequest, type TokenRequestPlan } from './providers.ts'
import { parseObject, type RecordedAnswer, tokenFailure } from './token_failure.ts'

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
/** A server that asks for a longer pause gets it from the person, who is told the figure. */
const MAX_WAIT_MS = 60_000
/** Ten years: a larger figure is no lifetime. */
const MAX_LIFETIME_SECONDS = 315_360_000

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
    const inTime = waitMs <= MAX_WAIT_MS && waitMs < deadline.remainingMs()
    if (!mayHeal(failure) || attempt >= MAX_ATTEMPTS || !inTime || deadline.signal.aborted) throw failure
    await host.sleep(waitMs, deadline.signal).catch(() => {
      throw failure
    })
  }
}

// --- internal ---

function mayHeal({ permanent, status }: AccessTokenError): boolean {
  return !permanent && (status === undefined || status === 429 || status >= 500)
}

async function attemptRequest(
  host: TokenRequestHost,
  config: Config,
  plan: TokenRequestPlan,
  signal: AbortSignal,
): Promise<IssuedToken | AccessTokenError> {
  const lib = await import('oauth4webapi')
  const exchange = recordingFetch(host)
  // Where http may be spoken is decided by `isServerUrl`, for settings and metadata alike.
  const options = { signal, [lib.customFetch]: exchange.fetch, [lib.allowInsecureRequests]: true }
  let server = plan.tokenEndpoint && { issuer: plan.issuer, token_endpoint: plan.tokenEndpoint.href }
  try {
    server ??= await discover(lib, plan.issuer, options)
    const client: oauth.Client = { client_id: config.clientId }
    const response = await lib.clientCredentialsGrantRequest(
      server,
      client,
      clientAuthentication(lib, config),
      new URLSearchParams(plan.parameters),
      options,
    )
    const token = await lib.processClientCredentialsResponse(server, client, response)
    if (token.token_type !== 'bearer') throw new Error('the token is no bearer token')
    host.redactor.add(token.access_token)
    return { value: token.access_token, lifetimeSeconds: token.expires_in, scope: token.scope }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    exchange.hideSecrets(config.clientSecret?.reveal() ?? '')
    const action = server
      ? `Cannot get an access token from ${JSON.stringify(server.token_endpoint)} for the client ${JSON.stringify(config.clientId)}`
      : `Cannot find the token endpoint of the issuer ${JSON.stringify(plan.issuer)}`
    return tokenFailure(host, { action, stage: server ? 'token' : 'discovery', answer: exchange.answer, error, signal })
  }
}

async function discover(
  lib: typeof oauth,
  issuer: string,
  options: oauth.DiscoveryRequestOptions,
): Promise<{ issuer: string; token_endpoint: string }> {
  const url = new URL(issuer)
  const response = await lib.discoveryRequest(url, { ...options, algorithm: 'oidc' })
  const { token_endpoint } = await lib.processDiscoveryResponse(url, response)
  if (!token_endpoint || !isServerUrl(token_endpoint)) throw new Error('the metadata names no usable token endpoint')
  return { issuer, token_endpoint }
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

/**
 * A `fetch` over our transport that keeps what the server said: the library looks at a challenge before the body, drops
 * the body of a 5xx, and puts whole responses, tokens included, into its errors.
 */
function recordingFetch(host: Pick<Host, 'transport' | 'redactor'>) {
  let answer: RecordedAnswer | undefined
  let credentials = ''
  return {
    get answer() {
      return answer
    },
    async fetch(url: string, init: oauth.CustomFetchOptions<string, unknown>): Promise<Response> {
      answer = undefined
      credentials = init.headers['authorization']?.replace(/^Basic /, '') ?? ''
      const { status, headers, body } = await host.transport.send({
        url: new URL(url),
        method: init.method as 'GET' | 'POST',
        headers: init.headers,
        body: init.body === undefined || init.body === null ? undefined : String(init.body),
        once: true,
        signal: init.signal ?? new AbortController().signal,
        maxBytes: MAX_ANSWER_BYTES,
      })
      answer = { status, headers, text: new TextDecoder().decode(body) }
      return toResponse(answer)
    },
    /** A server may repeat in its answer what it was sent. */
    hideSecrets(secret: string): void {
      for (const value of [secret, credentials]) host.redactor.add(value)
    },
  }
}

function toResponse({ status, headers, text }: RecordedAnswer): Response {
  const { 'content-type': type = '', 'www-authenticate': challenge } = headers
  const kept = new Headers({ 'content-type': type, ...(challenge ? { 'www-authenticate': challenge } : {}) })
  const empty = status === 204 || status === 205 || status === 304
  return new Response(empty ? null : status === 200 ? tokenMembers(text) : text, { status, headers: kept })
}

/** Servers send lifetimes that are no number, scopes that are null, and more; the library would refuse the token for it. */
function tokenMembers(text: string): string {
  const body = parseObject(text)
  if (!body || !('access_token' in body)) return text
  const { access_token, token_type, expires_in, scope } = body
  const seconds = typeof expires_in === 'string' ? Number.parseFloat(expires_in) : expires_in
  const sensible = typeof seconds === 'number' && seconds > 0 && seconds <= MAX_LIFETIME_SECONDS
  return JSON.stringify({
    access_token,
    token_type,
    ...(sensible ? { expires_in: seconds } : {}),
    ...(typeof scope === 'string' ? { scope } : {}),
  })
}
