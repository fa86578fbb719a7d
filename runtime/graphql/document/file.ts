/** Files to upload in variables. */
import { createReadStream, type Stats, statSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { lookup } from 'mrmime'
import { UsageError } from '../../core/errors.ts'
import { systemReason } from '../../core/system_code.ts'
import { quotedPath } from '../../core/visible.ts'

/** A value that can be uploaded: a `Blob`, a `File`, or the result of {@link file}. */
export interface Upload {
  readonly name?: string
  /** Media type. */
  readonly type: string
  /** In bytes. */
  readonly size: number
  stream(): ReadableStream<Uint8Array>
}

/**
 * Returns a file to upload. It is read while it is sent, and never held in memory as a whole.
 *
 * @param path relative to the working directory
 * @param options replace the name or media type of the file
 * @throws {UsageError} `WFG_USAGE` if the file cannot be read
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
        `Cannot upload ${quotedPath(path)}: it has ${found} bytes now, and had ${size} before. ` +
          'Do not shorten the file before it is sent.',
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

/** Common attachments that are not in mrmime's list, which has no vendor types. */
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

/** Not `Readable.toWeb`: on Deno 2.9 the process ends when such a stream is cancelled during a read. */
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
  const cannot = `Cannot upload ${quotedPath(path)}`
  let stats: Stats
  try {
    stats = statSync(absolute)
  } catch (error) {
    throw new UsageError(`${cannot}: it cannot be read (${systemReason(error)}); expected a file.`)
  }
  if (!stats.isFile()) throw new UsageError(`${cannot}: it is not a file.`)
  return stats
}
