/** Standard input as the rest of the runtime sees it. */
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
