/** Writes values as one line of JSON, with those that JSON does not have: undefined, dates, big integers, NaN, bytes, errors. */
import { WfgError } from '../core/errors.ts'
import { toJson } from '../tasks/output/json.ts'

/** @throws {WfgError} if the value contains itself */
export function encode(value: unknown): string {
  return JSON.stringify(isPlain(value, MAX_DEPTH) ? value : marked(value, []))
}

export function decode(line: string): unknown {
  const value: unknown = JSON.parse(line)
  return line.includes(ESCAPED_MARK) ? unmarked(value) : value
}

// --- internal ---

/** Starts a text that stands for another value. A text of the script that starts so gets one more. */
const MARK = '\u0001'
const ESCAPED_MARK = '\\u0001'
/** Digits of a big integer. */
const MAX_DIGITS = 10_000
/** Deeper values take the slower way. */
const MAX_DEPTH = 50

function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      return !value.startsWith(MARK)
    case 'number':
      return Number.isFinite(value)
    case 'boolean':
      return true
    case 'object':
      break
    default:
      return false
  }
  if (value === null) return true
  if (depth === 0 || value instanceof Error || ArrayBuffer.isView(value) || 'toJSON' in value) return false
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  return members.every((member) => isPlain(member, depth - 1))
}

function marked(value: unknown, parents: readonly unknown[]): unknown {
  if (typeof value === 'string') return value.startsWith(MARK) ? `${MARK}${value}` : value
  if (typeof value === 'bigint') return `${MARK}i${value}`
  if (typeof value === 'number') return Number.isFinite(value) ? value : `${MARK}n${value}`
  if (typeof value === 'boolean' || value === null) return value
  if (typeof value !== 'object') return `${MARK}u`
  if (parents.includes(value)) throw selfContained(value)
  const within = [...parents, value]
  if (value instanceof Date) return `${MARK}d${Number.isNaN(value.getTime()) ? '' : value.toISOString()}`
  const { toJSON } = value as { toJSON?: unknown }
  const json = typeof toJSON === 'function' ? marked(toJSON.call(value, ''), within) : undefined
  if (value instanceof Error) return `${MARK}e${JSON.stringify([value.message, json])}`
  if (json !== undefined) return json
  if (value instanceof Uint8Array) return `${MARK}b${Buffer.from(value).toString('base64')}`
  if (Array.isArray(value)) return Array.from(value, (item) => marked(item, within))
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, marked(member, within)]))
}

function unmarked(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(MARK) ? ofMark(value.slice(1)) : value
  if (Array.isArray(value)) return value.map(unmarked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unmarked(member)]))
}

function ofMark(text: string): unknown {
  const rest = text.slice(1)
  switch (text[0]) {
    case MARK:
      return text
    case 'i':
      // Reading a longer one would keep the parent from ending the run.
      return rest.length > MAX_DIGITS ? rest : BigInt(rest)
    case 'n':
      return Number(rest)
    case 'd':
      return new Date(rest)
    case 'b':
      return new Uint8Array(Buffer.from(rest, 'base64'))
    case 'e': {
      const [message, json] = JSON.parse(rest) as [string, unknown]
      const error = new Error(message)
      return json === null || json === undefined ? error : Object.assign(error, { toJSON: () => unmarked(json) })
    }
    default:
      return undefined
  }
}

/** The error that an ordinary run gives. */
function selfContained(value: unknown): WfgError {
  try {
    toJson(value)
  } catch (error) {
    if (error instanceof WfgError) return error
  }
  return new WfgError('Cannot write a value of the result as JSON: it contains itself')
}
