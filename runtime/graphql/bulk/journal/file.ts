/** A file of JSON lines that is only appended to. It may end in the middle of a line. */
import { readSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { WfgError } from '../../../core/errors.ts'
import { systemReason } from '../../../core/system_code.ts'
import { quotedPath } from '../../../core/visible.ts'
import { type JournalLine, type LineRange, parseLine, unusable } from './lines.ts'

export interface JournalFile {
  /** Resolves when the lines are on the disk. Lines added during a write are written together, in order. */
  append(lines: readonly JournalLine[]): Promise<void>
  /** Reads a line of the file. */
  read(range: LineRange): JournalLine | undefined
  close(): Promise<void>
}

/**
 * Opens the file to append lines. Creates it, for its owner only, if it does not exist.
 *
 * @throws {UsageError} `WFG_USAGE` if it cannot be opened
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
  // Ends the incomplete line of a killed process before the first new line.
  let waiting = isTorn ? '\n' : ''
  let writing: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  const write = (): Promise<void> => {
    const text = waiting
    waiting = ''
    next = undefined
    writing = written(path, absolute, handle, text)
    return writing
  }
  return {
    append(lines) {
      waiting += lines.map((line) => `${JSON.stringify(line)}\n`).join('')
      next ??= writing.then(write)
      return next
    },
    read({ offset, length }) {
      const bytes = Buffer.alloc(length)
      readSync(handle.fd, bytes, 0, length, offset)
      return parseLine(bytes.toString())
    },
    async close() {
      await (next ?? writing).catch(() => {})
      await handle.close()
    },
  }
}

// --- internal ---

async function endsInsideLine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat()
  if (size === 0) return false
  const last = new Uint8Array(1)
  await handle.read(last, 0, 1, size - 1)
  return last[0] !== 0x0a
}

async function written(path: string, absolute: string, handle: FileHandle, text: string): Promise<void> {
  try {
    await checkSame(absolute, handle)
    await handle.appendFile(text)
    await handle.datasync()
  } catch (cause) {
    const found = cause instanceof Moved ? cause.message : systemReason(cause)
    throw new WfgError(
      `Cannot write the journal ${quotedPath(path)} (${found}). Nothing more was sent; entries whose answer could not be recorded are unknown to the next run.`,
      { cause },
    )
  }
}

class Moved extends Error {}

/** Checks that the path still leads to the open file. The next run would not find a moved journal, nor its lock. */
async function checkSame(absolute: string, handle: FileHandle): Promise<void> {
  const found = statSync(absolute, { throwIfNoEntry: false })
  const own = await handle.stat()
  if (found?.dev !== own.dev || found.ino !== own.ino) throw new Moved('it was deleted or renamed during this run')
}
