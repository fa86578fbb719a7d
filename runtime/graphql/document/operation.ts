/** Documents as callers pass them, and the operation that a call executes. */
import type { DocumentNode, OperationDefinitionNode } from 'graphql'
import { GraphQLRequestError, UsageError } from '../../core/errors.ts'
import { GraphQLError, Kind, parse, print } from './language.ts'

export type { TypedDocumentNode } from './typed_document.ts'

/** A text typed by its result and variables, as GraphQL Code Generator writes it with `documentMode: 'string'`. */
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

export function isDocumentNode(value: unknown): value is DocumentNode {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === Kind.DOCUMENT
}

/**
 * Parses each text once. Keeps a limited number, because scripts may generate texts.
 *
 * @throws {GraphQLRequestError} `WFG_GRAPHQL_REQUEST` from the returned function, for a syntax error
 */
export function cachedByText<T>(parseText: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const value = reportingSyntax(() => parseText(text))
    if (known.size >= MAX_TEXTS) known.clear()
    known.set(text, value)
    return value
  }
}

/**
 * Returns the operation that a call executes.
 *
 * @throws {GraphQLRequestError} `WFG_GRAPHQL_REQUEST` for a syntax error
 * @throws {UsageError} `WFG_USAGE` if there is no operation, if several have no chosen name, or for a subscription
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

const MAX_TEXTS = 200

interface Parsed {
  readonly node: DocumentNode
  readonly source: string
}

const parsedText = cachedByText((source): Parsed => ({ node: parse(source), source }))
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
    throw new TypeError('Cannot send the document: it is neither a text nor a parsed document.')
  }
  return parsedText(document)
}

function chooseOperation(operations: OperationDefinitionNode[], name: string | undefined): OperationDefinitionNode {
  if (name === undefined || name === '') {
    if (operations.length === 1) return operations[0]!
    if (operations.length === 0) {
      throw new UsageError('Cannot send the document: it has no operation; expected a query or a mutation.')
    }
    throw new UsageError(
      `Cannot send the document: it has ${operations.length} operations (${operations.map(named).join(', ')}); ` +
        'choose one with the option operationName, or with --operation on the command line.',
    )
  }
  const found = operations.find((operation) => operation.name?.value === name)
  if (found) return found
  throw new UsageError(
    `Cannot send the operation ${JSON.stringify(name)}: the document has ${operations.map(named).join(', ') || 'no operation'}.`,
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
    // A template writes values into the document, and the parser's message may quote one.
    const message = error.message.replace(/ (String|BlockString|Int|Float) ".*"/s, ' $1')
    throw new GraphQLRequestError(
      `Cannot read the GraphQL document: ${message.replace(/\.$/, '')}${place}. Nothing was sent.`,
      { errors: [{ message, ...(error.locations ? { locations: error.locations } : {}) }] },
    )
  }
}
