/**
 * The errors a caller can act on. Each class has a stable `code` and the exit code its failure ends a process with.
 * Messages follow one grammar: what could not be done, to what, the state found, the state wanted, the next step;
 * never a secret, a token or a variable's value.
 */

const brand: unique symbol = Symbol.for('wfg.error') as never

/** A GraphQL error as a server sends it (GraphQL spec section 7.1.6). */
export interface GraphQLErrorEntry {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly locations?: readonly { readonly line: number; readonly column: number }[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

export interface ErrorDetails {
  cause?: unknown
  /** The next step, with which the message ends. */
  remedy?: string | undefined
}

/** Base of all errors of this package; `isWfgError` recognises them across copies of it. */
export class WfgError extends Error {
  override readonly name: string = 'WfgError'
  readonly code: string = 'WFG_ERROR'
  readonly exitCode: number = 1
  readonly [brand] = true
  readonly #remedy: string | undefined

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.#remedy = details.remedy
  }

  /** The next step alone, where the message ends with one. */
  get remedy(): string | undefined {
    return this.#remedy
  }

  /** What a row of results shows of it; JSON would leave out the message of an Error. */
  toJSON(): { name: string; code: string; message: string } {
    return { name: this.name, code: this.code, message: this.message }
  }
}

/** The command line, or the way a script or the registry is written, is wrong. */
export class UsageError extends WfgError {
  override readonly name = 'UsageError'
  override readonly code = 'WFG_USAGE'
  override readonly exitCode = 2
}

export interface ConfigProblem {
  /** Name of the setting. */
  readonly name: string
  /** What is wrong and what is expected, never the value. */
  readonly problem: string
}

/** Settings are missing or unusable; lists all problems at once, by name. */
export class ConfigError extends WfgError {
  override readonly name = 'ConfigError'
  override readonly code = 'WFG_CONFIG'
  override readonly exitCode = 2
  readonly problems: readonly ConfigProblem[]

  constructor(message: string, details: ErrorDetails & { problems?: readonly ConfigProblem[] } = {}) {
    super(message, details)
    this.problems = details.problems ?? []
  }
}

export interface AccessTokenDetails extends ErrorDetails {
  /** HTTP status of the token endpoint's answer, where there was one. */
  status?: number | undefined
  /** `error` of the error response (RFC 6749 section 5.2). */
  oauthError?: string | undefined
  /** `error_description` of the error response, as the server said it. */
  description?: string | undefined
  /** How long the server asked to wait, in milliseconds. */
  retryAfterMs?: number | undefined
  /** True when asking again in this process cannot help. */
  permanent?: boolean | undefined
}

/** The identity provider gave no access token. */
export class AccessTokenError extends WfgError {
  override readonly name = 'AccessTokenError'
  override readonly code = 'WFG_ACCESS_TOKEN'
  override readonly exitCode = 3
  readonly status: number | undefined
  readonly oauthError: string | undefined
  readonly description: string | undefined
  readonly retryAfterMs: number | undefined
  readonly permanent: boolean

  constructor(message: string, details: AccessTokenDetails = {}) {
    super(message, details)
    this.status = details.status
    this.oauthError = details.oauthError
    this.description = details.description
    this.retryAfterMs = details.retryAfterMs
    this.permanent = details.permanent ?? false
  }
}

export interface OperationDetails extends ErrorDetails {
  operationName?: string | undefined
  status?: number | undefined
  requestId?: string | undefined
}

/** What is known of the operation that failed. */
export class OperationError extends WfgError {
  readonly operationName: string | undefined
  readonly status: number | undefined
  readonly requestId: string | undefined

  constructor(message: string, details: OperationDetails = {}) {
    super(message, details)
    this.operationName = details.operationName
    this.status = details.status
    this.requestId = details.requestId
  }
}

/** The identity provider accepted the client, and WorkflowGen did not (HTTP 401 twice, or 403). */
export class AuthorizationError extends OperationError {
  override readonly name = 'AuthorizationError'
  override readonly code = 'WFG_AUTHORIZATION'
  override readonly exitCode = 3
}

export type TransportErrorCode = 'WFG_NETWORK' | 'WFG_TIMEOUT' | 'WFG_HTTP'

/** No GraphQL answer at all: no connection, no time left (`WFG_TIMEOUT`), or an answer of another kind (`WFG_HTTP`). */
export class TransportError extends OperationError {
  override readonly name = 'TransportError'
  override readonly code: TransportErrorCode
  override readonly exitCode = 4

  constructor(message: string, details: OperationDetails & { code: TransportErrorCode }) {
    super(message, details)
    this.code = details.code
  }
}

export interface GraphQLDetails extends OperationDetails {
  errors: readonly GraphQLErrorEntry[]
}

/** A request error (GraphQL spec section 7.1.2): `errors` without `data`, so nothing was executed. */
export class GraphQLRequestError extends OperationError {
  override readonly name = 'GraphQLRequestError'
  override readonly code = 'WFG_GRAPHQL_REQUEST'
  override readonly exitCode = 4
  readonly errors: readonly GraphQLErrorEntry[]

  constructor(message: string, details: GraphQLDetails) {
    super(message, details)
    this.errors = details.errors
  }
}

/** Execution errors (formerly "field errors"): `data` is present, maybe partial, and a mutation may have happened. */
export class GraphQLExecutionError extends OperationError {
  override readonly name = 'GraphQLExecutionError'
  override readonly code = 'WFG_GRAPHQL_EXECUTION'
  override readonly exitCode = 4
  readonly errors: readonly GraphQLErrorEntry[]
  /** The partial data; not enumerable, so that logging the error does not print business data. */
  declare readonly data: unknown

  constructor(message: string, details: GraphQLDetails & { data: unknown }) {
    super(message, details)
    this.errors = details.errors
    Object.defineProperty(this, 'data', { value: details.data, enumerable: false })
  }
}

/** A mutation was sent, and nothing proves whether it was executed: no answer came, or one that a proxy may have given. */
export class OutcomeUnknownError extends OperationError {
  override readonly name = 'OutcomeUnknownError'
  override readonly code = 'WFG_OUTCOME_UNKNOWN'
  override readonly exitCode = 4
}

/** A guard refused, before anything was sent. */
export class RefusedError extends WfgError {
  override readonly name = 'RefusedError'
  override readonly code = 'WFG_REFUSED'
  override readonly exitCode = 7
}

/**
 * True for every error of this package, also one made by another copy of it.
 *
 * @example
 * try { await wfg(Document) } catch (error) { if (isWfgError(error)) console.error(error.code) }
 */
export function isWfgError(value: unknown): value is WfgError {
  return typeof value === 'object' && value !== null && brand in value
}
