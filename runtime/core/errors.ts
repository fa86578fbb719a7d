/**
 * The errors that a caller can act on. Each class has a stable `code` and the exit code of a process that fails with it.
 * A message says what could not be done and to what, what was found, what was expected, and the next step. It never has a
 * secret, a token or the value of a variable.
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
  /** The next step. The message ends with it. */
  remedy?: string | undefined
}

/** Base of all errors of this package. `isWfgError` also recognises those of another copy of the package. */
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

  /** The next step alone, if the message has one. */
  get remedy(): string | undefined {
    return this.#remedy
  }

  /** The error in a row of results. Without this, JSON would omit the message. */
  toJSON(): { name: string; code: string; message: string } {
    return { name: this.name, code: this.code, message: this.message }
  }
}

/** The command line, a script or the registry is wrong. */
export class UsageError extends WfgError {
  override readonly name = 'UsageError'
  override readonly code = 'WFG_USAGE'
  override readonly exitCode = 2
}

export interface ConfigProblem {
  /** Name of the setting. */
  readonly name: string
  /** What is wrong and what is expected, without the value. */
  readonly problem: string
}

/** Settings are missing or not valid. It lists all problems at once, by name. */
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
  /** HTTP status of the token endpoint's response, if there was one. */
  status?: number | undefined
  /** `error` of the error response (RFC 6749 section 5.2). */
  oauthError?: string | undefined
  /** `error_description` of the error response, unchanged. */
  description?: string | undefined
  /** How long the server asked to wait, in milliseconds. */
  retryAfterMs?: number | undefined
  /** True if another attempt in this process cannot help. */
  permanent?: boolean | undefined
}

/** The identity provider did not give an access token. */
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

/** An operation failed. */
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

/** The identity provider accepted the client, but WorkflowGen did not (HTTP 401 twice, or 403). */
export class AuthorizationError extends OperationError {
  override readonly name = 'AuthorizationError'
  override readonly code = 'WFG_AUTHORIZATION'
  override readonly exitCode = 3
}

export type TransportErrorCode = 'WFG_NETWORK' | 'WFG_TIMEOUT' | 'WFG_HTTP'

/** No GraphQL response: no connection, a timeout (`WFG_TIMEOUT`), or another kind of response (`WFG_HTTP`). */
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
  /** The partial data. Not enumerable, so that logging the error does not print business data. */
  declare readonly data: unknown

  constructor(message: string, details: GraphQLDetails & { data: unknown }) {
    super(message, details)
    this.errors = details.errors
    Object.defineProperty(this, 'data', { value: details.data, enumerable: false })
  }
}

/** A mutation was sent, and may have been executed: there was no response, or one that may come from a proxy. */
export class OutcomeUnknownError extends OperationError {
  override readonly name = 'OutcomeUnknownError'
  override readonly code = 'WFG_OUTCOME_UNKNOWN'
  override readonly exitCode = 4
}

/** A guard refused the call before anything was sent. */
export class RefusedError extends WfgError {
  override readonly name = 'RefusedError'
  override readonly code = 'WFG_REFUSED'
  override readonly exitCode = 7
}

/**
 * True for every error of this package, and for one of another copy of the package.
 *
 * @example
 * try { await wfg(Document) } catch (error) { if (isWfgError(error)) console.error(error.code) }
 */
export function isWfgError(value: unknown): value is WfgError {
  return typeof value === 'object' && value !== null && brand in value
}
