/** The `wfg` client: a document in, data out. */
import type * as valibot from 'valibot'
import { type GraphQLErrorEntry, GraphQLExecutionError } from '../errors.ts'
import type { GraphQLAnswer } from './answer.ts'
import type { ClientContext } from './connection.ts'
import { type Document, isDocumentNode, type Operation, readOperation, type TypedDocumentNode } from './document.ts'
import { showInsteadOfSending } from './dry_run.ts'
import { graphqlFailure, label } from './failures.ts'
import { checkAccess, checkProtection, guardsOf } from './guards.ts'
import { documentFromTemplate } from './literal.ts'
import {
  type CallOptions,
  checkCall,
  type DataSchema,
  type PaginateOptions,
  type Variables,
  type WfgOptions,
  within,
} from './options.ts'
import { paginate } from './paginate.ts'
import { encodeRequest } from './request_body.ts'
import { type OperationResult, sendOperation } from './send.ts'

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

export function createClient(context: ClientContext, options: WfgOptions = {}): Wfg {
  checkOptions(options)
  const call = (document: Document | TemplateStringsArray, ...rest: unknown[]): Promise<unknown> => {
    if (isTemplate(document)) return template(context, options, document, rest)
    return data(context, options, document, rest[0] as Variables, (rest[1] ?? {}) as CallOptions)
  }
  return Object.assign(call, {
    execute: (document: Document, variables?: Variables, callOptions?: CallOptions) =>
      execute(context, options, document, variables, callOptions),
    paginate: (document: Document, variables?: Variables, pageOptions?: PaginateOptions) =>
      pages(context, options, document, variables, pageOptions),
    extend: (more: WfgOptions) => createClient(context, tightened(options, more)),
  }) as Wfg
}

// --- internal ---

interface Execution extends Omit<OperationResult, 'bytes'> {
  /** Shown instead of sent. */
  readonly isDry: boolean
  readonly operation: Operation
  readonly url: URL
}

async function data(
  context: ClientContext,
  options: WfgOptions,
  document: Document,
  variables: Variables | undefined,
  callOptions: CallOptions,
  hidden: unknown = variables,
): Promise<unknown> {
  const execution = await perform(context, options, document, variables, callOptions, hidden)
  const { answer } = execution
  if (answer.errors || answer.data === null) throw graphqlFailure(execution, answer, hidden)
  // A dry run's shape, with null in every place, would fit no schema.
  const { schema } = execution.isDry ? {} : callOptions
  return schema ? checked(schema, answer.data, execution) : answer.data
}

/** Async, so that a value that cannot be written rejects like any other mistake. */
async function template(
  context: ClientContext,
  options: WfgOptions,
  strings: TemplateStringsArray,
  values: readonly unknown[],
): Promise<unknown> {
  const hidden = values.filter((value) => !isDocumentNode(value))
  return data(context, options, documentFromTemplate(strings, values), undefined, {}, hidden)
}

async function* pages(
  context: ClientContext,
  options: WfgOptions,
  document: Document,
  variables: Variables = {},
  pageOptions: PaginateOptions = {},
): AsyncGenerator<unknown, void, undefined> {
  await context.run()
  const operation = readOperation(document, pageOptions.operationName)
  const concurrency =
    pageOptions.concurrency ?? options.concurrency ?? (await context.connect(options.profile)).config.concurrency
  yield* paginate(
    (pageVariables, signal) => data(context, options, document, pageVariables, { ...pageOptions, signal }),
    operation,
    variables,
    { ...pageOptions, concurrency },
  )
}

async function execute(
  context: ClientContext,
  options: WfgOptions,
  document: Document,
  variables: Variables | undefined,
  callOptions: CallOptions = {},
): Promise<ExecutionResult<unknown>> {
  const { answer, durationMs, attempts } = await perform(context, options, document, variables, callOptions)
  const { errors, extensions, status } = answer
  return { data: answer.hasData ? answer.data : null, errors, extensions, status, durationMs, attempts }
}

