/** `gql`: graphql-tag, guarded. */
import type { DefinitionNode, DocumentNode } from 'graphql'
import { graphqlTag, Kind, print } from './language.ts'
import { cachedByText, isDocumentNode } from './operation.ts'
import type { Fitting, Typed } from './typed_document.ts'

/**
 * Parses a document like graphql-tag's `gql`. Only documents can be inserted, because text would become part of the
 * document. The same text gives the same document. If the server's schema was pulled, a call with a string literal, and
 * with the fragments that it spreads after it, gives a typed document.
 *
 * @throws {TypeError} if something else is inserted
 * @throws {GraphQLRequestError} `WFG_GRAPHQL_REQUEST` for a syntax error, with line and column
 * @example
 * const Viewer = gql(`query Viewer { viewer { ...Names } }`, Names)
 */
export function gql(source: TemplateStringsArray, ...documents: DocumentNode[]): DocumentNode
export function gql<const Source extends string, const Fragments extends readonly DocumentNode[]>(
  source: Fitting<Source>,
  ...fragments: Fragments
): Typed<Source, Fragments>
export function gql(source: TemplateStringsArray | string, ...documents: DocumentNode[]): DocumentNode {
  const inserted = documents.map((document, index) => {
    if (isDocumentNode(document)) return texts.get(document) ?? print(document)
    throw new TypeError(
      `Cannot insert value ${index + 1} into a gql document: it is not a document; expected a fragment or another document. ` +
        'Declare a variable in the document and pass the value with the call.',
    )
  })
  const parts = typeof source === 'string' ? [source, ...documents.map(() => '\n')] : source
  return documentOf(parts.map((part, index) => `${inserted[index - 1] ?? ''}${part}`).join(''))
}

/** Removes repeated fragments. */
export function withoutRepeated(definitions: readonly DefinitionNode[]): DefinitionNode[] {
  const seen = new Set<string>()
  return definitions.filter((definition) => {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) return true
    const printed = print(definition)
    return !seen.has(printed) && seen.add(printed)
  })
}

// --- internal ---

/** The text of each document made here. `loc` is not reliable: `visit` copies it into a changed document. */
const texts = new WeakMap<DocumentNode, string>()

const documentOf = cachedByText((text) => {
  const { gql, disableFragmentWarnings, resetCaches } = graphqlTag()
  disableFragmentWarnings()
  // graphql-tag keeps every document, and mixes up texts that differ only in spaces or commas, even inside a string.
  resetCaches()
  const document = gql(text)
  texts.set(document, text)
  return document
})
