/** The shape of `wfg`. */
import type * as valibot from 'valibot'
import type { GraphQLErrorEntry } from '../errors.ts'
import type { Document, TypedDocumentNode } from './document.ts'
import type { CallOptions, DataSchema, PaginateOptions, Variables, WfgOptions } from './options.ts'

/** What `wfg.execute` gives; never throws for GraphQL errors. */
export interface ExecutionResult<Data> {
  readonly data: Data | null
  readonly errors: readonly GraphQLErrorEntry[] | undefined
  readonly extensions: Readonly<Record<string, unknown>> | undefined
  readonly status: number
  readonly durationMs: number
  readonly attempts: number
}

// biome-ignore lint/suspicious/noExplicitAny: without a schema nothing is known of the data
type Untyped = any

export interface Wfg {
  /**
   * Sends one operation and gives its `data`.
   *
   * @throws {GraphQLRequestError} `WFG_GRAPHQL_REQUEST` nothing was executed
   * @throws {GraphQLExecutionError} `WFG_GRAPHQL_EXECUTION` with the partial `data`
   * @throws {AccessTokenError | AuthorizationError | TransportError | OutcomeUnknownError | RefusedError}
   * @example
   * const { viewer } = await wfg('query { viewer { userName } }')
   */
  <Schema extends DataSchema>(
    document: Document,
    variables: Variables | undefined,
    options: CallOptions & { schema: Schema },
  ): Promise<valibot.InferOutput<Schema>>
  <Data, Vars>(document: TypedDocumentNode<Data, Vars>, variables?: Vars, options?: CallOptions): Promise<Data>
  (document: Document, variables?: Variables, options?: CallOptions): Promise<Untyped>
  /** The same; every value is written into the document as a GraphQL literal. */
  (strings: TemplateStringsArray, ...values: unknown[]): Promise<Untyped>

  /** The whole answer; GraphQL errors are part of it, other failures are thrown. */
  execute<Data, Vars>(
    document: TypedDocumentNode<Data, Vars>,
    variables?: Vars,
    options?: CallOptions,
  ): Promise<ExecutionResult<Data>>
  execute(document: Document, variables?: Variables, options?: CallOptions): Promise<ExecutionResult<Untyped>>

  /** The items of WorkflowGen's pages, one after another; leaving the loop stops the rest. */
  paginate(
    document: Document,
    variables?: Variables,
    options?: PaginateOptions,
  ): AsyncGenerator<Untyped, void, undefined>

  /** Another client; dry run and access can only be tightened. */
  extend(options: WfgOptions): Wfg
}
