/** Rows as one JSON array, or as one JSON text a line. */
import type { Encoder } from './encoder.ts'
import { toJson } from './json.ts'

/** An array that is valid JSON at its end, and only there; rows are written as they come. */
export function createJsonEncoder(): Encoder {
  let text = ''
  let separator = '[\n'
  const take = () => {
    const taken = text
    text = ''
    return taken
  }
  return {
    add(row) {
      text += `${separator}${toJson(row)}`
      separator = ',\n'
    },
    take,
    end(complete) {
      if (!complete) return take()
      return separator === '[\n' ? '[]\n' : `${take()}\n]\n`
    },
  }
}

export function createNdjsonEncoder(): Encoder {
  let text = ''
  const take = () => {
    const taken = text
    text = ''
    return taken
  }
  return {
    add(row) {
      text += `${toJson(row)}\n`
    },
    take,
    end: take,
  }
}
