/** Standard input as the rest of the runtime sees it, and text files that may take its place. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export interface Input {
  readonly isTTY: boolean
  /** One line without its end; undefined at the end of the input. */
  readLine(signal?: AbortSignal): Promise<string | undefined>
  /** @throws {Error} if it is not text, with a code that says so */
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
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(Buffer.from(chunk))
      return textOf(Buffer.concat(chunks))
    },
  }
}

/**
 * Returns the whole text of a file that a person wrote.
 *
 * @param path relative to the working directory, or `-` for standard input
 * @throws {Error} with the system's code, or one that says that it is not text
 */
export async function readTextFrom(
  { cwd, stdin }: { readonly cwd: () => string; readonly stdin: Input },
  path: string,
): Promise<string> {
  return path === '-' ? stdin.readAll() : textOf(readFileSync(resolve(cwd(), path)))
}

// --- internal ---

async function textOf(bytes: Buffer): Promise<string> {
  const { decodeText } = await import('../core/text_values.ts')
  const text = decodeText(bytes)
  if (text === undefined) throw Object.assign(new Error(NOT_TEXT), { code: NOT_TEXT })
  return text
}

const NOT_TEXT = 'it is neither UTF-8 nor UTF-16 with a byte order mark'

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
