/** Work on several pieces at once, with its results in the order of the pieces and bounded memory. */

export interface Order {
  /** Pieces that are read but whose results were not taken yet. */
  readonly ahead: number
  /** Aborted, no further piece is begun; what was begun comes to its end. Aborted here when the reader leaves. */
  readonly stop: AbortController
}

/** @param work never rejects; what goes wrong aborts `stop` */
export async function* inOrder<Piece, Result>(
  pieces: AsyncIterable<Piece>,
  work: (piece: Piece) => Promise<Result>,
  { ahead, stop }: Order,
): AsyncGenerator<Result, void, undefined> {
  const begun: Promise<Result>[] = []
  const changes = createBell()
  let ended = false
  let isOver = false
  const fill = async (): Promise<void> => {
    for await (const piece of pieces) {
      if (stop.signal.aborted) return
      begun.push(work(piece))
      changes.ring()
      while (begun.length >= ahead && !stop.signal.aborted) await changes.rung()
      if (stop.signal.aborted) return
    }
  }
  stop.signal.addEventListener('abort', changes.ring, { once: true })
  // Not awaited: a list that waits for something must not hold back the results that are there.
  void fill()
    .catch((error) => stop.abort(error))
    .finally(() => {
      ended = true
      changes.ring()
    })
  try {
    for (;;) {
      const first = begun[0]
      if (first) {
        const result = await first
        begun.shift()
        changes.ring()
        yield result
      } else if (ended || stop.signal.aborted) {
        isOver = true
        return
      } else await changes.rung()
    }
  } finally {
    if (!isOver) stop.abort()
    await Promise.all(begun)
    stop.signal.removeEventListener('abort', changes.ring)
  }
}

/** Lets so many through at once, the others in the order in which they came. */
export function createSlots(count: number): { take(): Promise<void>; give(): void } {
  const waiting: (() => void)[] = []
  let free = count
  return {
    async take() {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
    },
    give() {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    },
  }
}

// --- internal ---

function createBell(): { ring(): void; rung(): Promise<void> } {
  let waiting: (() => void)[] = []
  return {
    ring() {
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    rung: () => new Promise((resolve) => waiting.push(resolve)),
  }
}
