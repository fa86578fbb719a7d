/** Standard input as the rest of the runtime sees it. */
import { readSync } from 'node:fs'

export interface Input {
  readonly isTTY: boolean
  /** One line without its end; undefined at the end of the input. */
  readLine(signal?: AbortSignal): Promise<string | undefined>
  readAll(): Promise<string>
}

export function createInput(stream: NodeJS.ReadStream): Input {
  let lines: AsyncIterator<string> | undefined
  return {
    get isTTY() {
      return stream.isTTY === true
    },
    async readLine(signal) {
      if (!lines) {
        const { createInterface } = await import('node:readline')
        lines = createInterface({ input: stream })[Symbol.asyncIterator]()
      }
      stream.resume()
      try {
        const next = await untilAborted(lines.next(), signal)
        return next.done ? undefined : next.value
      } finally {
        stream.pause()
      }
    },
    async readAll() {
      let text = ''
      stream.setEncoding('utf8')
      for await (const chunk of stream) text += chunk
      return text
    },
  }
}

/**
 * Calls `onLine` with each line, and `onEnd` when the writer is gone. After the first data the stream no longer keeps the
 * process alive.
 */
export function readLines(stream: NodeJS.ReadStream, onLine: (line: string) => void, onEnd: () => void): void {
  let rest = ''
  stream.setEncoding('utf8').on('data', (text) => {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop()!
    for (const line of lines) onLine(line)
  })
  for (const event of ['end', 'close', 'error']) stream.once(event, onEnd)
  stream.once('data', () => stream.unref())
}

/** Waits for a line on standard input and calls `onLine` with each whole line that has come by then. */
export function readPresentLines(onLine: (line: string) => void): void {
  const buffer = Buffer.alloc(65_536)
  const bytes: Buffer[] = []
  for (let length = -1; length !== 0 && !bytes.at(-1)?.includes('\n'); ) {
    length = readSync(0, buffer, 0, buffer.length, null)
    bytes.push(Buffer.from(buffer.subarray(0, length)))
  }
  const lines = Buffer.concat(bytes).toString('utf8').split('\n')
  for (const line of lines.slice(0, -1)) onLine(line)
}

// --- internal ---

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop))
}
