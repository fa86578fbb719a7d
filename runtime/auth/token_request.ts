/** Requests an access token: the client credentials grant (RFC 6749 section 4.4) with oauth4webapi. */
import type * as oauth from 'oauth4webapi'
import { backoffMs } from '../core/backoff.ts'
import type { Deadline } from '../core/deadline.ts'
import { AccessTokenError, ConfigError } from '../core/errors.ts'
import { planTokenRequest, type TokenRequestPlan } from '../providers/providers.ts'
import type { Config } from '../settings/config.ts'
import { type ClientAuth, isServerUrl } from '../settings/setting_rules.ts'
import type { NetworkHost } from '../transport/transport.ts'
import { clientAuthentication } from './client_authentication.ts'
import { clockSkewMs } from './clock_skew.ts'
import { createRecordingFetch, type RecordingFetch } from './recording_fetch.ts'
import { tokenFailure } from './token_failure.ts'

export type TokenRequestHost = Pick<NetworkHost, 'transport' | 'nowMs' | 'random' | 'sleep' | 'redactor'>

export interface TokenEndpoint {
  readonly tokenEndpoint: string
  /** `client_secret_basic` if the metadata offer it and not `client_secret_post`. */
  readonly clientAuth?: ClientAuth | undefined
}

export interface IssuedToken {
  readonly value: string
  /** `expires_in`; undefined if the server sent none, or a senseless one. */
  readonly lifetimeSeconds: number | undefined
  /** The token endpoint that this request discovered, if it had to. */
  readonly discoveredEndpoint: TokenEndpoint | undefined
  /** Response headers that state how many tokens may be requested; names in lower case. */
  readonly quota: Readonly<Record<string, string>>
  /** Milliseconds by which the server's clock is ahead of this computer's; undefined if its response has no date. */
  readonly clockSkewMs?: number | undefined
}

const MAX_ATTEMPTS = 3
/** If a server asks for a longer wait, the request fails, and the message says how long. */
const MAX_WAIT_MS = 60_000

/**
 * Requests one access token. Retries at most twice after a failure that may pass (no connection, 5xx, 429).
 *
 * @param knownEndpoint result of an earlier discovery; discovered again if it does not answer like a token endpoint
 * @throws {AccessTokenError} `WFG_ACCESS_TOKEN`, with the server's error
 * @throws {ConfigError} `WFG_CONFIG` if a key or certificate cannot be used
 */
export async function requestAccessToken(
  host: TokenRequestHost,
  config: Config,
  deadline: Pick<Deadline, 'signal' | 'remainingMs'>,
  knownEndpoint?: TokenEndpoint,
): Promise<IssuedToken> {
  const plan = planTokenRequest(config)
  let known = plan.tokenEndpoint ? undefined : knownEndpoint
  const clock: ServerClock = { aheadMs: 0 }
  for (let attempt = 1; ; attempt += 1) {
    const failure = await attemptRequest(host, config, plan, { known, clock, signal: deadline.signal })
    if (!(failure instanceof AccessTokenError)) return failure
    if (deadline.signal.aborted) throw failure
    if (attempt === 1 && isWrongTime(config, failure, clock)) continue
    if (known !== undefined && failure.oauthError === undefined && failure.status !== 429) {
      known = undefined
      // A busy server is the right one, so the usual wait follows.
      if ((failure.status ?? 0) < 500 && attempt < MAX_ATTEMPTS) continue
    }
    const waitMs = failure.retryAfterMs ?? backoffMs(attempt, host.random)
    const inTime = waitMs <= MAX_WAIT_MS && waitMs < deadline.remainingMs()
    if (!mayPass(failure) || attempt >= MAX_ATTEMPTS || !inTime) throw failure
    await host.sleep(waitMs, deadline.signal).catch(() => {
      throw failure
    })
  }
}

/**
 * Returns the token endpoint of the settings or of the provider; without one, discovers it from the issuer's metadata.
 *
 * @throws {AccessTokenError} `WFG_ACCESS_TOKEN` if there are no usable metadata
 */
export async function findTokenEndpoint(
  host: TokenRequestHost,
  config: Config,
  signal: AbortSignal,
): Promise<TokenEndpoint> {
  const { tokenEndpoint, issuer, provider } = planTokenRequest(config)
  if (tokenEndpoint) return { tokenEndpoint: tokenEndpoint.href }
  const lib = await import('oauth4webapi')
  const exchange = createRecordingFetch(host)
  try {
    return await discover(lib, issuer, optionsOf(lib, exchange, signal))
  } catch (error) {
    exchange.hideSecrets(config.clientSecret?.reveal() ?? '')
    const action = `Cannot find the token endpoint of the issuer ${JSON.stringify(issuer)}`
    throw tokenFailure(host, { action, stage: 'discovery', provider, answer: exchange.answer, error, signal })
  }
}

