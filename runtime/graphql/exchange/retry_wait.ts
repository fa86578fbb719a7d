/** The wait between two attempts of a call. */
import { clockSkewMs } from '../../auth/clock_skew.ts'
import { backoffMs, retryAfterMs } from '../../core/backoff.ts'
import type { Deadline } from '../../core/deadline.ts'
import { TransportFailure, type TransportResponse } from '../../transport/transport.ts'
import type { ClientHost } from '../client/connection.ts'

/**
 * Obeys `Retry-After` exactly, or fails at once: asking too early helps nobody.
 *
 * @param attempt how many attempts have failed, from 1
 * @param tooLong makes the error for a wait that ends after the deadline; `more` tells how long the server asked to wait
 */
export async function waitForRetry(
  host: ClientHost,
  deadline: Deadline,
  attempt: number,
  response: TransportResponse | TransportFailure,
  tooLong: (more?: string) => unknown,
): Promise<void> {
  const askedMs = retryAfterOf(host, response)
  const waitMs = askedMs ?? backoffMs(attempt, host.random)
  const leftMs = deadline.remainingMs()
  if (waitMs < leftMs) {
    return host.sleep(waitMs, deadline.signal).catch((reason) => {
      throw deadline.expired ? tooLong() : reason
    })
  }
  if (askedMs === undefined) throw tooLong()
  const left = `${Math.floor(leftMs / 1000)} s are left of the call's time`
  throw tooLong(`It asks to wait ${Math.ceil(askedMs / 1000)} s, and ${left}.`)
}

// --- internal ---

function retryAfterOf(host: ClientHost, response: TransportResponse | TransportFailure): number | undefined {
  if (response instanceof TransportFailure) return undefined
  const { date, 'retry-after': asked } = response.headers
  // A date means the server's clock, which may not be ours.
  return retryAfterMs(asked, host.nowMs() + (clockSkewMs(date, host.nowMs()) ?? 0))
}
