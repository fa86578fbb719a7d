/** Guesses which name was meant by a misspelled one. */

/** The candidate that `word` most likely misspells or abbreviates; undefined if none is close. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.floor((wanted.length + 1) / 3) + 1
  let begun: string | undefined
  for (const candidate of candidates) {
    const distance = distanceBetween(wanted, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
    if (wanted.length >= 3 && candidate.toLowerCase().startsWith(wanted)) begun ??= candidate
  }
  return best ?? begun
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const meant = nearest(word, candidates)
  return meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`
}

/** The edit distance of two words by optimal string alignment: insertions, deletions, substitutions, swaps of neighbours. */
export function distanceBetween(a: string, b: string): number {
  let twoBack: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, twoBack[column - 2]! + 1)
      current.push(cost)
    }
    twoBack = last
    last = current
  }
  return last[b.length]!
}
