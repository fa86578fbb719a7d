/** Zip archives, by fflate: one is read whole, one is written piece by piece, in the order of its files. */
import type * as fflate from 'fflate'
import { WfgError } from '../../../core/errors.ts'

type Fflate = Pick<typeof fflate, 'strFromU8' | 'strToU8' | 'unzipSync' | 'Zip' | 'ZipDeflate'>

/** The files of an archive by name, as text. */
export function unzip({ strFromU8, unzipSync }: Fflate, archive: Uint8Array): Map<string, string> {
  return new Map(Object.entries(unzipSync(archive)).map(([name, bytes]) => [name, strFromU8(bytes)]))
}

export interface Zip {
  startFile(name: string): void
  /** @param isLast of the file */
  add(text: string, isLast: boolean): void
  end(): void
  /** Returns the bytes to write next. */
  take(): Uint8Array[]
}

export function createZip({ strToU8, Zip, ZipDeflate }: Fflate): Zip {
  let bytes: Uint8Array[] = []
  const zip = new Zip((error, chunk) => {
    if (error) throw error
    bytes.push(chunk)
  })
  let file: fflate.ZipDeflate
  let size = 0
  return {
    startFile(name) {
      file = new ZipDeflate(name, { level: 6 })
      file.mtime = FIRST_TIME
      size = 0
      zip.add(file)
    },
    add(text, isLast) {
      const piece = strToU8(text)
      size += piece.length
      if (size > MAX_BYTES)
        throw new WfgError('Cannot write more than 4 GiB of cells to an Excel file; use --out FILE.csv.')
      file.push(piece, isLast)
    },
    end: () => zip.end(),
    take() {
      const taken = bytes
      bytes = []
      return taken
    },
  }
}

// --- internal ---

/** Of a zip without its extension for large files. */
const MAX_BYTES = 0xff_ff_ff_ff
/** The same rows give the same file. Local time, because a zip has no time zone, and earlier times are refused. */
const FIRST_TIME = '1980-01-01T00:00:00'
