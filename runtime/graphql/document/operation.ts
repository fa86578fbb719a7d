/** Documents: what a caller may pass, and what the client must know of one before it sends it. */
import type { DocumentNode, OperationDefinitionNode } from 'graphql'
import { GraphQLRequestError, UsageError } from '../../core/errors.ts'
import { documentOf, joinedText } from './gql.ts'
import { GraphQLError, Kind, parse, print } from './language.ts'
import type { Fitting, Typed } from './typed_document.ts'

export type { TypedDocumentNode } from './typed_document.ts'

/** A text whose result and variables are known to the compiler, as GraphQL Code Generator makes it with `documentMode: 'string'`. */
// biome-ignore lint/complexity/noBannedTypes: its class extends String
export interface TypedDocumentString<Result = unknown, Variables = unknown> extends String {
  __apiType?: (variables: Variables) => Result
}

export type Document = string | DocumentNode | TypedDocumentString

export interface Operation {
  readonly kind: 'query' | 'mutation'
  readonly name: string | undefined
  /** The text that is sent. */
  readonly source: string
  readonly document: DocumentNode
  readonly definition: OperationDefinitionNode
}

/**
 * As graphql-tag's `gql`, guarded: only documents may be interpolated, because a text would become part of the document.
 * The same text gives the same document. Called as a function, with the fragments that it spreads after it, the document is
 * typed by the schema that was pulled.
 *
 * @throws {TypeError} when something else is interpolated
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
  documents.forEach((document, index) => {
    if (!isDocumentNode(document)) {
      throw new TypeError(
        `Cannot insert value ${index + 1} into a gql document: it is no document; expected a fragment or another document. ` +
          'Declare a variable in the document and pass the value with the call.',
      )
    }
  })
  return remembered(taggedDocuments, joinedText(source, documents), documentOf)
}

export function isDocumentNode(value: unknown): value is DocumentNode {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === Kind.DOCUMENT
}

/**
 * The one operation that a call executes.
 *
 * @throws {GraphQLRequestError} `WFG_GRAPHQL_REQUEST` for a syntax error
 * @throws {UsageError} `WFG_USAGE` when there is no operation, several without a name, or a subscription
 */
export function readOperation(document: Document, operationName?: string): Operation {
  const parsed = parsedDocument(document)
  const operations = parsed.node.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  const definition = chooseOperation(operations, operationName)
  if (definition.operation === 'subscription') {
    throw new UsageError(
      `Cannot send the subscription ${definition.name ? named(definition) : 'without a name'}: only queries and mutations can be sent; poll with a query instead.`,
    )
  }
  return {
    kind: definition.operation,
    name: definition.name?.value,
    source: parsed.source,
    document: parsed.node,
    definition,
  }
}

// --- internal ---

interface Parsed {
  readonly node: DocumentNode
  readonly source: string
}

/** Texts repeat in loops; a bound keeps generated ones from filling the memory. */
const MAX_TEXTS = 200
const taggedDocuments = new Map<string, DocumentNode>()
const parsedTexts = new Map<string, Parsed>()
const parsedNodes = new WeakMap<DocumentNode, Parsed>()

function parsedDocument(given: Document): Parsed {
  const document = given instanceof String ? given.toString() : given
  if (isDocumentNode(document)) {
    let parsed = parsedNodes.get(document)
    if (!parsed) {
      parsed = { node: document, source: print(document) }
      parsedNodes.set(document, parsed)
    }
    return parsed
  }
  if (typeof document !== 'string') {
    throw new TypeError('Cannot send the document: it is neither a text nor a parsed document; expected one of them.')
  }
  return remembered(parsedTexts, document, (source) => ({ node: parse(source), source }))
}

function remembered<T>(known: Map<string, T>, text: string, read: (text: string) => T): T {
  let value = known.get(text)
  if (value === undefined) {
    value = reportingSyntax(() => read(text))
    if (known.size >= MAX_TEXTS) known.clear()
    known.set(text, value)
  }
  return value
}

function chooseOperation(operations: OperationDefinitionNode[], name: string | undefined): OperationDefinitionNode {
  if (name === undefined || name === '') {
    if (operations.length === 1) return operations[0]!
    if (operations.length === 0) {
      throw new UsageError('Cannot send the document: it holds no operation; expected a query or a mutation.')
    }
    throw new UsageError(
      `Cannot send the document: it holds ${operations.length} operations (${operations.map(named).join(', ')}); ` +
        'say which one with the option operationName, on the command line with --operation.',
    )
  }
  const found = operations.find((operation) => operation.name?.value === name)
  if (found) return found
  throw new UsageError(
    `Cannot send the operation ${JSON.stringify(name)}: the document holds ${operations.map(named).join(', ') || 'no operation'}.`,
  )
}

function named(operation: OperationDefinitionNode): string {
  return operation.name ? JSON.stringify(operation.name.value) : 'an anonymous one'
}

function reportingSyntax<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const at = error.locations?.[0]
    const place = at ? ` at line ${at.line}, column ${at.column}` : ''
    // A template writes values into the document, and the parser would quote the one that it stumbled over.
    const message = error.message.replace(/ (String|BlockString|Int|Float) ".*"/s, ' $1')
    throw new GraphQLRequestError(
      `Cannot read the GraphQL document: ${message.replace(/\.$/, '')}${place}. Nothing was sent.`,
      { errors: [{ message, ...(error.locations ? { locations: error.locations } : {}) }] },
    )
  }
}
