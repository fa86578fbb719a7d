/** Finds the name that somebody may have meant. */

/** Returns the name that differs least, if a typing mistake may be the difference. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const [nearest] = names
    .map((other) => ({ other, distance: distanceOf(name.toUpperCase(), other.toUpperCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, name.length / 3))
    .sort((a, b) => a.distance - b.distance)
  return nearest?.other
}

// --- internal ---

/** Returns how many letters must be typed, removed or replaced to get the other text. */
function distanceOf(text: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...text].entries()) {
    const next = [index + 1]
    for (let place = 1; place <= other.length; place += 1) {
      const replaced = row[place - 1]! + (other[place - 1] === letter ? 0 : 1)
      next.push(Math.min(replaced, row[place]! + 1, next[place - 1]! + 1))
    }
    row = next
  }
  return row[other.length]!
}
