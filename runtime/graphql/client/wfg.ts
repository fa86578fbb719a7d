/** The types of `wfg`. */
import type { DocumentNode } from 'graphql'
import type * as valibot from 'valibot'
import type { GraphQLErrorEntry, WfgError } from '../../core/errors.ts'
import type { Document, TypedDocumentNode, TypedDocumentString } from '../document/operation.ts'
import type { BulkOptions, CallOptions, DataSchema, PaginateOptions, Variables, WfgOptions } from './options.ts'

/** The result of `wfg.execute`. */
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

/**
 * `unknown`: may have been executed, and was not sent again. `skipped`: done by an earlier run with the same journal, or shown
 * in a dry run. `unsent`: not executed, because the run ended first; a later run sends it.
 */
export type BulkStatus = 'done' | 'failed' | 'unknown' | 'skipped' | 'unsent'

/** The outcome of one entry of a bulk run. */
export interface BulkOutcome<Data = Untyped, Vars = Variables> {
  /** Index in the list, from 0. */
  readonly index: number
  readonly variables: Vars
  readonly status: BulkStatus
  /** Its name in the journal. Undefined without a journal. */
  readonly key?: string
  /** The data of this entry alone. For `skipped` the data of the earlier run, if it is at most 4 KiB and the call has no schema. */
  readonly data?: Data
  /** True for `skipped`, and for what `find` found, if the earlier run sent other variables under the same key. */
  readonly changed?: boolean
  readonly error?: WfgError
}

export interface BulkOutcomes<Data = Untyped, Vars = Variables>
  extends AsyncGenerator<BulkOutcome<Data, Vars>, void, undefined> {
  /** The number of entries so far, by status. */
  readonly summary: Readonly<Record<BulkStatus, number>>
}

/** The type of the items in the data; `any` without a list named `items`. */
export type PageItem<Data> = 0 extends 1 & Data ? Untyped : [ItemIn<Data>] extends [never] ? Untyped : ItemIn<Data>

type ItemIn<Data> = Data extends { readonly items: readonly (infer Item)[] | null | undefined }
  ? NonNullable<Item>
  : Data extends readonly unknown[] | Date
    ? never
    : Data extends object
      ? { [Name in keyof Data]-?: ItemIn<Data[Name]> }[keyof Data]
      : never

/** A document without types. A typed document must not match this overload when its variables do not fit. */
type UntypedDocument = string | (DocumentNode & { readonly __apiType?: never })

/** `object`, because a plain string would be assignable to `TypedDocumentString` too. */
type TypedDocument<Data, Vars> = TypedDocumentNode<Data, Vars> | (TypedDocumentString<Data, Vars> & object)

/** Variables are required if the document needs one. Code generators write `{ [key: string]: never }` for none. */
type VariablesOf<Vars> = object extends Vars
  ? Optional<Vars>
  : string extends keyof Vars
    ? Optional<Vars>
    : [variables: Vars, options?: CallOptions]

type Optional<Vars> = [variables?: Vars, options?: CallOptions]

export interface Wfg {
  /**
   * Sends one operation and returns its `data`.
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
  /** The same as a tag. Every value is written into the document as a GraphQL literal. */
  (strings: TemplateStringsArray, ...values: unknown[]): Promise<Untyped>
  (document: UntypedDocument, variables?: Variables, options?: CallOptions): Promise<Untyped>
  <Data, Vars>(document: TypedDocument<Data, Vars>, ...given: VariablesOf<NoInfer<Vars>>): Promise<Data>

  /** Returns the whole response with its GraphQL errors. Other failures are thrown. A schema applies to data without errors. */
  execute<Schema extends DataSchema>(
    document: Document,
    variables: Variables | undefined,
    options: CallOptions & { schema: Schema },
  ): Promise<ExecutionResult<valibot.InferOutput<Schema>>>
  execute(document: UntypedDocument, variables?: Variables, options?: CallOptions): Promise<ExecutionResult<Untyped>>
  execute<Data, Vars>(
    document: TypedDocument<Data, Vars>,
    ...given: VariablesOf<NoInfer<Vars>>
  ): Promise<ExecutionResult<Data>>

  /** Yields the items of WorkflowGen's pages. Leaving the loop stops the other requests. */
  paginate<Schema extends DataSchema>(
    document: Document,
    variables: Variables | undefined,
    options: PaginateOptions & { schema: Schema },
  ): AsyncGenerator<PageItem<valibot.InferOutput<Schema>>, void, undefined>
  paginate(
    document: UntypedDocument,
    variables?: Variables,
    options?: PaginateOptions,
  ): AsyncGenerator<Untyped, void, undefined>
  paginate<Data, Vars>(
    document: TypedDocument<Data, Vars>,
    variables?: Partial<Vars>,
    options?: PaginateOptions,
  ): AsyncGenerator<PageItem<Data>, void, undefined>

  /**
   * Executes one mutation for every entry of a list, many in one request. Yields the outcomes in the order of the list.
   * Leaving the loop sends nothing more, and waits for the pending responses. Nothing is sent during an outage. If it lasts
   * longer than `outageMs`, the remaining entries are `unsent`.
   *
   * @throws {UsageError} `WFG_USAGE` if the document has no mutation, or the journal cannot be used
   * @throws {AccessTokenError | AuthorizationError | TransportError | OutcomeUnknownError} if the token is refused, the
   *   address is wrong, or the journal cannot be written. Thrown after all outcomes; the remaining entries are `unsent`
   * @example
   * for await (const { status, data } of wfg.bulk(CreateRequest, rows, { journal: 'requests.ndjson' })) …
   */
  bulk<Vars extends Variables = Variables>(
    document: UntypedDocument,
    list: Iterable<Vars> | AsyncIterable<Vars>,
    options?: BulkOptions<Vars>,
  ): BulkOutcomes<Untyped, Vars>
  bulk<Data, Vars>(
    document: TypedDocument<Data, Vars>,
    list: Iterable<Vars> | AsyncIterable<Vars>,
    options?: BulkOptions<Vars>,
  ): BulkOutcomes<Data, Vars>

  /** Returns another client. `dryRun` and `access` can only be tightened. */
  extend(options: WfgOptions): Wfg
}
