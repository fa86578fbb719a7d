/** The `wfg` client: a document in, data out. */
import { GraphQLExecutionError } from '../errors.ts'
import { checkOptions, tightened } from './client_options.ts'
import type { ClientContext } from './connection.ts'
import { type Document, isDocumentNode, readOperation } from './document.ts'
import { graphqlFailure, label } from './failures.ts'
import { documentFromTemplate } from './literal.ts'
import type { CallOptions, DataSchema, PaginateOptions, Variables, WfgOptions } from './options.ts'
import { paginate } from './paginate.ts'
import { type Call, type Client, type Execution, perform } from './perform.ts'
import type { ExecutionResult, Wfg } from './wfg.ts'

export function createClient(context: ClientContext, options: WfgOptions = {}): Wfg {
  checkOptions(options)
  const client: Client = { context, options }
  const call = (document: Document | TemplateStringsArray, ...rest: unknown[]): Promise<unknown> => {
    if (isTemplate(document)) return template(client, document, rest)
    const [variables, callOptions = {}] = rest as [Variables?, CallOptions?]
    return data(client, { document, variables, options: callOptions })
  }
  return Object.assign(call, {
    execute: (document: Document, variables?: Variables, callOptions: CallOptions = {}) =>
      execute(client, { document, variables, options: callOptions }),
    paginate: (document: Document, variables: Variables = {}, pageOptions: PaginateOptions = {}) =>
      pages(client, document, variables, pageOptions),
    extend: (more: WfgOptions) => createClient(context, tightened(options, more)),
  }) as Wfg
}

// --- internal ---

async function data(client: Client, call: Call): Promise<unknown> {
  const execution = await perform(client, call)
  const { answer, isDry } = execution
  if (answer.errors || answer.data === null) throw graphqlFailure(execution, answer, call.hidden ?? call.variables)
  const { schema } = call.options
  // A dry run's shape, with null in every place, would fit no schema.
  return schema && !isDry ? checked(schema, answer.data, execution) : answer.data
}

/** Async, so that a value that cannot be written rejects like any other mistake. */
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
  const { context } = client
  await context.run()
  const operation = readOperation(document, options.operationName)
  const concurrency =
    options.concurrency ??
    client.options.concurrency ??
    (await context.connect(client.options.profile)).config.concurrency
  yield* paginate(
    (pageVariables, signal) => data(client, { document, variables: pageVariables, options: { ...options, signal } }),
    operation,
    variables,
    { ...options, concurrency },
  )
}

async function execute(client: Client, call: Call): Promise<ExecutionResult<unknown>> {
  const { answer, durationMs, attempts } = await perform(client, call)
  const { errors, extensions, status } = answer
  return { data: answer.hasData ? answer.data : null, errors, extensions, status, durationMs, attempts }
}

function isTemplate(value: unknown): value is TemplateStringsArray {
  return Array.isArray(value) && 'raw' in value
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
