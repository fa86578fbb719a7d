/** Sends rows to the parent: as they come from a slow source, many at once from a fast one. */
import type { Host } from '../host/host.ts'
import type { Parent } from './parent.ts'

/** Rows in one message. */
const MAX_ROWS = 200

export async function sendRows(
  host: Pick<Host, 'after'>,
  parent: Pick<Parent, 'tell'>,
  rows: Iterable<unknown> | AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<void> {
  let waiting: unknown[] = []
  let cancel: (() => void) | undefined
  const send = async (): Promise<void> => {
    cancel?.()
    cancel = undefined
    if (waiting.length === 0) return
    const sent = waiting
    waiting = []
    await parent.tell({ type: 'rows', rows: sent })
  }
  try {
    for await (const row of rows) {
      waiting.push(row)
      // Runs once the source has to wait for something.
      cancel ??= host.after(0, () => void send())
      if (waiting.length >= MAX_ROWS) await send()
      if (signal.aborted) break
    }
  } finally {
    await send()
  }
  signal.throwIfAborted()
}
