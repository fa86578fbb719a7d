/** Files among the variables. */
import { createReadStream, type Stats, statSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { lookup } from 'mrmime'
import { UsageError } from '../../core/errors.ts'
import { systemCode } from '../../core/system_code.ts'

/** What can be uploaded: a `Blob`, a `File`, or what {@link file} gives. */
export interface Upload {
  readonly name?: string
  /** Media type. */
  readonly type: string
  /** Bytes. */
  readonly size: number
  stream(): ReadableStream<Uint8Array>
}

/**
 * A file to upload; it is read while it is sent, so its size does not matter to the memory.
 *
 * @param path relative to the working directory
 * @param options other name or media type than those of the file
 * @throws {UsageError} `WFG_USAGE` when there is no such file
 * @example
 * await wfg(Attach, { input: { number: 12, parameters: [{ name: 'CONTRACT', fileValue: { upload: file('contract.pdf') } }] } })
 */
export function file(path: string, options: { name?: string; type?: string } = {}): Upload {
  const absolute = resolve(path)
  const { size } = statsOf(path, absolute)
  return {
    name: options.name ?? basename(absolute),
    type: options.type ?? typeOf(absolute),
    size,
    stream() {
      const { size: found } = statsOf(path, absolute)
      if (found >= size) return streamOf(absolute)
      throw new UsageError(
        `Cannot upload ${JSON.stringify(path)}: it has ${found} bytes, and had ${size} before; expected it not to be ` +
          'shortened until it is sent.',
      )
    },
  }
}

export function isUpload(value: unknown): value is Upload {
  if (typeof value !== 'object' || value === null) return false
  const { stream, size, type } = value as Partial<Upload>
  return typeof stream === 'function' && typeof size === 'number' && typeof type === 'string'
}

// --- internal ---

/** What people attach most, and the list of media types leaves out with everything else that belongs to a vendor. */
const OFFICE_TYPES: Readonly<Record<string, string>> = {
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.pptx': 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  '.xls': 'application/vnd.ms-excel',
  '.ppt': 'application/vnd.ms-powerpoint',
  '.msg': 'application/vnd.ms-outlook',
  '.odt': 'application/vnd.oasis.opendocument.text',
  '.ods': 'application/vnd.oasis.opendocument.spreadsheet',
}

function typeOf(path: string): string {
  return lookup(path) ?? OFFICE_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream'
}

/** Not `Readable.toWeb`: Deno's ends the process when such a stream is cancelled while it reads (seen with 2.9). */
function streamOf(path: string): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | undefined
  return new ReadableStream({
    async pull(controller) {
      chunks ??= createReadStream(path)[Symbol.asyncIterator]()
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await chunks?.return?.()
    },
  })
}

function statsOf(path: string, absolute: string): Stats {
  const cannot = `Cannot upload ${JSON.stringify(path)}`
  let stats: Stats
  try {
    stats = statSync(absolute)
  } catch (error) {
    throw new UsageError(`${cannot}: it cannot be read (${systemCode(error)}); expected a file.`)
  }
  if (!stats.isFile()) throw new UsageError(`${cannot}: it is no file; expected one.`)
  return stats
}
