/** Writes rows from their source to the sink with backpressure. */
import type { Host } from '../../host/host.ts'
import type { Encoder } from './encoder.ts'
import type { Sink } from './sink.ts'

/** A source is slow if its next row takes longer than this. */
const SLOW_MS = 250
/** Number of rows that may wait while the sink is busy. */
const MAX_WAITING = 100

/**
 * Consumes the rows one by one. Rows that arrive while the sink is busy are written together, so a fast source needs few
 * writes and a slow one is shown row by row.
 *
 * @param after the host's timer, for an encoder that holds rows back: they are shown if the next row is late
 * @returns the number of rows
 */
export async function writeRows(
  source: Iterable<unknown> | AsyncIterable<unknown>,
  encoder: Encoder,
  sink: Pick<Sink, 'write' | 'closed'>,
  signal?: AbortSignal,
  after?: Host['after'],
): Promise<number> {
  const iterator = open(source)
  const queue = createQueue(encoder, sink)
  let rows = 0
  let exhausted = false
  let stopping: Promise<unknown> | undefined
  let unhurry = () => {}
  // Ends the source at once, even if it is waiting; a generator ends at its next `yield`.
  const stop = () => {
    stopping ??= Promise.resolve(iterator.return?.()).catch(() => {})
  }
  signal?.addEventListener('abort', stop, { once: true })
  try {
    while (!sink.closed && !signal?.aborted) {
      const next = await nextOf(iterator)
      unhurry()
      exhausted = next.done === true
      if (exhausted || signal?.aborted) break
      encoder.add(next.value)
      rows++
      await queue.added()
      unhurry = after?.(SLOW_MS, queue.showAll, { holds: false }) ?? unhurry
    }
    await (stopping ?? (exhausted ? undefined : iterator.return?.()))
    signal?.throwIfAborted()
    await queue.end(true)
    return rows
  } catch (error) {
    if (!(error instanceof SourceFailure)) stop()
    await stopping
    await queue.end(false).catch(() => {}) // the first error is the one to report
    throw error instanceof SourceFailure ? error.cause : error
  } finally {
    unhurry()
    signal?.removeEventListener('abort', stop)
  }
}

// --- internal ---

interface Queue {
  /** To be called for each added row. Waits only if too many rows wait. */
  added(): Promise<void>
  /** Writes all rows that are held back. */
  showAll(): void
  end(complete: boolean): Promise<void>
}

function createQueue(encoder: Encoder, sink: Pick<Sink, 'write'>): Queue {
  let waiting = 0
  let writing: Promise<void> | undefined
  let failure: { readonly error: unknown } | undefined
  const writeAll = async (all = false) => {
    try {
      while (waiting > 0 || all) {
        waiting = 0
        const output = await encoder.take(all)
        all = false
        if (output.length > 0) await sink.write(output)
      }
    } catch (error) {
      failure = { error }
    } finally {
      writing = undefined
    }
  }
  return {
    async added() {
      waiting++
      writing ??= writeAll()
      if (waiting >= MAX_WAITING) await writing
      if (failure) throw failure.error
    },
    showAll() {
      writing ??= writeAll(true)
    },
    async end(complete) {
      await writing
      if (failure) throw failure.error
      const output = await encoder.end(complete)
      if (output.length > 0) await sink.write(output)
    },
  }
}

/** An error of the source, which has ended and needs no `return()`. */
class SourceFailure extends Error {}

async function nextOf(iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<IteratorResult<unknown>> {
  try {
    const next = await iterator.next()
    return next.value instanceof Promise ? { done: next.done ?? false, value: await next.value } : next
  } catch (cause) {
    throw new SourceFailure('the source of the rows failed', { cause })
  }
}

function open(source: Iterable<unknown> | AsyncIterable<unknown>): AsyncIterator<unknown> | Iterator<unknown> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
}
