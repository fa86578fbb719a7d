/** How far this computer's clock is from a server's, told from the header `Date` (RFC 9110 section 6.6.1). */

/** Less is no reason to speak of it: the header has whole seconds, and answers take their time. */
export const NOTICEABLE_SKEW_MS = 60_000

/**
 * @param nowMs what this computer's clock showed when the answer arrived
 * @returns milliseconds by which the server's clock is ahead of this one's, negative where it is behind; undefined where
 *   the header is absent or no date
 */
export function clockSkewMs(header: string | undefined, nowMs: number): number | undefined {
  const dateMs = header === undefined ? Number.NaN : Date.parse(header)
  return Number.isNaN(dateMs) ? undefined : dateMs - nowMs
}

/** A sentence with the figure; none where the clocks agree. */
export function clockSkewText(skewMs: number | undefined): string[] {
  if (skewMs === undefined || Math.abs(skewMs) <= NOTICEABLE_SKEW_MS) return []
  const direction = skewMs > 0 ? 'behind' : 'ahead of'
  return [
    `The clock of this computer is ${Math.round(Math.abs(skewMs) / 1000)} s ${direction} the identity provider's.`,
  ]
}
