/** What `gql` gives to graphql-tag, and what it makes of the result. */
import type { DefinitionNode, DocumentNode } from 'graphql'
import { graphqlTag, Kind, parse, print } from './language.ts'

/** One text, in which each document stands as it was written. */
export function joinedText(source: TemplateStringsArray | string, documents: readonly DocumentNode[]): string {
  const [first, ...rest] = typeof source === 'string' ? [source, ...documents.map(() => '\n')] : source
  return rest.reduce((text, part, index) => `${text}${textOf(documents[index]!)}${part}`, `${first}`)
}

/**
 * A document in which a repeated fragment stands once, and no node but the whole knows its text.
 *
 * @throws {GraphQLError} for a syntax error
 */
export function documentOf(text: string): DocumentNode {
  const { gql, disableFragmentWarnings, resetCaches } = graphqlTag()
  disableFragmentWarnings()
  // It keeps every document, and takes texts for the same that differ only in white space or commas, even in a string.
  resetCaches()
  const document = gql(text)
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
