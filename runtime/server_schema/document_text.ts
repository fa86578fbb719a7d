/** The text of a document as the script makes it, and the place of each character in the file. */
import type { Part } from './script_documents.ts'

export class DocumentText {
  #text = ''
  readonly #places: number[] = []
  #end = 0

  get text(): string {
    return this.#text
  }

  /** Adds a part of a string or template, with its escapes decoded. */
  addPart(source: string, { start, end }: Part): void {
    for (let at = start; at < end; ) {
      const [length, written] = characterAt(source, at)
      this.add(written, at)
      at += length
    }
    this.#end = end
  }

  /** Adds text that is not in the file at this place. All its characters get this place. */
  add(text: string, place: number): void {
    this.#text += text
    for (let count = text.length; count > 0; count--) this.#places.push(place)
  }

  /** Place of the character in the file. The place after the last one is the end. */
  placeOf(index: number): number {
    return this.#places[index] ?? this.#end
  }

  /** What is still open at the end of the text: brackets, a GraphQL string, or the head of an operation. */
  get context(): { readonly depth: number; readonly isString: boolean; readonly isHead: boolean } {
    const bare = this.#text.replace(/"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g, '')
    const open: string[] = []
    for (const [sign] of bare.matchAll(/[(){}]/g)) {
      if (sign === '(' || sign === '{') open.push(sign)
      else open.pop()
    }
    return { depth: open.length, isString: bare.includes('"'), isHead: open[0] === '(' }
  }
}

// --- internal ---

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', '0': '\0' }

/** Decodes one character or escape: its length in the source, and its text (ECMAScript, "String Literals"). */
function characterAt(source: string, at: number): [length: number, text: string] {
  const character = source[at]!
  if (character === '\r' && source[at + 1] === '\n') return [2, '\n']
  if (character !== '\\') return [1, character]
  const [written = '\\', short, long, braced] =
    /^\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|u\{([0-9a-f]{1,6})\}|\r\n|[\s\S])/i.exec(source.slice(at, at + 12)) ?? []
  const code = short ?? long ?? braced
  if (code !== undefined) return [written.length, String.fromCodePoint(Number.parseInt(code, 16))]
  const escaped = written.slice(1)
  return [written.length, /^[\r\n]/.test(escaped) ? '' : (ESCAPES[escaped] ?? escaped)]
}
