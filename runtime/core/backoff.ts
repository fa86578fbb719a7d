/** How long to wait before another attempt. */

const BASE_MS = 200
const CAP_MS = 20_000

/**
 * Full jitter: a random wait up to a limit that doubles with each attempt, so that callers that failed at the
 * same time do not retry at the same time.
 *
 * @param attempt how many attempts have failed, from 1
 * @returns milliseconds: at most 200 after the first attempt, never more than 20 000
 */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1))
}

/**
 * Reads the header `Retry-After`: seconds, which may have decimals, or a date (RFC 9110 section 10.2.3).
 *
 * @returns milliseconds from now, 0 for a time in the past; undefined if the header is absent or not valid
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  if (!HTTP_DATE.test(text)) return undefined
  // The oldest of the three forms names no zone, and means GMT too.
  const dateMs = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}

// --- internal ---

/** Stricter than `Date.parse`, which accepts "soon 5". */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w -]+ \d\d:\d\d:\d\d( GMT| \d{4})$/
