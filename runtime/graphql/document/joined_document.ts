/** What `gql` makes of its text and of the documents in it: what graphql-tag would, which loads all of graphql. */
import type { DefinitionNode, DocumentNode } from 'graphql'
import { Kind, Location, parse, print, Source, Token, TokenKind } from './language.ts'

/** One text, in which each document stands as it was written. */
export function joinedText(source: TemplateStringsArray | string, documents: readonly DocumentNode[]): string {
  const [first, ...rest] = typeof source === 'string' ? [source, ...documents.map(() => '\n')] : source
  return rest.reduce((text, part, index) => `${text}${textOf(documents[index]!)}${part}`, `${first}`)
}

/**
 * A document in which a fragment that came along several times stands once, and only the whole knows its text: nodes would
 * keep every token in memory, and show them to whoever prints a document as JSON.
 *
 * @throws {GraphQLError} for a syntax error
 */
export function documentOf(text: string): DocumentNode {
  const parsed = parse(text, { noLocation: true })
  const document = { ...parsed, definitions: withoutRepeated(parsed.definitions), loc: wholeOf(text) }
  texts.set(document, text)
  return document
}

/** The same with the place of every node in the text, for whoever tells what is wrong with it. */
export function documentWithPlaces(text: string): DocumentNode {
  const parsed = parse(text)
  return { ...parsed, definitions: withoutRepeated(parsed.definitions) }
}

/** A fragment that stands there several times stands once. */
export function withoutRepeated(definitions: readonly DefinitionNode[]): DefinitionNode[] {
  const seen = new Set<string>()
  return definitions.filter((definition) => {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) return true
    const printed = print(definition)
    return !seen.has(printed) && seen.add(printed)
  })
}

// --- internal ---

/** The text of each document that was made here. `loc` does not tell it: `visit` copies that into the changed document. */
const texts = new WeakMap<DocumentNode, string>()

function textOf(document: DocumentNode): string {
  return texts.get(document) ?? print(document)
}

function wholeOf(text: string): InstanceType<typeof Location> {
  const start = new Token(TokenKind.SOF, 0, 0, 0, 0)
  const end = new Token(TokenKind.EOF, text.length, text.length, 0, 0)
  return new Location(start, end, new Source(text))
}
