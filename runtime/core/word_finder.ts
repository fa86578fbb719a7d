/** Tests whether a text has one of many words, in one pass that skips most of the text (Wu and Manber, 1994). */

/** @returns a test that may be true by mistake, but is never false for a text with one of the words */
export function createWordFinder(words: Iterable<string>): (text: string) => boolean {
  const all = [...words]
  const length = Math.min(MAX_LENGTH, ...all.map((word) => word.length))
  if (length < 2) return () => true
  const starts = new Set(all.map((word) => word.slice(0, length)))
  // How far to move the window when it ends with these two characters.
  const shifts = new Uint8Array(PAIRS).fill(length - 1)
  for (const start of starts) {
    for (let at = 1; at < length; at++) {
      const pair = pairOf(start.charCodeAt(at - 1), start.charCodeAt(at))
      shifts[pair] = Math.min(shifts[pair]!, length - 1 - at)
    }
  }
  return (text) => {
    for (let end = length - 1; end < text.length; ) {
      const shift = shifts[pairOf(text.charCodeAt(end - 1), text.charCodeAt(end))]!
      if (shift === 0 && starts.has(text.slice(end - length + 1, end + 1))) return true
      end += shift || 1
    }
    return false
  }
}

// --- internal ---

/** A longer window saves little more. */
const MAX_LENGTH = 8
const PAIRS = 1 << 14

/** If two pairs share a number, the search is only slower. */
function pairOf(first: number, second: number): number {
  return ((first << 7) ^ second) & (PAIRS - 1)
}
