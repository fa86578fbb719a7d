/** Rows as one JSON array, or as one JSON text a line. */
import type { Encoder } from './encoder.ts'
import { toJson } from './json.ts'

/** An array. Rows are written as they come, so it is valid JSON only at its end. */
export function createJsonEncoder(): Encoder {
  let separator = '[\n'
  const add = (row: unknown): string => {
    const text = `${separator}${toJson(row)}`
    separator = ',\n'
    return text
  }
  return buffered(add, () => (separator === '[\n' ? '[]\n' : '\n]\n'))
}

export function createNdjsonEncoder(): Encoder {
  return buffered(
    (row) => `${toJson(row)}\n`,
    () => '',
  )
}

// --- internal ---

function buffered(encode: (row: unknown) => string, close: () => string): Encoder {
  let text = ''
  const take = () => {
    const taken = text
    text = ''
    return taken
  }
  return {
    add(row) {
      text += encode(row)
    },
    take,
    end: (complete) => `${take()}${complete ? close() : ''}`,
  }
}
