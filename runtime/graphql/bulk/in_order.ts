/** Works on several pieces at once, and yields the results in the order of the pieces. */

export interface Order {
  /** Largest number of pieces that are read but whose results were not yielded yet. This bounds the memory. */
  readonly ahead: number
  /** After an abort no further piece is started, and started ones finish. Leaving the loop aborts it. */
  readonly stop: AbortController
}

/** @param work never rejects; an error aborts `stop` */
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
  // Not awaited: a slow list must not delay results that are ready.
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

/** Limits how many run at once. The others wait in order. */
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
