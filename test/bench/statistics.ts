/** What many timings of one thing say: the middle one, how far the middle half is spread, and how it compares. */

export interface Spread {
  readonly median: number
  /** A quarter of the values is below. */
  readonly low: number
  /** A quarter of the values is above. */
  readonly high: number
}

/**
 * Quartiles, interpolated between neighbours.
 *
 * @returns undefined where there are no values
 */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) }
}

/**
 * Each round's value over the same round's baseline: what slows down a whole round cancels out. Rounds in which one of
 * the two is missing, or the baseline is 0, do not count.
 */
export function ratiosOf(
  values: readonly (number | undefined)[],
  baseline: readonly (number | undefined)[],
): readonly number[] {
  return values.flatMap((value, round) => {
    const other = baseline[round]
    return value === undefined || !other ? [] : [value / other]
  })
}

// --- internal ---

function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part
  const below = sorted[Math.floor(at)]!
  const above = sorted[Math.ceil(at)]!
  return below + (above - below) * (at - Math.floor(at))
}
