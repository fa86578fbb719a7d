/** Reads the time of `--since`. */
import { UsageError } from '../core/errors.ts'

/**
 * Reads `today`, a span back from now such as `90m`, `2h`, `3d` or `1w`, or a date with or without a time, which is local
 * if it names no zone.
 *
 * @throws {UsageError} `WFG_USAGE` for anything else
 */
export function readSince(text: string, nowMs: number): Date {
  const [, count, unit] = /^(\d{1,4})([mhdw])$/.exec(text) ?? []
  if (unit !== undefined) return new Date(nowMs - Number(count) * UNITS_MS[unit]!)
  if (text === 'today') return new Date(new Date(nowMs).setHours(0, 0, 0, 0))
  // A date alone would be one of UTC.
  const time = DATE.test(text) ? new Date(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T')) : undefined
  if (time && !Number.isNaN(time.getTime())) return time
  throw new UsageError(
    `Cannot run the command runs: --since needs a date such as 2026-11-28 or "2026-11-28 07:30", today, or a span such as 90m, 2h, 3d or 1w; found ${JSON.stringify(text)}.`,
  )
}

// --- internal ---

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

const DATE = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/
