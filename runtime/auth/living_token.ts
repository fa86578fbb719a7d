/** When an access token may be used, and when it is time for another. */
import type { Host } from '../host/host.ts'

export interface LivingToken {
  readonly value: string
  /** On the monotonic clock. */
  readonly startedMs: number
  /** Milliseconds since 1970. */
  readonly requestedAtMs: number
  readonly lifetimeMs: number
  /** It is not used with less left than this. */
  readonly leewayMs: number
  /** It is renewed in the background with this left, or less. */
  readonly renewalMs: number
  /** Until then, on the monotonic clock, servers may not all know it. */
  readonly freshUntilMs: number
  /** Whether other processes can have it. */
  readonly isShared: boolean
}

/** For a token whose lifetime the server did not say. */
const DEFAULT_LIFETIME_MS = 5 * 60_000
/** A token is not used closer to its end than this, or than a twentieth of a short life. */
const LEEWAY_MS = 30_000
/** From here on it is renewed in the background while it still serves; or from the last tenth of a short life on. */
const RENEWAL_MS = 5 * 60_000
/** Longest life believed: larger figures are mistakes, and would overflow timers. */
const MAX_LIFETIME_MS = 30 * 24 * 3_600_000
/** How long after its request a refusal may be due to servers that do not know it yet. */
const FRESH_MS = 5000

export interface Issue {
  readonly value: string
  /** Undefined where the server did not say. */
  readonly lifetimeSeconds: number | undefined
  /** Before the request: counted from its answer, the lifetime would end too late. */
  readonly startedMs: number
  readonly requestedAtMs: number
  /** When it arrived, on the monotonic clock. */
  readonly arrivedMs: number
  readonly isShared: boolean
}

export function livingToken({ lifetimeSeconds, arrivedMs, ...issue }: Issue): LivingToken {
  const saidMs = lifetimeSeconds === undefined ? DEFAULT_LIFETIME_MS : lifetimeSeconds * 1000
  const lifetimeMs = Math.min(saidMs, MAX_LIFETIME_MS)
  return {
    ...issue,
    lifetimeMs,
    leewayMs: Math.min(LEEWAY_MS, lifetimeMs / 20),
    renewalMs: Math.min(RENEWAL_MS, lifetimeMs / 10),
    freshUntilMs: arrivedMs + FRESH_MS,
  }
}

/** By both clocks: the monotonic one stands still while some computers sleep, the wall clock may be set back. */
export function remainingMs(host: Pick<Host, 'nowMs' | 'monotonicMs'>, token: LivingToken): number {
  const byMonotonic = token.startedMs + token.lifetimeMs - host.monotonicMs()
  const byWall = token.requestedAtMs + token.lifetimeMs - host.nowMs()
  return Math.min(byMonotonic, byWall)
}
