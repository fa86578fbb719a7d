/** The ids seen in a list. A list may have a million items, and a `Set` of their ids needs more memory than the rest of a run. */

export interface SeenIds {
  /** False for an id that was added before. */
  add(id: unknown): boolean
}

/**
 * Keeps a hash of 64 bits for each id, in 12 to 24 bytes instead of about 100 for a string in a `Set`. The chance that two of
 * a million ids have the same hash is one in thirty million.
 */
export function createSeenIds(): SeenIds {
  let table = new Uint32Array(2 * SMALLEST)
  let count = 0
  /** Returns false if the hash is already in the table. */
  const insert = (high: number, low: number): boolean => {
    const last = table.length - 1
    // The length is a power of two, and each hash takes two numbers.
    for (let at = (2 * low) & last; ; at = (at + 2) & last) {
      const foundHigh = table[at]
      const foundLow = table[at + 1]
      if (foundHigh === high && foundLow === low) return false
      if (foundHigh !== 0 || foundLow !== 0) continue
      table[at] = high
      table[at + 1] = low
      return true
    }
  }
  const grow = () => {
    const full = table
    table = new Uint32Array(2 * full.length)
    for (let at = 0; at < full.length; at += 2) {
      if (full[at] !== 0 || full[at + 1] !== 0) insert(full[at]!, full[at + 1]!)
    }
  }
  return {
    add(id) {
      const text = typeof id === 'string' ? id : String(id)
      // The number 1 and the string '1' are two ids.
      let high = typeof id === 'string' ? 0xdeadbeef : 0x27d4eb2f
      let low = 0x41c6ce57
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at)
        high = Math.imul(high ^ code, 0x9e3779b1)
        low = Math.imul(low ^ code, 0x5f356495)
      }
      high = mixed(high) ^ mixed(Math.imul(low, 0x85ebca77))
      low = mixed(low) ^ mixed(Math.imul(high, 0xc2b2ae3d))
      // Two zeros mark an empty place.
      const isNew = insert(high >>> 0, low >>> 0 || 1)
      if (isNew && ++count > MOST_FULL * (table.length / 2)) grow()
      return isNew
    },
  }
}

// --- internal ---

const SMALLEST = 1024
const MOST_FULL = 2 / 3

function mixed(bits: number): number {
  const once = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16)
}
