/** A file of JSON lines that is only ever added to, and may end in the middle of a line. */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { UsageError, WfgError } from '../errors.ts'

export type JournalLine = Readonly<Record<string, unknown>>

export interface JournalFile {
  /** Resolves when the lines are on the disk. Lines that come while others are written go out together, in order. */
  append(lines: readonly JournalLine[]): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the file for adding; makes it, for its owner only, where there is none.
 *
 * @throws {UsageError} `WFG_USAGE` when it cannot be opened
 */
export async function openJournalFile(path: string, absolute: string): Promise<JournalFile> {
  let handle: FileHandle
  let isTorn: boolean
  try {
    handle = await open(absolute, 'a+', 0o600)
    isTorn = await endsInsideLine(handle)
  } catch (error) {
    throw unusable(path, error)
  }
  // What a killed process began to write must not run into the first line of ours.
  let waiting = isTorn ? '\n' : ''
  let writing: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  const write = (): Promise<void> => {
    const text = waiting
    waiting = ''
    next = undefined
    writing = written(path, handle, text)
    return writing
  }
  return {
    append(lines) {
      waiting += lines.map((line) => `${JSON.stringify(line)}\n`).join('')
      next ??= writing.then(write)
      return next
    },
    async close() {
      await (next ?? writing).catch(() => {})
      await handle.close()
    },
  }
}

/**
 * A device or a pipe has no end to read to, and keeps nothing.
 *
 * @throws {UsageError} `WFG_USAGE`
 */
export function checkJournalFile(path: string, absolute: string): void {
  if (!existsSync(absolute) || statSync(absolute).isFile()) return
  throw new UsageError(
    `Cannot use the journal ${JSON.stringify(path)}: it is no regular file; expected a file, or the name of a new one in a folder that is there.`,
  )
}

/**
 * Reads line by line, so that the size does not matter. A line that was cut off is left out: nothing was sent before its
 * line was whole.
 *
 * @param number counts from 1
 * @throws {UsageError} `WFG_USAGE` when the file cannot be read, or holds something else
 */
export async function readLines(
  path: string,
  absolute: string,
  each: (line: JournalLine, number: number) => void,
): Promise<void> {
  let rest = ''
  let number = 0
  const take = (text: string): void => {
    number += 1
    const whole = trimmed(text)
    const line = parsed(whole)
    if (line) each(line, number)
    // Damaged otherwise, it may have been the only one that told of its entry.
    else if (!CUT.test(whole)) throw notJournal(path, number)
  }
  try {
    for await (const chunk of createReadStream(absolute, { encoding: 'utf8', highWaterMark: CHUNK_BYTES })) {
      const lines = (rest + (chunk as string)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(line)
    }
  } catch (error) {
    if (error instanceof WfgError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw unusable(path, error)
  }
  if (rest !== '') take(rest)
}

export function notJournal(path: string, number: number): UsageError {
  return new UsageError(
    `Cannot use ${JSON.stringify(path)} as a journal: line ${number} is none of a journal's; expected a file of its own for it.`,
  )
}

// --- internal ---

const CHUNK_BYTES = 256 * 1024

const CHARACTERS = String.raw`(?:[^"\\\x00-\x1f]|\\.)*`
const TEXT = `"${CHARACTERS}"`
const MEMBER = String.raw`${TEXT}:(?:${TEXT}|[\w.-]*)`
const OPEN = String.raw`(?:${TEXT}:)?"${CHARACTERS}\\?`
/** The beginning of an object that holds no other. */
const CUT = new RegExp(String.raw`^(?:\{(?:${MEMBER},)*(?:${MEMBER}|${TEXT}|${OPEN})?)?$`)

/** After a power failure a file may end in zeros; an editor may have put a byte order mark at its beginning. */
function trimmed(text: string): string {
  return text.replace(/\0+\r?$/, '').trim()
}

function parsed(line: string): JournalLine | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JournalLine) : undefined
  } catch {
    return undefined
  }
}

async function endsInsideLine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat()
  if (size === 0) return false
  const last = new Uint8Array(1)
  await handle.read(last, 0, 1, size - 1)
  return last[0] !== 0x0a
}

async function written(path: string, handle: FileHandle, text: string): Promise<void> {
  try {
    await handle.appendFile(text)
    await handle.datasync()
  } catch (cause) {
    throw new WfgError(
      `Cannot write the journal ${JSON.stringify(path)} (${codeOf(cause)}). Nothing more was sent; entries whose answer could not be recorded are unknown to the next run.`,
      { cause },
    )
  }
}

function unusable(path: string, cause: unknown): UsageError {
  return new UsageError(
    `Cannot use the journal ${JSON.stringify(path)}: it cannot be read and written (${codeOf(cause)}); expected a file, or the name of a new one in a folder that is there.`,
    { cause },
  )
}

function codeOf(cause: unknown): string {
  const { code, name } = cause as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : String(name)
}
