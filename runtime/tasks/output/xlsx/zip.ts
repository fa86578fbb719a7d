/** Zip archives (PKWARE's APPNOTE.TXT): one is read whole, one is written piece by piece, in the order of its files. */
import { Buffer } from 'node:buffer'
import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { WfgError } from '../../../core/errors.ts'

/** The files of an archive by name, as text. */
export function unzip(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>()
  const end = archive.lastIndexOf(signature('PK\x05\x06'))
  let entry = archive.readUInt32LE(end + 16)
  for (let count = archive.readUInt16LE(end + 10); count > 0; count--) {
    const size = archive.readUInt32LE(entry + 20)
    const [nameLength = 0, extraLength = 0, commentLength = 0] = [28, 30, 32].map((at) =>
      archive.readUInt16LE(entry + at),
    )
    const header = archive.readUInt32LE(entry + 42)
    const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
    const name = archive.toString('utf8', entry + 46, entry + 46 + nameLength)
    files.set(name, inflateRawSync(archive.subarray(start, start + size)).toString())
    entry += 46 + nameLength + extraLength + commentLength
  }
  return files
}

/** Each method returns the bytes to write next. */
export interface Zip {
  startFile(name: string): Buffer
  add(text: string): Buffer
  endFile(): Buffer
  end(): Buffer
}

export function createZip(): Zip {
  const entries: Buffer[] = []
  let offset = 0
  let file = { name: Buffer.alloc(0), offset: 0, crc: 0, size: 0, compressed: 0 }
  const count = (bytes: Buffer): Buffer => {
    offset += bytes.length
    return bytes
  }
  return {
    startFile(name) {
      file = { name: Buffer.from(name), offset, crc: 0, size: 0, compressed: 0 }
      return count(Buffer.concat([signature('PK\x03\x04'), header(file), file.name]))
    },
    add(text) {
      const bytes = Buffer.from(text)
      // Pieces that end at a byte, and are not the last one, can be put together.
      const packed = deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
      file.crc = crc32(bytes, file.crc)
      file.size += bytes.length
      file.compressed += packed.length
      if (file.size > MAX_BYTES || offset + packed.length > MAX_BYTES) throw tooLarge()
      return count(packed)
    },
    endFile() {
      const last = deflateRawSync('')
      file.compressed += last.length
      const sizes = numbers(4, file.crc, file.compressed, file.size)
      entries.push(
        Buffer.concat([
          ...[signature('PK\x01\x02'), numbers(2, VERSION), header(file)],
          ...[numbers(2, 0, 0, 0), numbers(4, 0, file.offset), file.name],
        ]),
      )
      return count(Buffer.concat([last, signature('PK\x07\x08'), sizes]))
    },
    end() {
      const directory = Buffer.concat(entries)
      const counts = numbers(2, 0, 0, entries.length, entries.length)
      return Buffer.concat([
        directory,
        signature('PK\x05\x06'),
        counts,
        numbers(4, directory.length, offset),
        numbers(2, 0),
      ])
    },
  }
}

// --- internal ---

/** Of the format's first version: a file that is larger needs an extension (zip64). */
const MAX_BYTES = 0xff_ff_ff_ff
const VERSION = 20
/** The sizes follow the file, and its name is UTF-8. */
const FLAGS = 0x08_08
const DEFLATE = 8
/** 1980-01-01 00:00, the first time that the format knows: the same rows give the same file. */
const NO_TIME = [0, 0x21]

interface File {
  readonly name: Buffer
  readonly crc: number
  readonly size: number
  readonly compressed: number
}

/** The part that a file's own header and its entry in the directory have in common. */
function header({ name, crc, size, compressed }: File): Buffer {
  return Buffer.concat([
    numbers(2, VERSION, FLAGS, DEFLATE, ...NO_TIME),
    numbers(4, crc, compressed, size),
    numbers(2, name.length, 0),
  ])
}

function numbers(bytes: 2 | 4, ...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(bytes * values.length)
  for (const [index, value] of values.entries()) buffer.writeUIntLE(value, index * bytes, bytes)
  return buffer
}

function signature(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

function tooLarge(): WfgError {
  return new WfgError('Cannot write more than 4 GiB of cells to an Excel file; use --out FILE.csv.')
}
