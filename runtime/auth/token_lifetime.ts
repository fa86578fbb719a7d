/** An access token with its times: until when it may be used, and when it is renewed. */
import type { Host } from '../host/host.ts'

export interface AccessToken {
  readonly value: string
  /** Start of the request on the monotonic clock. Counted from the response, the lifetime would end too late. */
  readonly startedMs: number
  /** Milliseconds since 1970. */
  readonly requestedAtMs: number
  readonly lifetimeMs: number
  /** The token is no longer used when it has this much left, or less. */
  readonly leewayMs: number
  /** The token is renewed in the background when it has this much left, or less. */
  readonly renewalMs: number
  /** Until then, on the monotonic clock, some servers may not know the token yet. */
  readonly freshUntilMs: number
  /** Whether other processes can use it. */
  readonly isShared: boolean
}

interface TokenIssue extends Pick<AccessToken, 'value' | 'startedMs' | 'requestedAtMs' | 'isShared'> {
  /** Undefined if the server did not say. */
  readonly lifetimeSeconds: number | undefined
  /** When the response arrived, on the monotonic clock. */
  readonly arrivedMs: number
}

/** For a token whose lifetime the server did not say. */
const DEFAULT_LIFETIME_MS = 5 * 60_000
/** The leeway; a twentieth of the lifetime if that is shorter. */
const LEEWAY_MS = 30_000
/** When to renew; in the last tenth of the lifetime if that is shorter. */
const RENEWAL_MS = 5 * 60_000
/** Longest lifetime accepted. Larger figures are mistakes, and would overflow timers. */
const MAX_LIFETIME_MS = 30 * 24 * 3_600_000
/** How long servers may need to know a new token. */
const FRESH_MS = 5000

export function withLifetime({ lifetimeSeconds, arrivedMs, ...issue }: TokenIssue): AccessToken {
  const statedMs = lifetimeSeconds === undefined ? DEFAULT_LIFETIME_MS : lifetimeSeconds * 1000
  const lifetimeMs = Math.min(statedMs, MAX_LIFETIME_MS)
  return {
    ...issue,
    lifetimeMs,
    leewayMs: Math.min(LEEWAY_MS, lifetimeMs / 20),
    renewalMs: Math.min(RENEWAL_MS, lifetimeMs / 10),
    freshUntilMs: arrivedMs + FRESH_MS,
  }
}

/** Uses both clocks: the monotonic one stops while some computers sleep, and the wall clock may be set back. */
export function remainingMs(host: Pick<Host, 'nowMs' | 'monotonicMs'>, token: AccessToken): number {
  const byMonotonic = token.startedMs + token.lifetimeMs - host.monotonicMs()
  const byWall = token.requestedAtMs + token.lifetimeMs - host.nowMs()
  return Math.min(byMonotonic, byWall)
}
