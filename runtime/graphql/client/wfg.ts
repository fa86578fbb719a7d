/** The shape of `wfg`. */
import type { DocumentNode } from 'graphql'
import type * as valibot from 'valibot'
import type { GraphQLErrorEntry, WfgError } from '../../core/errors.ts'
import type { Document, TypedDocumentNode, TypedDocumentString } from '../document/operation.ts'
import type { BulkOptions, CallOptions, DataSchema, PaginateOptions, Variables, WfgOptions } from './options.ts'

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

/**
 * `unknown`: may have been executed, and was not sent again. `skipped`: done by an earlier run with the same journal, or shown
 * in a dry run. `unsent`: not executed, because the run ended before its turn; a later run sends it.
 */
export type BulkStatus = 'done' | 'failed' | 'unknown' | 'skipped' | 'unsent'

/** What became of one entry of a bulk. */
export interface BulkOutcome<Data = Untyped, Vars = Variables> {
  /** Place in the list, from 0. */
  readonly index: number
  readonly variables: Vars
  readonly status: BulkStatus
  /** As the document alone would give it. Of `skipped` what the earlier run got, if that is at most 4 KiB and the call has no schema. */
  readonly data?: Data
  readonly error?: WfgError
}

export interface BulkOutcomes<Data = Untyped, Vars = Variables>
  extends AsyncGenerator<BulkOutcome<Data, Vars>, void, undefined> {
  /** How many entries have ended in which way so far. */
  readonly summary: Readonly<Record<BulkStatus, number>>
}

/** What the lists in the data hold; `any` where no list is found by its name `items`. */
export type PageItem<Data> = 0 extends 1 & Data ? Untyped : [ItemIn<Data>] extends [never] ? Untyped : ItemIn<Data>

type ItemIn<Data> = Data extends { readonly items: readonly (infer Item)[] | null | undefined }
  ? NonNullable<Item>
  : Data extends readonly unknown[] | Date
    ? never
    : Data extends object
      ? { [Name in keyof Data]-?: ItemIn<Data[Name]> }[keyof Data]
      : never

/** A document that says nothing of its types; a typed one must not pass for it where its variables do not fit. */
type UntypedDocument = string | (DocumentNode & { readonly __apiType?: never })

/** `object`, because a plain text would be assignable to the other interface as well. */
type TypedDocument<Data, Vars> = TypedDocumentNode<Data, Vars> | (TypedDocumentString<Data, Vars> & object)

/** Variables must be given if the document needs one. Code generators write `{ [key: string]: never }` for none. */
type VariablesOf<Vars> = object extends Vars
  ? Optional<Vars>
  : string extends keyof Vars
    ? Optional<Vars>
    : [variables: Vars, options?: CallOptions]

type Optional<Vars> = [variables?: Vars, options?: CallOptions]

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
  /** The same; every value is written into the document as a GraphQL literal. */
  (strings: TemplateStringsArray, ...values: unknown[]): Promise<Untyped>
  (document: UntypedDocument, variables?: Variables, options?: CallOptions): Promise<Untyped>
  <Data, Vars>(document: TypedDocument<Data, Vars>, ...given: VariablesOf<NoInfer<Vars>>): Promise<Data>

  /** The whole answer; GraphQL errors are part of it, other failures are thrown. A schema is for data without errors. */
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

  /** The items of WorkflowGen's pages, one after another; leaving the loop stops the rest. */
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
   * Executes one mutation for every entry of a list, many in a request; gives the outcomes in order of the list.
   * Leaving the loop sends nothing more, and waits for the answers to what was sent. While the server is away nothing is
   * sent; when it stays away for `outageMs`, the rest is `unsent`.
   *
   * @throws {UsageError} `WFG_USAGE` when the document holds no mutation, or the journal cannot be used
   * @throws {AccessTokenError | AuthorizationError | TransportError | OutcomeUnknownError} when the token is refused, the
   *   address is wrong, or the journal cannot be written: after all outcomes, of which the rest is `unsent`
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

  /** Another client; dry run and access can only be tightened. */
  extend(options: WfgOptions): Wfg
}