async function perform(
  context: ClientContext,
  options: WfgOptions,
  document: Document,
  variables: Variables | undefined,
  callOptions: CallOptions,
  hidden: unknown = variables,
): Promise<Execution> {
  const { host } = context
  const run = await context.run()
  const operation = readOperation(document, callOptions.operationName)
  const guards = guardsOf(run, options)
  checkAccess(guards, operation)
  const connection = await context.connect(options.profile)
  const { config } = connection
  const url = config.graphqlUrl
  const call = checkCall(callOptions, options.timeoutMs ?? config.timeoutMs)
  const encoded = encodeRequest(operation, variables)
  const impersonate = callOptions.impersonate ?? options.impersonate ?? config.impersonate
  const headers = {
    ...lowerCased(options.headers),
    ...lowerCased(callOptions.headers),
    ...lowerCased(impersonate ? { [config.impersonateHeader]: impersonate } : {}),
    ...encoded.headers,
  }
  if (operation.kind === 'mutation' && (guards.dryRun || config.dryRun)) {
    const shape = await showInsteadOfSending(host, operation, variables)
    return { operation, url, answer: dryAnswer(shape), attempts: 0, durationMs: 0, isDry: true }
  }
  checkProtection(config, run, operation)
  const result = await sendOperation(host, connection, {
    operation,
    call,
    body: encoded.body,
    headers,
    signals: [callOptions.signal, run.signal],
    variables: hidden,
  })
  if (run.verbose) await host.stderr.write(observation(operation, result))
  return { operation, url, ...result, isDry: false }
}

function isTemplate(value: unknown): value is TemplateStringsArray {
  return Array.isArray(value) && 'raw' in value
}

function dryAnswer(shape: unknown): GraphQLAnswer {
  return {
    kind: 'graphql',
    status: 0,
    hasData: true,
    data: shape,
    errors: undefined,
    extensions: undefined,
    requestId: undefined,
  }
}

async function checked(schema: DataSchema, value: unknown, execution: Execution): Promise<unknown> {
  const v = await import('valibot')
  const result = await v.safeParseAsync(schema, value)
  if (result.success) return result.output
  // The schema's own messages would repeat the values.
  const errors = result.issues.map((issue) => ({
    message: `expected ${issue.expected ?? issue.type}`,
    path: (issue.path ?? []).map(({ key }) => key as string | number),
  }))
  const places = errors.map(({ message, path }) => `${path.join('.') || 'data'}: ${message}`)
  throw new GraphQLExecutionError(
    `Cannot use the answer to the ${label(execution)}: it does not fit the call's schema: ${places.join('; ')}.`,
    { errors, data: value, status: execution.answer.status, operationName: execution.operation.name },
  )
}

function observation(operation: Operation, { answer, attempts, durationMs, bytes }: OperationResult): string {
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  return `${label({ operation })}: ${answer.status}, ${tries}, ${Math.round(durationMs)} ms, ${bytes} bytes\n`
}

function checkOptions({ timeoutMs, concurrency, headers }: WfgOptions): void {
  if (timeoutMs !== undefined) within('timeoutMs', timeoutMs, 1, 2_147_483_647)
  if (concurrency !== undefined) within('concurrency', concurrency, 1, 100)
  lowerCased(headers)
}

/** The runtimes would refuse the same, some of them with the value in their error. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

function lowerCased(headers: Record<string, string> = {}): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  for (const [name, value] of entries) {
    if (!HEADER_NAME.test(name)) throw new TypeError(`Cannot set the header ${JSON.stringify(name)}: it is no name.`)
    if (typeof value === 'string' && HEADER_VALUE.test(value)) continue
    throw new TypeError(
      `Cannot set the header ${JSON.stringify(name)}: expected a text in one line, of characters up to U+00FF.`,
    )
  }
  if (entries.some(([name]) => name === 'authorization')) {
    throw new TypeError(
      'Cannot set the header "authorization": it carries the access token, which is attached for you.',
    )
  }
  return Object.fromEntries(entries)
}

function tightened(options: WfgOptions, more: WfgOptions): WfgOptions {
  return {
    ...options,
    ...more,
    ...(options.access === 'read' ? { access: 'read' } : {}),
    ...(options.dryRun ? { dryRun: true } : {}),
    headers: { ...lowerCased(options.headers), ...lowerCased(more.headers) },
  }
}
