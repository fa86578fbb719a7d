/** Reads text, and the numbers and dates of a command line. Anything else gives undefined. */

/** Text in UTF-8, or in UTF-16 with its byte order mark, as `>` in Windows PowerShell writes it. The mark is left out. */
export function decodeText(bytes: Uint8Array): string | undefined {
  const mark = `${bytes[0]} ${bytes[1]}`
  const encoding = mark === '255 254' ? 'utf-16le' : mark === '254 255' ? 'utf-16be' : 'utf-8'
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

/** A decimal number, with or without an exponent. Not `0x10`, `Infinity`, or an integer that a number cannot hold exactly. */
export function readNumber(text: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined
  const value = Number(text)
  const isInexact = /^[+-]?\d+$/.test(text) && BigInt(value) !== BigInt(text.replace(/^\+/, ''))
  return Number.isFinite(value) && !isInexact ? value : undefined
}

/** A date such as `2026-11-01` (midnight UTC), or a date with a time. The time is local unless it ends in `Z` or an offset. */
export function readDate(text: string): Date | undefined {
  const [, year, month, day] = text.match(DATE) ?? []
  if (year === undefined) return undefined
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`)
  // Refuses days that do not exist, such as 2026-02-30.
  if (Number.isNaN(midnight.getTime()) || midnight.getUTCDate() !== Number(day)) return undefined
  return new Date(text.replace(' ', 'T'))
}

/** For messages: the text that `readDate` expects. */
export const A_DATE = 'a date such as 2026-11-01 or 2026-11-01T08:30:00Z'

// --- internal ---

const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/
