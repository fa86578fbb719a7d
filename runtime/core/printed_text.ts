/** What becomes of a text on its way to a standard stream. */
import type { Redactor } from './redact.ts'
import { visibleLines } from './visible.ts'

export interface Reader {
  /** A program or a file, which gets data as it is. Anybody else gets a text that cannot steer a terminal. */
  readonly takesData: boolean
  /** A CI runner, which executes commands that it finds in the text. */
  readonly takesCommands: boolean
}

export interface PrintedText {
  /** The text as it is to be written. Its end waits for the next text if it may be the start of a secret or a command. */
  next(text: string): string
  /** The end that still waits. */
  rest(): string
}

export function createPrintedText(redactor: Redactor, reader: Reader): PrintedText {
  let waiting = ''
  let startsLine = true
  const printed = (text: string): string => {
    const masked = redactor.text(text)
    const shown = reader.takesData ? masked : visibleLines(masked)
    if (!reader.takesCommands) return shown
    const harmless = withoutCommands(shown, startsLine)
    startsLine = (startsLine || LINE_END.test(shown)) && isBlank(lastLineOf(shown))
    return harmless
  }
  return {
    next(text) {
      const all = waiting + text
      const end = Math.min(redactor.unfinished(all), reader.takesCommands ? unfinishedCommand(all) : all.length)
      waiting = all.slice(end)
      return printed(all.slice(0, end))
    },
    rest() {
      const text = waiting
      waiting = ''
      return printed(text)
    },
  }
}

// --- internal ---

const LINE_END = /[\r\n]/

/** GitHub reads `::` at the start of a line; GitHub and Azure read `##[` and `##vso[` anywhere; TeamCity has its own. */
const AT_START = /^((?:[^\S\r\n]|\u0085)*):(?=:)/gm
const ANYWHERE = /##(?=\[|vso\[|teamcity\[)/gi
const UNFINISHED = /^\s*:$|##?\w{0,8}$/

/** Escapes what makes a line a command. In JSON, where only a text can have it, the escape means the same character. */
function withoutCommands(text: string, startsLine: boolean): string {
  let harmless = text
  if (text.includes('::')) {
    harmless = harmless.replace(AT_START, (start: string, space: string, at: number) =>
      at > 0 || startsLine ? `${space}\\u003a` : start,
    )
  }
  return text.includes('##') ? harmless.replace(ANYWHERE, '#\\u0023') : harmless
}

/** Where the text ends in what may be the start of a command. */
function unfinishedCommand(text: string): number {
  const line = lastLineOf(text)
  const found = UNFINISHED.exec(line)
  return found ? text.length - line.length + found.index : text.length
}

function lastLineOf(text: string): string {
  return text.slice(Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1)
}

function isBlank(line: string): boolean {
  return line.trim() === ''
}
