/** Keeps what one run prints, in bounded memory: masked, and handed to its places twice a second. */
import type { Host } from '../../host/host.ts'
import { type KeptPlace, MAX_BYTES, type StreamName } from './kept.ts'

/** Takes a line with its end, or a part of a long one. Returns false once it wants no more. */
export type TakeLine = (line: string) => boolean

export interface Keeping extends Readonly<Record<StreamName, TakeLine>> {
  /** Hands over what has come so far. */
  flush(): void
  /** Takes nothing more. Resolves when the places have everything. */
  close(): Promise<void>
}

/** @param mask masks secrets, also those that it learned after they were printed */
export function keepRun(
  { after }: Pick<Host, 'after'>,
  mask: (text: string) => string,
  places: readonly KeptPlace[],
): Keeping {
  let isClosed = false
  let cancel: (() => void) | undefined
  const streams = { output: createStream('output', mask, places), log: createStream('log', mask, places) }
  const flush = (): void => {
    cancel?.()
    cancel = undefined
    streams.output.flush()
    streams.log.flush()
  }
  const take =
    (name: StreamName): TakeLine =>
    (line) => {
      if (isClosed) return false
      cancel ??= after(FLUSH_MS, flush, { holds: false })
      return streams[name].add(line)
    }
  return {
    ...{ output: take('output'), log: take('log'), flush },
    async close() {
      isClosed = true
      flush()
      await Promise.all(places.map((place) => place.close?.()))
    },
  }
}

// --- internal ---

const FLUSH_MS = 500
/** Lines are handed over in blocks of about this length. */
const BLOCK_LENGTH = 64 * 1024
const LINE_END = 10

interface Stream {
  add: TakeLine
  flush(): void
}

function createStream(name: StreamName, mask: (text: string) => string, places: readonly KeptPlace[]): Stream {
  let blocks: string[] = []
  let length = 0
  let at = 0
  let isFull = false
  const put = (data: Uint8Array): void => {
    for (const place of places) place.add(name, { at, data })
    at += data.length
  }
  /** Ends with an empty part after a gap, which tells that there was more. */
  const putFirst = (data: Uint8Array): void => {
    const left = MAX_BYTES - at
    isFull = data.length > left
    put(isFull ? data.subarray(0, endOfLine(data, left)) : data)
    if (!isFull) return
    at += 1
    put(new Uint8Array())
  }
  const flush = (): void => {
    for (const block of blocks) {
      const data = Buffer.from(mask(block))
      if (name === 'log') put(data)
      else if (!isFull) putFirst(data)
    }
    blocks = []
    length = 0
  }
  return {
    add(line) {
      if (isFull) return false
      const last = blocks.length - 1
      if (last < 0 || blocks[last]!.length >= BLOCK_LENGTH) blocks.push(line)
      else blocks[last] += line
      length += line.length
      if (length > MAX_BYTES && name === 'output') flush()
      while (length > MAX_BYTES) {
        const dropped = blocks.shift()!.length
        length -= dropped
        at += dropped
      }
      return true
    },
    flush,
  }
}

/** The end of the last line within `left` bytes, or, if none ends there, of the last character. */
function endOfLine(data: Uint8Array, left: number): number {
  const lineEnd = left === 0 ? 0 : data.lastIndexOf(LINE_END, left - 1) + 1
  if (lineEnd > 0) return lineEnd
  let end = left
  while (end > 0 && (data[end]! & 0xc0) === 0x80) end -= 1
  return end
}