// --- internal ---

/** As of the last response. */
interface ServerClock {
  aheadMs: number
}

/** Some servers refuse an assertion if its times differ by more. */
const ASSERTION_SKEW_MS = 5000

/** True if an assertion was refused because of this computer's clock. The next one uses the server's time. */
function isWrongTime({ clientAuth }: Config, { permanent, oauthError }: AccessTokenError, clock: ServerClock): boolean {
  const isRefused = clientAuth === 'private_key_jwt' && permanent && oauthError !== undefined
  return isRefused && Math.abs(clock.aheadMs) > ASSERTION_SKEW_MS
}

/** `isServerUrl` decides where plain http is allowed, for settings and metadata alike. */
function optionsOf(lib: typeof oauth, exchange: RecordingFetch, signal: AbortSignal) {
  return { signal, [lib.customFetch]: exchange.fetch, [lib.allowInsecureRequests]: true }
}

function mayPass({ permanent, status }: AccessTokenError): boolean {
  return !permanent && (status === undefined || status === 429 || status >= 500)
}

async function attemptRequest(
  host: TokenRequestHost,
  config: Config,
  plan: TokenRequestPlan,
  { known, clock, signal }: { known: TokenEndpoint | undefined; clock: ServerClock; signal: AbortSignal },
): Promise<IssuedToken | AccessTokenError> {
  const lib = await import('oauth4webapi')
  const exchange = createRecordingFetch(host)
  let endpoint: TokenEndpoint | undefined
  try {
    endpoint = known ?? (await findTokenEndpoint(host, config, signal))
    const server = { issuer: plan.issuer, token_endpoint: endpoint.tokenEndpoint }
    const client: oauth.Client = { client_id: config.clientId, [lib.clockSkew]: Math.round(clock.aheadMs / 1000) }
    const response = await lib.clientCredentialsGrantRequest(
      server,
      client,
      await clientAuthentication(lib, host.redactor, config, plan, endpoint.clientAuth),
      new URLSearchParams(plan.parameters),
      optionsOf(lib, exchange, signal),
    )
    const token = await lib.processClientCredentialsResponse(server, client, response)
    host.redactor.add(token.access_token)
    const headers = exchange.answer?.headers ?? {}
    if (token.token_type !== 'bearer') throw new Error('the token is no bearer token')
    if (!HEADER_TEXT.test(token.access_token)) throw new Error('no header can carry the token')
    return {
      value: token.access_token,
      lifetimeSeconds: token.expires_in,
      discoveredEndpoint: plan.tokenEndpoint || known ? undefined : endpoint,
      quota: quotaOf(headers),
      clockSkewMs: clockSkewMs(headers['date'], host.nowMs()),
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    if (error instanceof AccessTokenError) return error
    exchange.hideSecrets(config.clientSecret?.reveal() ?? '')
    clock.aheadMs = clockSkewMs(exchange.answer?.headers['date'], host.nowMs()) ?? clock.aheadMs
    const action = `Cannot get an access token from ${JSON.stringify(endpoint?.tokenEndpoint ?? '')} for the client ${JSON.stringify(config.clientId)}`
    const { provider } = plan
    return tokenFailure(host, { action, stage: 'token', provider, answer: exchange.answer, error, signal })
  }
}

async function discover(
  lib: typeof oauth,
  issuer: string,
  options: oauth.DiscoveryRequestOptions,
): Promise<TokenEndpoint> {
  const url = new URL(issuer)
  const response = await lib.discoveryRequest(url, { ...options, algorithm: 'oidc' })
  const { token_endpoint: tokenEndpoint, token_endpoint_auth_methods_supported: methods } =
    await lib.processDiscoveryResponse(url, response)
  if (!tokenEndpoint || !isServerUrl(tokenEndpoint)) throw new Error('the metadata names no usable token endpoint')
  const offers = (method: ClientAuth) => Array.isArray(methods) && methods.includes(method)
  const isBasic = offers('client_secret_basic') && !offers('client_secret_post')
  return { tokenEndpoint, clientAuth: isBasic ? 'client_secret_basic' : undefined }
}

/** Characters of a bearer token. RFC 6750 section 2.1 allows fewer. */
const HEADER_TEXT = /^[\x21-\x7e]+$/

/** Headers such as Auth0's `Auth0-Client-Quota-Limit`, and the usual ones for rate limits. */
const QUOTA = /^(auth0-(client|organization)-quota-limit|x-rate-?limit-[\w-]+)$/

function quotaOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => QUOTA.test(name)))
}
