/** The text of a document as the script makes it, and the place of each character in the file. */
import { createLexicalContext } from '../graphql/document/literal.ts'
import type { Part } from './script_documents.ts'

export class DocumentText {
  /** What is open at the end of the text: brackets, or a GraphQL string. */
  readonly context = createLexicalContext()
  #text = ''
  readonly #places: number[] = []
  #end = 0

  get text(): string {
    return this.#text
  }

  /** Adds a part of a string or template. */
  addPart(source: string, { start, end, cooked }: Part): void {
    this.#add(cooked)
    for (const { 0: unit, index } of source.slice(start, end).matchAll(UNIT)) {
      if (!/^\\[\r\n]/.test(unit)) this.#places.push(start + index)
    }
    this.#end = end
  }

  /** Adds text that is not in the file after the last part. All its characters have the place of its end. */
  add(text: string): void {
    this.#add(text)
    for (let count = text.length; count > 0; count--) this.#places.push(this.#end)
  }

  /** Index of the character in the file. The place after the last one is the end. */
  placeOf(index: number): number {
    return this.#places[index] ?? this.#end
  }

  #add(text: string): void {
    this.#text += text
    this.context.read(text)
  }
}

// --- internal ---

/** A character or escape sequence, which stands for one character. A backslash at the end of a line stands for none. */
const UNIT = /\\(?:u\{[^}]*\}|u[\s\S]{4}|x[\s\S]{2}|\r\n|[\s\S])|\r\n|[\s\S]/g
