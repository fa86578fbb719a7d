/** Standard output and standard error as the rest of the runtime sees them. */
import { fstatSync } from 'node:fs'
import { WfgError } from '../core/errors.ts'
import { createPrintedText } from '../core/printed_text.ts'
import type { Redactor } from '../core/redact.ts'
import { withTypedValues } from '../core/typed_values.ts'

/** Starts a status line: a text without a line end, which the next text on the terminal replaces. */
export const STATUS = '\r\u001b[K'

export interface Output {
  readonly isTTY: boolean
  /** Width of the terminal in columns; undefined if it is not a terminal. */
  readonly columns: number | undefined
  /** True once the reader has gone (`| head`), or nothing more can be written. */
  readonly closed: boolean
  /** True if the last text on the terminal is a status line; see `STATUS`. */
  readonly showsStatus?: boolean
  /** True if it goes to a file, which no person or CI reads meanwhile. */
  readonly isFile: boolean
  /**
   * Masks secrets in the text. Escapes control characters, except in data for a program or a file. In a CI, escapes what
   * the CI would run as a command. Resolves when the text is handed on, also if the reader has gone. Rejects once if the
   * disk is full.
   */
  write(text: string): Promise<void>
  /** Writes our own colours, cursor movements and CI commands. Pass any other text through `visible` and the redactor. */
  writeAsIs(text: string): Promise<void>
}

export interface OutputOptions {
  readonly redactor: Redactor
  /** Name of the stream in the error for a failed write. Without it, the failure is ignored, because nobody could be told. */
  readonly name?: string
  /** True if it carries data when a program or a file reads it. False for messages to a person. */
  readonly givesData?: boolean
  /** What the person at the terminal typed. The terminal may show it again. */
  readonly commandLine?: readonly string[]
  inCi(): boolean
  /** Called when the process ends. */
  atExit(callback: () => void): void
}

export function createOutput(stream: NodeJS.WriteStream, options: OutputOptions): Output {
  const { redactor, name, givesData = false, commandLine = [] } = options
  let closed = false
  let watched = false
  let isFile: boolean | undefined
  const output = {
    get isTTY() {
      return stream.isTTY === true
    },
    get isFile() {
      isFile ??= !output.isTTY && goesToFile(stream)
      return isFile
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
    write(text: string) {
      const isPerson = output.isTTY && !options.inCi()
      return put(printed.next(isPerson ? withTypedValues(text, commandLine) : text))
    },
    writeAsIs: (text: string) => put(printed.rest() + text),
  }
  const printed = createPrintedText(redactor, {
    get takesData() {
      return givesData && !output.isTTY
    },
    get takesCommands() {
      return !output.isFile && options.inCi()
    },
  })
  const put = (text: string): Promise<void> => {
    if (!watched) {
      watched = true
      // Each write reports its own failure.
      stream.on('error', () => {
        closed = true
      })
      options.atExit(() => {
        const rest = printed.rest()
        if (rest !== '') void put(rest)
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
        // Deno's stream throws, and never calls back afterwards.
        done(error as NodeJS.ErrnoException)
      }
    })
  }
  return output
}

/**
 * The text for the stream. On a terminal it clears the status line first: standard output and standard error share the
 * screen.
 */
export function onTerminal(stream: NodeJS.WriteStream, text: string): string {
  if (!stream.isTTY || text === '') return text
  const isOverStatus = showsStatus && !text.startsWith(STATUS) && text !== '\n'
  showsStatus = text.startsWith(STATUS) && !text.endsWith('\n')
  return isOverStatus ? `${STATUS}${text}` : text
}

// --- internal ---

let showsStatus = false

function goesToFile(stream: object): boolean {
  try {
    return fstatSync((stream as { fd: number }).fd).isFile()
  } catch {
    return false
  }
}

function unwritable(name: string, cause: NodeJS.ErrnoException): WfgError {
  return new WfgError(`Cannot write to ${name}: ${cause.code ?? cause.message}. The output is incomplete.`, { cause })
}
