/** Makes text safe for a standard stream: masks secrets, escapes control characters and CI commands. */
import type { Redactor } from './redact.ts'
import { visibleLines } from './visible.ts'

export interface Reader {
  /** True for a program or a file, which gets data unchanged. Otherwise control characters are escaped. */
  readonly takesData: boolean
  /** True for a CI, which runs commands that it finds in the text. */
  readonly takesCommands: boolean
}

export interface PrintedText {
  /** The text to write. Its end is kept for the next call if it may be the start of a secret or a command. */
  next(text: string): string
  /** The end that was kept. */
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

/** Escapes commands to a CI. In JSON the escape means the same character, because it can only be inside a string. */
function withoutCommands(text: string, startsLine: boolean): string {
  let harmless = text
  if (text.includes('::')) {
    harmless = harmless.replace(AT_START, (start: string, space: string, at: number) =>
      at > 0 || startsLine ? `${space}\\u003a` : start,
    )
  }
  return text.includes('##') ? harmless.replace(ANYWHERE, '#\\u0023') : harmless
}

/** The index from which the text may be the start of a command. */
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
