/** Files among the variables. */
import { createReadStream, type Stats, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { lookup } from 'mrmime'
import { UsageError } from '../errors.ts'

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
  return {
    name: options.name ?? basename(absolute),
    type: options.type ?? lookup(absolute) ?? 'application/octet-stream',
    size: statsOf(path, absolute).size,
    stream: () => Readable.toWeb(createReadStream(absolute)) as ReadableStream<Uint8Array>,
  }
}

export function isUpload(value: unknown): value is Upload {
  if (typeof value !== 'object' || value === null) return false
  const { stream, size, type } = value as Partial<Upload>
  return typeof stream === 'function' && typeof size === 'number' && typeof type === 'string'
}

// --- internal ---

function statsOf(path: string, absolute: string): Stats {
  const cannot = `Cannot upload ${JSON.stringify(path)}`
  let stats: Stats
  try {
    stats = statSync(absolute)
  } catch (error) {
    throw new UsageError(`${cannot}: it cannot be read (${(error as NodeJS.ErrnoException).code}); expected a file.`)
  }
  if (!stats.isFile()) throw new UsageError(`${cannot}: it is no file; expected one.`)
  return stats
}
