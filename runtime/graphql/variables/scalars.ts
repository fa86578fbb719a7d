/** The scalars whose values are known: those of the GraphQL spec (section 3.5), and WorkflowGen's `DateTime`. */
import { A_DATE, readDate, readNumber } from '../../core/text_values.ts'

export interface Scalar {
  readonly expected: string
  /** The value that a text stands for; undefined where it stands for none. */
  fromText(text: string): unknown
  /** Whether a value of JSON is one. */
  accepts(value: unknown): boolean
}

/** Undefined for every other type: nothing is known of it without the server's schema. */
export function scalarOf(typeName: string): Scalar | undefined {
  return SCALARS.get(typeName)
}

/** The scalar of the multipart request specification, whose value is a file. */
export const UPLOAD = 'Upload'

// --- internal ---

const MAX_INT = 2_147_483_647
const MIN_INT = -2_147_483_648

const SCALARS: ReadonlyMap<string, Scalar> = new Map([
  ['Int', scalar(`a whole number from ${MIN_INT} to ${MAX_INT}`, (text) => readNumber(text.trim()), isInt)],
  ['Float', scalar('a number', (text) => readNumber(text.trim()), Number.isFinite)],
  ['Boolean', scalar('true or false', readBoolean, (value) => typeof value === 'boolean')],
  ['String', scalar('a text', (text) => text, isText)],
  [
    'ID',
    scalar(
      'an ID',
      (text) => text,
      (value) => isText(value) || Number.isInteger(value),
    ),
  ],
  // As it was written, because the server knows its time zone better.
  [
    'DateTime',
    scalar(
      A_DATE,
      (text) => text.trim(),
      (value) => isText(value) && readDate(value) !== undefined,
    ),
  ],
])

function scalar(expected: string, read: (text: string) => unknown, accepts: (value: unknown) => boolean): Scalar {
  return {
    expected,
    accepts,
    fromText(text) {
      const value = read(text)
      return accepts(value) ? value : undefined
    },
  }
}

function isInt(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= MIN_INT && Number(value) <= MAX_INT
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function readBoolean(text: string): boolean | undefined {
  return text.trim() === 'true' ? true : text.trim() === 'false' ? false : undefined
}
