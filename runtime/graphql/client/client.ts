/** The `wfg` client. What only some calls need is loaded when they are made. */
import type { BulkRequest } from '../bulk/run_bulk.ts'
import { documentFromTemplate } from '../document/literal.ts'
import { type Document, isDocumentNode, readOperation } from '../document/operation.ts'
import { graphqlFailure } from './call_errors.ts'
import { checkOptions, tightened } from './check_options.ts'
import type { ClientContext } from './connection.ts'
import { checkAccess, guardsOf } from './guards.ts'
import {
  type BulkOptions,
  type CallOptions,
  checkOptionNames,
  type PaginateOptions,
  type Variables,
  type WfgOptions,
} from './options.ts'
import { type Call, type Client, type Execution, perform } from './perform.ts'
import type { BulkOutcome, ExecutionResult, Wfg } from './wfg.ts'

export function createClient(context: ClientContext, options: WfgOptions = {}): Wfg {
  checkOptions(options)
  const client: Client = { context, options }
  const call = (document: Document | TemplateStringsArray, ...rest: unknown[]): Promise<unknown> => {
    if (isTemplate(document)) return template(client, document, rest)
    const [variables, callOptions = {}] = rest as [Variables?, CallOptions?]
    return data(client, { document, variables, options: callOptions })
  }
  return Object.assign(call, {
    async execute(document: Document, variables?: Variables, callOptions: CallOptions = {}) {
      checkNoTag('execute', document)
      return execute(client, { document, variables, options: callOptions })
    },
    paginate(document: Document, variables: Variables = {}, pageOptions: PaginateOptions = {}) {
      checkNoTag('paginate', document)
      return pages(client, document, variables, pageOptions)
    },
    bulk(document: Document, list: Iterable<Variables> | AsyncIterable<Variables>, bulkOptions: BulkOptions = {}) {
      checkNoTag('bulk', document, ', list')
      const summary = { done: 0, failed: 0, unknown: 0, skipped: 0, unsent: 0 }
      return Object.assign(bulk(client, { document, list, options: bulkOptions, summary }), { summary })
    },
    extend: (more: WfgOptions) => createClient(context, tightened(options, more)),
  }) as Wfg
}

// --- internal ---

async function data(client: Client, call: Call): Promise<unknown> {
  checkOptionNames(call.options, 'call')
  return dataOf(client, call)
}

async function dataOf(client: Client, call: Call): Promise<unknown> {
  const { options, variables, hidden = variables } = call
  const execution = await perform(client, call)
  const { answer } = execution
  if (answer.errors || answer.data === null) throw graphqlFailure(execution, answer, hidden)
  return wantedData(execution, options)
}

/** Applies the call's schema, except in a dry run, whose data is only null. */
async function wantedData(execution: Execution, { schema }: CallOptions): Promise<unknown> {
  const { data } = execution.answer
  if (!schema || execution.isDry) return data
  const { checkedData } = await import('./checked_data.ts')
  return checkedData(schema, data, execution)
}

/** Async, so that a value that cannot be written rejects the promise like any other mistake. */
async function template(client: Client, strings: TemplateStringsArray, values: readonly unknown[]): Promise<unknown> {
  const document = documentFromTemplate(strings, values)
  const hidden = values.filter((value) => !isDocumentNode(value))
  return data(client, { document, variables: undefined, options: {}, hidden })
}

async function* pages(
  client: Client,
  document: Document,
  variables: Variables,
  options: PaginateOptions,
): AsyncGenerator<unknown, void, undefined> {
  checkOptionNames(options, 'paginate')
  const { context } = client
  const run = await context.run()
  const operation = readOperation(document, options.operationName)
  checkAccess(guardsOf(run, client.options), operation)
  const concurrency =
    options.concurrency ??
    client.options.concurrency ??
    (await context.connect(client.options.profile)).config.concurrency
  const { paginate } = await import('../paging/paginate.ts')
  const fetched = paginate(
    (given, signal) => dataOf(client, { document, variables: given, options: { ...options, signal } }),
    context.host.turn,
    operation,
    variables,
    { ...options, concurrency },
  )
  // One more generator for each item would cost as much as reading the item's JSON.
  for await (const items of fetched) {
    for (const item of items) {
      options.signal?.throwIfAborted()
      yield item
    }
  }
}

async function* bulk(client: Client, request: BulkRequest): AsyncGenerator<BulkOutcome, void, undefined> {
  const { runBulk } = await import('../bulk/run_bulk.ts')
  yield* runBulk(client, request)
}

async function execute(client: Client, call: Call): Promise<ExecutionResult<unknown>> {
  checkOptionNames(call.options, 'call')
  const execution = await perform(client, { ...call, givesErrors: true })
  const { answer, durationMs, attempts } = execution
  const { errors, extensions, status } = answer
  // Data that comes with errors is partial and need not fit the schema.
  const data = errors || answer.data === null ? answer.data : await wantedData(execution, call.options)
  return { data, errors, extensions, status, durationMs, attempts }
}

/** Only `wfg` itself can be used as a tag, not its methods. */
function checkNoTag(method: string, document: unknown, more = ''): void {
  if (!isTemplate(document)) return
  throw new TypeError(
    `Cannot use wfg.${method} as a tag: it is called with a document, wfg.${method}(gql\`…\`${more}); what changes from call to call is a variable.`,
  )
}

function isTemplate(value: unknown): value is TemplateStringsArray {
  return Array.isArray(value) && 'raw' in value
}
