/** Standard input and output as the rest of the runtime sees them. */
import { WfgError } from './errors.ts'

/** Begins a status line: a text without a line end, whose place on the terminal is taken by whatever is written next. */
export const STATUS = '\r\u001b[K'

export interface Output {
  readonly isTTY: boolean
  /** Width of the terminal in columns; undefined where there is none. */
  readonly columns: number | undefined
  /** True once the reader has gone (`| head`), or nothing more can be written. */
  readonly closed: boolean
  /** On a terminal: whether what was written last is a status line, see `STATUS`. */
  readonly showsStatus?: boolean
  /** Resolves when the text has been handed on; a reader that has gone is no error. Rejects once where the disk is full. */
  write(text: string): Promise<void>
}

export interface Input {
  readonly isTTY: boolean
  /** One line without its end; undefined at the end of the input. */
  readLine(signal?: AbortSignal): Promise<string | undefined>
  readAll(): Promise<string>
}

/** @param name for a message; without it, what cannot be written is left out, because nobody could be told */
export function createOutput(stream: NodeJS.WriteStream, name?: string): Output {
  let closed = false
  let watched = false
  return {
    get isTTY() {
      return stream.isTTY === true
    },
    get columns() {
      return (stream.isTTY && stream.columns) || undefined
    },
    get closed() {
      return closed
    },
    get showsStatus() {
      return showsStatus
    },
    write(text) {
      if (!watched) {
        watched = true
        // Each write tells of its own failure.
        stream.on('error', () => {
          closed = true
        })
      }
      if (closed) return Promise.resolve()
      return new Promise((resolve, reject) => {
        const done = (error?: NodeJS.ErrnoException | null): void => {
          if (error) closed = true
          if (!error || error.code === 'EPIPE' || name === undefined) resolve()
          else reject(unwritable(name, error))
        }
        try {
          stream.write(onTerminal(stream, text), done)
        } catch (error) {
          // Deno's stream throws what it cannot write, and calls nobody back from then on.
          done(error as NodeJS.ErrnoException)
        }
      })
    },
  }
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
 * The text as it goes to the stream. Standard output and standard error share the screen, so either clears the status line
 * away.
 */
export function onTerminal(stream: NodeJS.WriteStream, text: string): string {
  if (!stream.isTTY || text === '') return text
  const isOverStatus = showsStatus && !text.startsWith(STATUS) && text !== '\n'
  showsStatus = text.startsWith(STATUS) && !text.endsWith('\n')
  return isOverStatus ? `${STATUS}${text}` : text
}

// --- internal ---

let showsStatus = false

function unwritable(name: string, cause: NodeJS.ErrnoException): WfgError {
  return new WfgError(`Cannot write to ${name}: ${cause.code ?? cause.message}. What is there is not all.`, { cause })
}

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
