/** Waits between two attempts of a call. */
import { clockSkewMs } from '../../auth/clock_skew.ts'
import { backoffMs, retryAfterMs } from '../../core/backoff.ts'
import type { Deadline } from '../../core/deadline.ts'
import { TransportFailure, type TransportResponse } from '../../transport/transport.ts'
import type { ClientHost } from '../client/connection.ts'

/**
 * Waits exactly as long as `Retry-After` says, or fails at once if that exceeds the deadline.
 *
 * @param attempt number of failed attempts, from 1
 * @param tooLong makes the error for a wait beyond the deadline. `more` says how long the server asked to wait
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
  // A date is by the server's clock, which may differ from ours.
  return retryAfterMs(asked, host.nowMs() + (clockSkewMs(date, host.nowMs()) ?? 0))
}
