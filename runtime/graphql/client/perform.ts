/** One call of a client: guards, connection, headers; then sent, or shown in a dry run. */

import { type Document, type Operation, readOperation } from '../document/operation.ts'
import { nothingSeen, type Seen } from '../exchange/call_end.ts'
import type { GraphQLAnswer } from '../exchange/read_answer.ts'
import { encodeRequest } from '../exchange/request_body.ts'
import { type OperationResult, sendOperation } from '../exchange/send.ts'
import { label } from './call_errors.ts'
import { lowerCased } from './check_options.ts'
import type { ClientContext, Connection } from './connection.ts'
import type { Show } from './dry_run.ts'
import { checkAccess, checkProtection, guardsOf } from './guards.ts'
import { type CallOptions, checkCall, type Variables, type WfgOptions } from './options.ts'
import { viewerName } from './viewer_name.ts'

/** A client: how it finds its server, and its options. */
export interface Client {
  readonly context: ClientContext
  readonly options: WfgOptions
}

export interface Call {
  readonly document: Document
  readonly variables: Variables | undefined
  readonly options: CallOptions
  /** As in `OperationRequest`. */
  readonly givesErrors?: boolean
  /** What a dry run does with a mutation. Default: show it. */
  readonly show?: Show
  /** Values that no message may show. Default: the variables. */
  readonly hidden?: unknown
  /** Filled in as the call goes on. */
  readonly seen?: Seen | undefined
}

export interface Execution extends OperationResult {
  /** Shown instead of sent. */
  readonly isDry: boolean
  readonly operation: Operation
  readonly url: URL
}

export async function perform({ context, options }: Client, call: Call): Promise<Execution> {
  const { variables, options: callOptions, hidden = variables, seen = nothingSeen() } = call
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
    ...lowerCased(options.headers),
    ...lowerCased(callOptions.headers),
    ...lowerCased(impersonate ? { [config.impersonateHeader]: impersonate } : {}),
  }
  const isDry = operation.kind === 'mutation' && (guards.dryRun || config.dryRun)
  const encoded = encodeRequest(operation, variables)
  // Not awaited where there is none, so that what is sent goes out at once.
  const pulled = context.schemaOf?.(config.profile, isDry)
  const schema = pulled && (await pulled)
  schema?.checkDocument(operation, hidden)
  schema?.checkVariables(operation, variables ?? {})
  if (isDry) {
    const { shapeOf, showInsteadOfSending } = await import('./dry_run.ts')
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
      // A mutation that is on its way is waited for: leaving it would only make its outcome unknown.
      signals: operation.kind === 'mutation' ? [callOptions.signal] : [callOptions.signal, run.signal],
      variables: hidden,
      seen,
    })
    if (!(config.impersonateHeader.toLowerCase() in headers)) noteUser(connection, operation, result.answer)
    return { operation, url, ...result, isDry: false }
  } finally {
    context.inFlight.delete(inFlight)
    if (run.verbose) {
      await host.stderr.write(observation(operation, impersonate, seen, host.monotonicMs() - startedMs))
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
  { attempts, status, bytes }: Seen,
  durationMs: number,
): string {
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  const acting = impersonate ? ` as ${impersonate}` : ''
  return `${label({ operation })}${acting}: ${status ?? 'no answer'}, ${tries}, ${Math.round(durationMs)} ms, ${bytes} bytes\n`
}
