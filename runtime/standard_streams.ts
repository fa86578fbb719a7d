/** Standard input and output as the rest of the runtime sees them. */

/** Begins a status line: a text without a line end, whose place on the terminal is taken by whatever is written next. */
export const STATUS = '\r\u001b[K'

export interface Output {
  readonly isTTY: boolean
  /** Width of the terminal in columns; undefined where there is none. */
  readonly columns: number | undefined
  /** True once the reader has gone (`| head`). */
  readonly closed: boolean
  /** On a terminal: whether what was written last is a status line, see `STATUS`. */
  readonly showsStatus?: boolean
  /** Resolves when the text has been handed on; a reader that has gone is no error. */
  write(text: string): Promise<void>
}

export interface Input {
  readonly isTTY: boolean
  /** One line without its end; undefined at the end of the input. */
  readLine(signal?: AbortSignal): Promise<string | undefined>
  readAll(): Promise<string>
}

export function createOutput(stream: NodeJS.WriteStream): Output {
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
        stream.on('error', (error: NodeJS.ErrnoException) => {
          closed = true
          if (error.code !== 'EPIPE') throw error
        })
      }
      if (closed) return Promise.resolve()
      return new Promise((resolve) => {
        stream.write(onTerminal(stream, text), () => resolve())
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
