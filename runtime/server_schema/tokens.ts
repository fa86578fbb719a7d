/** The words, texts and signs of a script, read without running or compiling it. */

/** A part of a template's text, between its holes; `end` is behind the last character. */
export interface Part {
  readonly start: number
  readonly end: number
}

export type Token =
  | { readonly kind: 'word' | 'sign'; readonly text: string; readonly start: number; readonly end: number }
  /** Quoted with one of the two quotes; `parts` has one member, without the quotes. */
  | { readonly kind: 'string'; readonly start: number; readonly end: number; readonly parts: readonly Part[] }
  | {
      readonly kind: 'template'
      readonly start: number
      readonly end: number
      readonly parts: readonly Part[]
      /** What stands in each `${…}`, one fewer than parts. */
      readonly holes: readonly (readonly Token[])[]
    }

/** Where a script stops being one. */
export class ScriptSyntaxError extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** @throws {ScriptSyntaxError} for what is opened and not closed, or closed and not opened */
export function tokensOf(source: string): Token[] {
  const reader: Reader = { source, at: source.startsWith('#!') ? source.search(/\n|$/) : 0 }
  const tokens = readTokens(reader)
  if (reader.at < source.length) throw new ScriptSyntaxError(`"${source[reader.at]}" closes nothing`, reader.at)
  return tokens
}

/** The first token behind the bracket that `tokens[open]` opens. */
export function behindBracket(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at]!
    if (token.kind !== 'sign') continue
    if (token.text in CLOSED_BY) depth++
    else if (CLOSING.has(token.text)) depth--
    if (depth === 0) return at + 1
  }
  return tokens.length
}

// --- internal ---

interface Reader {
  readonly source: string
  at: number
}

const CLOSED_BY: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const CLOSING = new Set(Object.values(CLOSED_BY))

const BLANK = /(?:\s+|\/\/[^\n]*)+/y
const WORD = /[\p{L}\p{N}_$#@]+/uy
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y
/** Bounded: what begins one and does not end is looked at again and again. */
const REGEXP = /\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n]){0,500}\]|[^/\\[\n]){1,1000}\/\w*/y
const TEXT = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*/y

/** After these a slash begins a regular expression; after any other word it divides. */
const BEFORE_VALUE = /^(?:return|typeof|case|in|of|do|else|void|delete|throw|await|yield|new)$/
/** The brackets behind these hold a condition, and a statement follows. */
const BEFORE_CONDITION = /^(?:if|while|for|with)$/

/** Up to the end, or to a bracket that closes what was opened before. */
function readTokens(reader: Reader): Token[] {
  const { source } = reader
  const tokens: Token[] = []
  const open: { sign: string; at: number; isCondition: boolean }[] = []
  /** Whether a value ended, so that a slash divides. */
  let divides = false
  while (skipBlank(reader) < source.length) {
    const start = reader.at
    const character = source[start]!
    if (character === '`') {
      tokens.push(readTemplate(reader))
      divides = true
    } else if (character === '"' || character === "'") {
      if (take(reader, STRING) === '')
        throw new ScriptSyntaxError('a text begins here and does not end in its line', start)
      tokens.push({ kind: 'string', start, end: reader.at, parts: [{ start: start + 1, end: reader.at - 1 }] })
      divides = true
    } else if (character === '/' && !divides && take(reader, REGEXP) !== '') {
      divides = true
    } else {
      const word = take(reader, WORD)
      const text = word || character
      if (word === '') {
        if (CLOSING.has(character)) {
          const opening = open.pop()
          if (!opening) return tokens
          if (CLOSED_BY[opening.sign] !== character) {
            throw new ScriptSyntaxError(`"${opening.sign}" is not closed before "${character}"`, opening.at)
          }
          divides = !opening.isCondition
        } else if (character in CLOSED_BY) {
          const before = tokens.at(-1)
          const isCondition = character === '(' && before?.kind === 'word' && BEFORE_CONDITION.test(before.text)
          open.push({ sign: character, at: start, isCondition })
          divides = false
        } else {
          divides = isBehindValue(reader, tokens.at(-1), divides)
        }
        reader.at = start + 1
      } else {
        divides = !BEFORE_VALUE.test(word)
      }
      tokens.push({ kind: word === '' ? 'sign' : 'word', text, start, end: reader.at })
    }
  }
  const unclosed = open.at(-1)
  if (unclosed) throw new ScriptSyntaxError(`"${unclosed.sign}" is not closed`, unclosed.at)
  return tokens
}

function readTemplate(reader: Reader): Token {
  const { source, at: start } = reader
  const parts: Part[] = []
  const holes: Token[][] = []
  reader.at += 1
  for (;;) {
    const from = reader.at
    take(reader, TEXT)
    parts.push({ start: from, end: reader.at })
    if (reader.at >= source.length) throw new ScriptSyntaxError('a template begins here and does not end', start)
    const isHole = source[reader.at] === '$'
    reader.at += isHole ? 2 : 1
    if (!isHole) return { kind: 'template', start, end: reader.at, parts, holes }
    holes.push(readTokens(reader))
    if (source[reader.at] !== '}') throw new ScriptSyntaxError('a template begins here and does not end', start)
    reader.at += 1
  }
}

/** Whether the sign is the `!` of `a!`, or the last of `a++` and `a--`. */
function isBehindValue({ source, at }: Reader, before: Token | undefined, isValue: boolean): boolean {
  if (before?.kind === 'sign' && before.end === at && /[+-]/.test(before.text)) return source[at] === before.text
  return isValue && source[at] === '!' && !source.slice(before?.end ?? at, at).includes('\n')
}

/** Spaces and comments. */
function skipBlank(reader: Reader): number {
  const { source } = reader
  for (;;) {
    take(reader, BLANK)
    if (!source.startsWith('/*', reader.at)) return reader.at
    const end = source.indexOf('*/', reader.at + 2)
    if (end < 0) throw new ScriptSyntaxError('a comment begins here and does not end', reader.at)
    reader.at = end + 2
  }
}

function take(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at
  const text = pattern.exec(reader.source)?.[0] ?? ''
  reader.at += text.length
  return text
}
