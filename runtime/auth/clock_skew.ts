/** How far this computer's clock is from a server's, by the header `Date` (RFC 9110 section 6.6.1). */

/** A smaller difference is not reported: the header has whole seconds, and a response takes time to arrive. */
export const NOTICEABLE_SKEW_MS = 60_000

/**
 * @param nowMs this computer's clock when the response arrived
 * @returns milliseconds by which the server's clock is ahead of this computer's; negative if it is behind; undefined if
 *   the header is missing or not a date
 */
export function clockSkewMs(header: string | undefined, nowMs: number): number | undefined {
  const dateMs = header === undefined ? Number.NaN : Date.parse(header)
  return Number.isNaN(dateMs) ? undefined : dateMs - nowMs
}

/** Returns a sentence with the difference, or nothing if the clocks agree. */
export function clockSkewText(skewMs: number | undefined): string[] {
  if (skewMs === undefined || Math.abs(skewMs) <= NOTICEABLE_SKEW_MS) return []
  const direction = skewMs > 0 ? 'behind' : 'ahead of'
  return [
    `The clock of this computer is ${Math.round(Math.abs(skewMs) / 1000)} s ${direction} the identity provider's.`,
  ]
}
