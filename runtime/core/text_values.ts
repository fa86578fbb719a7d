/** Numbers and dates as people write them on a command line. Nothing is guessed: another text is undefined. */

/** Decimal, with an exponent if wanted; no `0x10`, no `Infinity`, no integer that a number cannot hold. */
export function readNumber(text: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined
  const value = Number(text)
  const isInexact = /^[+-]?\d+$/.test(text) && BigInt(value) !== BigInt(text.replace(/^\+/, ''))
  return Number.isFinite(value) && !isInexact ? value : undefined
}

/** `2026-11-01` (midnight UTC), or with a time, local unless it ends in `Z` or an offset; days of the real calendar. */
export function readDate(text: string): Date | undefined {
  const [, year, month, day] = text.match(DATE) ?? []
  if (year === undefined) return undefined
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`)
  // A day such as 2026-02-30 is no date, or becomes another one.
  if (Number.isNaN(midnight.getTime()) || midnight.getUTCDate() !== Number(day)) return undefined
  return new Date(text.replace(' ', 'T'))
}

/** What is expected where `readDate` gave nothing. */
export const A_DATE = 'a date such as 2026-11-01 or 2026-11-01T08:30:00Z'

// --- internal ---

const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/
