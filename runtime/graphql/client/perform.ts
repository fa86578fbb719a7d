/** Performs one call of a client: checks it, then sends it or shows it in a dry run. */
import { type Document, type Operation, readOperation } from '../document/operation.ts'
import { newObservation, type Observation } from '../exchange/call_end.ts'
import type { GraphQLAnswer } from '../exchange/read_answer.ts'
import { encodeRequest } from '../exchange/request_body.ts'
import { type OperationResult, sendOperation } from '../exchange/send.ts'
import { label } from './call_errors.ts'
import { checkHeaders } from './check_options.ts'
import type { ClientContext, Connection } from './connection.ts'
import type { Show } from './dry_run.ts'
import { checkAccess, checkProtection, guardsOf } from './guards.ts'
import { type CallOptions, checkCall, type Variables, type WfgOptions } from './options.ts'
import { viewerName } from './viewer_name.ts'

/** A client with its options. */
export interface Client {
  readonly context: ClientContext
  readonly options: WfgOptions
}

export interface Call {
  readonly document: Document
  readonly variables: Variables | undefined
  readonly options: CallOptions
  /** See `CallState`. */
  readonly givesErrors?: boolean
  /** Prints a mutation in a dry run. */
  readonly show?: Show
  /** Values to mask in messages. Default: the variables. */
  readonly hidden?: unknown
  /** Filled in during the call. */
  readonly observed?: Observation | undefined
}

export interface Execution extends OperationResult {
  /** True if it was shown instead of sent. */
  readonly isDry: boolean
  readonly operation: Operation
  readonly url: URL
}

/** Loaded once, because a bulk dry run calls this for every entry. */
let dryRun: typeof import('./dry_run.ts') | undefined

export async function perform({ context, options }: Client, call: Call): Promise<Execution> {
  const { variables, options: callOptions, hidden = variables, observed = newObservation() } = call
  const { host } = context
  const run = await context.run()
  const operation = readOperation(call.document, callOptions.operationName)
  const guards = guardsOf(run, options)
  checkAccess(guards, operation)
  const connection = await context.connect(options.profile)
  const { config } = connection
  const url = config.graphqlUrl
  const checked = checkCall(callOptions, options.timeoutMs ?? config.timeoutMs)
  const impersonate = callOptions.impersonate ?? options.impersonate ?? config.impersonate
  const headers = {
    ...checkHeaders(options.headers),
    ...checkHeaders(callOptions.headers),
    ...checkHeaders(impersonate ? { [config.impersonateHeader]: impersonate } : {}),
  }
  const isDry = operation.kind === 'mutation' && (guards.dryRun || config.dryRun)
  const encoded = encodeRequest(operation, variables)
  // Awaiting nothing would still delay the request by a tick.
  const pulled = context.schemaOf?.(config.profile, isDry)
  const schema = pulled && (await pulled)
  schema?.checkDocument(operation, hidden)
  schema?.checkVariables(operation, variables ?? {})
  if (isDry) {
    dryRun ??= await import('./dry_run.ts')
    const { shapeOf, showInsteadOfSending } = dryRun
    await (call.show ?? showInsteadOfSending)(host, operation, variables)
    const shape = schema ? schema.answer(operation, variables ?? {}).data : shapeOf(operation)
    return { operation, url, answer: dryAnswer(shape), attempts: 0, durationMs: 0, isDry }
  }
  checkProtection(config, run, operation)
  run.signal?.throwIfAborted()
  const inFlight = { kind: operation.kind, name: operation.name }
  context.onOperation?.(operation.kind)
  if (operation.kind === 'mutation') context.inFlight.add(inFlight)
  const startedMs = host.monotonicMs()
  try {
    const result = await sendOperation(host, connection, {
      operation,
      call: checked,
      body: encoded.body,
      headers: { ...headers, ...encoded.headers },
      givesErrors: call.givesErrors,
      // The end of the run does not abort a mutation, whose outcome would then be unknown.
      signals: operation.kind === 'mutation' ? [callOptions.signal] : [callOptions.signal, run.signal],
      variables: hidden,
      observed,
    })
    if (!(config.impersonateHeader.toLowerCase() in headers)) noteUser(connection, operation, result.answer)
    return { operation, url, ...result, isDry: false }
  } finally {
    context.inFlight.delete(inFlight)
    if (run.verbose) {
      await host.stderr.write(observation(operation, impersonate, observed, host.monotonicMs() - startedMs))
    }
  }
}

// --- internal ---

function noteUser(connection: Connection, operation: Operation, { data }: GraphQLAnswer): void {
  if (!connection.noteUser || operation.kind !== 'query' || !operation.source.includes('viewer')) return
  const name = viewerName(operation, data)
  if (name !== undefined) connection.noteUser(name)
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

function observation(
  operation: Operation,
  impersonate: string | undefined,
  { attempts, status, bytes }: Observation,
  durationMs: number,
): string {
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  const acting = impersonate ? ` as ${impersonate}` : ''
  return `${label({ operation })}${acting}: ${status ?? 'no answer'}, ${tries}, ${Math.round(durationMs)} ms, ${bytes} bytes\n`
}
