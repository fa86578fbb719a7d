/** Finds the encoding of a CSV file, and decodes it. */
import { unreadable } from './table.ts'

export const ENCODINGS = ['utf-8', 'utf-16', 'windows-1252'] as const
export type Encoding = (typeof ENCODINGS)[number]

/** An encoding with its byte order. */
export type Charset = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

/**
 * Returns the encoding that the byte order mark names, else the one of the flag, else UTF-8.
 *
 * @param start the first bytes of the file
 * @throws {UsageError} if the file cannot have this encoding
 */
export function charsetOf(path: string, start: Buffer, flag: Encoding = 'utf-8'): Charset {
  for (const [charset, mark] of Object.entries(MARKS)) {
    if (start.subarray(0, mark.length).equals(mark)) return charset as Charset
  }
  // In UTF-16, half of the bytes of a header are 0.
  const hasZeros = start.includes(0)
  if (flag === 'utf-16') {
    if (!hasZeros) throw unreadable(path, 'it is not UTF-16; leave out --encoding utf-16')
    return 'utf-16le'
  }
  if (hasZeros) {
    throw unreadable(path, 'it is UTF-16, or not text; expected UTF-8, or --encoding utf-16 to read it')
  }
  if (flag === 'windows-1252' && isUtf8(start)) {
    throw unreadable(path, IS_UTF_8)
  }
  return flag
}

/** Returns a function that decodes the next bytes. Without any, it ends the text. */
export function decoderOf(path: string, charset: Charset): (bytes?: Buffer) => string {
  if (charset === 'windows-1252') return decodeWindows1252(path)
  const decoder = new TextDecoder(charset)
  return (bytes) => decoder.decode(bytes, { stream: bytes !== undefined })
}

// --- internal ---

const MARKS = {
  'utf-8': Buffer.from([0xef, 0xbb, 0xbf]),
  'utf-16le': Buffer.from([0xff, 0xfe]),
  'utf-16be': Buffer.from([0xfe, 0xff]),
}

const IS_UTF_8 = 'it is UTF-8, so its accents would be lost; leave out --encoding windows-1252'

/** At the end, the function throws if all of it was UTF-8: the first accent may come late. */
function decodeWindows1252(path: string): (bytes?: Buffer) => string {
  const parts = new TextDecoder('utf-8', { fatal: true })
  let isValid = true
  let hasLetters = false
  return (bytes = Buffer.alloc(0)) => {
    const isEnd = bytes.length === 0
    try {
      if (isValid) hasLetters = parts.decode(bytes, { stream: !isEnd }).length < bytes.length || hasLetters
    } catch {
      isValid = false
    }
    if (isEnd && isValid && hasLetters) throw unreadable(path, IS_UTF_8)
    return windows1252(bytes.toString('latin1'))
  }
}

/** True if there are letters beyond ASCII, in valid UTF-8. */
function isUtf8(start: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true })
    return text.length < start.length
  } catch {
    return false
  }
}

/** The characters of the bytes 0x80 to 0x9F. Some versions of Node decode them as control characters. */
const FROM_0X80 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

function windows1252(latin1: string): string {
  return latin1.replace(/[\x80-\x9f]/g, (character) => FROM_0X80[character.charCodeAt(0) - 0x80]!)
}
