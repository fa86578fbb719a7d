/** Writes values as GraphQL literals (GraphQL spec section 2.9) into a tagged template. */
import type { DocumentNode } from 'graphql'
import { parse, print } from './language.ts'
import { isDocumentNode } from './operation.ts'

/** The name of an enum value, as opposed to a string. */
export class EnumValue {
  readonly name: string
  constructor(name: string) {
    this.name = name
    // The name is checked only once.
    Object.freeze(this)
  }

  /** In variables, an enum value is a string. */
  toJSON(): string {
    return this.name
  }
}

const NAME = /^[_A-Za-z][_0-9A-Za-z]*$/

/**
 * Returns an enum value for the tagged template. In variables the name itself works too.
 *
 * @throws {TypeError} if `name` is not a GraphQL name
 * @example
 * await wfg`query { requests(filter: { status: ${enumValue('OPEN')} }) { totalCount } }`
 */
export function enumValue(name: string): EnumValue {
  if (typeof name !== 'string' || !NAME.test(name) || ['true', 'false', 'null'].includes(name)) {
    throw new TypeError(`Cannot write ${JSON.stringify(name)} as an enum value: it is not a valid name of one.`)
  }
  return new EnumValue(name)
}

/**
 * Returns the document of a tagged template. Every value becomes a literal, so that no value can change the document.
 *
 * @throws {TypeError} with the position of a value that cannot be written
 */
export function documentFromTemplate(strings: readonly string[], values: readonly unknown[]): string {
  const context = createLexicalContext()
  let source = ''
  strings.forEach((text: string | undefined, index) => {
    if (text === undefined) {
      const where = index === 0 ? 'at its start' : `after value ${index}`
      throw new TypeError(`Cannot read the template: a backslash ${where} begins an invalid escape sequence.`)
    }
    source += text
    if (index >= values.length) return
    context.read(text)
    const position = `value ${index + 1}`
    if (context.inside) {
      throw new TypeError(
        `Cannot write ${position}: it is inside a ${context.inside}; leave out the quotes, because texts are quoted automatically.`,
      )
    }
    const value = values[index]
    // The spaces separate values: 1 and 2 must not become 12.
    source += ` ${isDocumentNode(value) ? writeDocument(value, position, context.depth) : writeLiteral(value, position)} `
  })
  return source
}

/**
 * Writes one value as a literal.
 *
 * @param position name of the value in errors
 * @throws {TypeError} if the value has no literal
 */
export function writeLiteral(value: unknown, position: string): string {
  return write(value, position, [])
}

/** What is open at the end of the text read so far. */
export interface LexicalContext {
  readonly inside: 'text' | 'comment' | undefined
  /** Number of open brackets. */
  readonly depth: number
  read(text: string): void
}

/** Follows strings, comments and brackets through the parts of a template. */
export function createLexicalContext(): LexicalContext {
  let inside: LexicalContext['inside']
  let quote = ''
  let depth = 0
  return {
    get depth() {
      return depth
    },
    get inside() {
      return inside
    },
    read(text) {
      for (let index = 0; index < text.length; ) {
        const rest = text.slice(index, index + 4)
        if (inside === 'comment') {
          if (/^[\r\n]/.test(rest)) inside = undefined
          index += 1
        } else if (inside === 'text') {
          if (rest.startsWith(quote)) {
            inside = undefined
            index += quote.length
          } else if (quote === '"""' && rest === '\\"""') index += 4
          else if (quote === '"' && rest[0] === '\\') index += 2
          else index += 1
        } else if (rest[0] === '#') {
          inside = 'comment'
          index += 1
        } else if (rest[0] === '"') {
          quote = rest.startsWith('"""') ? '"""' : '"'
          inside = 'text'
          index += quote.length
        } else {
          if ('{(['.includes(rest[0]!)) depth += 1
          else if ('})]'.includes(rest[0]!)) depth -= 1
          index += 1
        }
      }
    },
  }
}

// --- internal ---

/** Writes a document outside of the braces only, because data from elsewhere may look like a document. */
function writeDocument(document: DocumentNode, position: string, depth: number): string {
  if (depth > 0) {
    throw new TypeError(`Cannot insert ${position}: it is a document or fragment; insert it outside of the braces.`)
  }
  const text = print(document)
  try {
    if (parse(text).definitions.length === document.definitions.length) return text
  } catch {
    // The printed text is not a document.
  }
  throw new TypeError(`Cannot insert ${position}: it is not a document; expected one made by gql.`)
}

function write(value: unknown, position: string, parents: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return writeString(value, position)
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'number':
      if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
      throw cannotWrite(position, 'it is not a finite number')
    case 'object':
      return value === null ? 'null' : writeObject(value, position, parents)
    default:
      throw cannotWrite(position, value === undefined ? 'it is undefined' : `it is a ${typeof value}`)
  }
}

function writeString(value: string, position: string): string {
  if (!value.isWellFormed()) throw cannotWrite(position, 'it has half of a surrogate pair')
  return JSON.stringify(value)
}

function writeObject(value: object, position: string, parents: readonly object[]): string {
  if (value instanceof EnumValue) return value.name
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw cannotWrite(position, 'it is an invalid Date')
    return JSON.stringify(value.toISOString())
  }
  if (parents.includes(value)) throw cannotWrite(position, 'it contains itself')
  const path = [...parents, value]
  if (Array.isArray(value)) {
    // Array.from, because map would skip the holes of a sparse array.
    return `[${Array.from(value, (item, index) => write(item, `${position}[${index}]`, path)).join(', ')}]`
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw cannotWrite(position, `it is a ${value.constructor?.name || 'class instance'}`)
  }
  const fields = Object.entries(value).flatMap(([key, field]) => {
    if (field === undefined) return []
    if (!NAME.test(key)) throw cannotWrite(`${position}, key ${JSON.stringify(key)}`, 'it is not a GraphQL name')
    return [`${key}: ${write(field, `${position}.${key}`, path)}`]
  })
  return `{${fields.join(', ')}}`
}

function cannotWrite(position: string, found: string): TypeError {
  return new TypeError(
    `Cannot write ${position} as a GraphQL literal: ${found}; expected a string, a finite number, a boolean, null, ` +
      "a Date, an array, a plain object, or enumValue('NAME').",
  )
}
