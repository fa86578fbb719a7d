/** The access token's life in this process: requested once for all callers, kept in memory, renewed before it expires. */
import { type Deadline, startDeadline } from '../deadline.ts'
import { AccessTokenError } from '../errors.ts'
import type { Host } from '../host.ts'
import type { IssuedToken } from './token_request.ts'

export interface AccessTokenStatus {
  /** Whether there is a token that would be used now. */
  readonly valid: boolean
  /** When it was requested, milliseconds since 1970; undefined where there is none. */
  readonly requestedAtMs: number | undefined
  readonly remainingMs: number | undefined
}

export interface AccessTokenSource {
  /**
   * The token to use now; any number of calls at once make one request.
   *
   * @throws {AccessTokenError} `WFG_ACCESS_TOKEN`
   */
  get(options?: { signal?: AbortSignal | undefined }): Promise<string>
  status(): AccessTokenStatus
  /** Forgets `value` if it is still the current token: a late refusal of an older one changes nothing. */
  invalidate(value: string): void
  /** Forgets the token and what was learnt about failures; a request under way serves only those who wait for it. */
  clear(): void
}

export interface AccessTokenOptions {
  host: Pick<Host, 'nowMs' | 'monotonicMs' | 'after'>
  request(deadline: Deadline): Promise<IssuedToken>
  /** For a token request as a whole; shared by all who wait, so no single caller's deadline ends it. */
  timeoutMs: number
}

/** For a token whose lifetime the server did not say. */
const DEFAULT_LIFETIME_MS = 5 * 60_000
/** A token is not used closer to its end than this, or than a twentieth of a short life. */
const LEEWAY_MS = 30_000
/** From here on it is renewed in the background while it still serves; or from the last tenth of a short life on. */
const RENEWAL_MS = 5 * 60_000
/** Between the starts of two renewals in the background. */
const RENEWAL_PAUSE_MS = 30_000
/** Longest life believed: larger figures are mistakes, and would overflow timers. */
const MAX_LIFETIME_MS = 30 * 24 * 3_600_000

export function createAccessTokenSource({ host, request, timeoutMs }: AccessTokenOptions): AccessTokenSource {
  let current: CachedToken | undefined
  let pending: Promise<CachedToken> | undefined
  let permanentFailure: AccessTokenError | undefined
  let renewalNotBeforeMs = 0

  /** Everything is settled where the request ends, and only if it is still the current one: `clear` lets it go. */
  const requestShared = (): Promise<CachedToken> => {
    if (pending) return pending
    const started = requestToken().then(
      (token) => {
        if (pending === started) [pending, current] = [undefined, token]
        return token
      },
      (error) => {
        if (pending === started) [pending, permanentFailure] = [undefined, permanentOf(error)]
        throw error
      },
    )
    pending = started
    return started
  }

  const requestToken = async (): Promise<CachedToken> => {
    const startedMs = host.monotonicMs()
    const requestedAtMs = host.nowMs()
    const deadline = startDeadline(host, timeoutMs)
    try {
      return cached(await request(deadline), startedMs, requestedAtMs)
    } finally {
      deadline.clear()
    }
  }

  const renewInBackground = (): void => {
    if (pending || permanentFailure || host.monotonicMs() < renewalNotBeforeMs) return
    renewalNotBeforeMs = host.monotonicMs() + RENEWAL_PAUSE_MS
    // The token still serves, so nobody needs to know.
    requestShared().catch(() => {})
  }

  return {
    async get({ signal } = {}) {
      signal?.throwIfAborted()
      if (current && remainingMs(current) > current.leewayMs) {
        if (remainingMs(current) <= current.renewalMs) renewInBackground()
        return current.value
      }
      if (permanentFailure) throw permanentFailure
      return (await unlessAborted(requestShared(), signal)).value
    },
    status() {
      if (!current) return { valid: false, requestedAtMs: undefined, remainingMs: undefined }
      const left = remainingMs(current)
      return { valid: left > current.leewayMs, requestedAtMs: current.requestedAtMs, remainingMs: Math.max(0, left) }
    },
    invalidate(value) {
      if (current?.value === value) current = undefined
    },
    clear() {
      current = undefined
      pending = undefined
      permanentFailure = undefined
      renewalNotBeforeMs = 0
    },
  }

  /** By both clocks: the monotonic one stands still while some computers sleep, the wall clock may be set back. */
  function remainingMs(token: CachedToken): number {
    const byMonotonic = token.startedMs + token.lifetimeMs - host.monotonicMs()
    const byWall = token.requestedAtMs + token.lifetimeMs - host.nowMs()
    return Math.min(byMonotonic, byWall)
  }
}

// --- internal ---

interface CachedToken {
  readonly value: string
  readonly startedMs: number
  readonly requestedAtMs: number
  readonly lifetimeMs: number
  readonly leewayMs: number
  readonly renewalMs: number
}

/** The lifetime counts from before the request: counted from its answer, it would end too late. */
function cached(issued: IssuedToken, startedMs: number, requestedAtMs: number): CachedToken {
  const saidMs = issued.lifetimeSeconds === undefined ? DEFAULT_LIFETIME_MS : issued.lifetimeSeconds * 1000
  const lifetimeMs = Math.min(saidMs, MAX_LIFETIME_MS)
  return {
    value: issued.value,
    startedMs,
    requestedAtMs,
    lifetimeMs,
    leewayMs: Math.min(LEEWAY_MS, lifetimeMs / 20),
    renewalMs: Math.min(RENEWAL_MS, lifetimeMs / 10),
  }
}

function permanentOf(error: unknown): AccessTokenError | undefined {
  return error instanceof AccessTokenError && error.permanent ? error : undefined
}

/** An aborted caller leaves; the request goes on for the others. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
