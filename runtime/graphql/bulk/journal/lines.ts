/** Reads the lines of a journal. Each is a JSON object; the last one may be cut off. */
import { createReadStream } from 'node:fs'
import { UsageError, WfgError } from '../../../core/errors.ts'
import { systemCode, systemReason } from '../../../core/system_code.ts'
import { quotedPath } from '../../../core/visible.ts'

export type JournalLine = Readonly<Record<string, unknown>>

/** The position of a line in its file, in bytes. */
export interface LineRange {
  readonly offset: number
  readonly length: number
}

/**
 * Calls `each` with every line. A cut-off line is left out: an entry is sent only after its line is complete.
 *
 * @param each `number` counts from 1
 * @throws {UsageError} `WFG_USAGE` if the file cannot be read, or is not a journal
 */
export async function readLines(
  path: string,
  absolute: string,
  each: (line: JournalLine, number: number, range: LineRange) => void,
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0)
  let offset = 0
  let number = 0
  const take = (bytes: Buffer, from: number, end: number): void => {
    number += 1
    const text = bytes.toString('utf8', from, end)
    const length = end - from
    const line = parseLine(text)
    if (line) each(line, number, { offset, length })
    // A line that is damaged in another way may be the only record of its entry.
    else if (!CUT.test(trimmed(text))) throw notJournal(path, number)
    offset += length + 1
  }
  try {
    for await (const chunk of createReadStream(absolute, { highWaterMark: CHUNK_BYTES })) {
      const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
      let from = 0
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
        take(bytes, from, end)
        from = end + 1
      }
      rest = bytes.subarray(from)
    }
  } catch (error) {
    if (error instanceof WfgError) throw error
    if (systemCode(error) === 'ENOENT') return
    throw unusable(path, error)
  }
  if (rest.length > 0) take(rest, 0, rest.length)
}

/** Returns undefined if the text is not a JSON object. */
export function parseLine(text: string): JournalLine | undefined {
  return objectIn(text) ?? objectIn(trimmed(text))
}

export function notJournal(path: string, number: number): UsageError {
  return new UsageError(
    `Cannot use ${quotedPath(path)} as a journal: line ${number} is not a journal line; expected a journal, or the name of a new file.`,
  )
}

export function unusable(path: string, cause: unknown): UsageError {
  return new UsageError(
    `Cannot use the journal ${quotedPath(path)}: it cannot be read and written (${systemReason(cause)}); expected a file, or the name of a new one in an existing folder.`,
    { cause },
  )
}

// --- internal ---

const CHUNK_BYTES = 256 * 1024

const CHARACTERS = String.raw`(?:[^"\\\x00-\x1f]|\\.)*`
const TEXT = `"${CHARACTERS}"`
const MEMBER = String.raw`${TEXT}:(?:${TEXT}|[\w.-]*)`
const OPEN = String.raw`(?:${TEXT}:)?"${CHARACTERS}\\?`
/** The beginning of an object without nested objects. */
const CUT = new RegExp(String.raw`^(?:\{(?:${MEMBER},)*(?:${MEMBER}|${TEXT}|${OPEN})?)?$`)

/** Removes zeros, which a power failure may leave at the end, and a byte order mark. */
function trimmed(text: string): string {
  return text.replace(/\0+\r?$/, '').trim()
}

function objectIn(text: string): JournalLine | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JournalLine) : undefined
  } catch {
    return undefined
  }
}
