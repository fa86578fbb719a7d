/** Standard output and standard error as the rest of the runtime sees them. */
import { fstatSync } from 'node:fs'
import { WfgError } from '../core/errors.ts'
import { createPrintedText } from '../core/printed_text.ts'
import type { Redactor } from '../core/redact.ts'
import { withTypedValues } from '../core/typed_values.ts'

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
  /** Whether it goes to a file, where no person or CI reads along. */
  readonly isFile: boolean
  /**
   * Masks secrets in the text. Shows control characters unless it is data that a program or a file reads, and lets no line
   * be a command to a CI. Resolves when the text has been handed on; a reader that has gone is no error. Rejects once
   * where the disk is full.
   */
  write(text: string): Promise<void>
  /** Writes our own colours, movements and CI commands. Other text in it must have passed `visible` and the redactor. */
  writeAsIs(text: string): Promise<void>
}

export interface OutputOptions {
  readonly redactor: Redactor
  /** For a message; without it, what cannot be written is left out, because nobody could be told. */
  readonly name?: string
  /** Whether a program or a file that reads it is given data. False for words to a person, wherever they go. */
  readonly givesData?: boolean
  /** What the person at the terminal typed; their terminal may show it again. */
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
      // Each write tells of its own failure.
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
        // Deno's stream throws what it cannot write, and calls nobody back from then on.
        done(error as NodeJS.ErrnoException)
      }
    })
  }
  return output
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
