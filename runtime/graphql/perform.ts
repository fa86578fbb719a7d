/** One call of a client: guards, connection, headers; then sent, or shown in a dry run. */
import type { GraphQLAnswer } from './answer.ts'
import { lowerCased } from './client_options.ts'
import type { ClientContext } from './connection.ts'
import { type Document, type Operation, readOperation } from './document.ts'
import type { Show } from './dry_run.ts'
import { label } from './failures.ts'
import { checkAccess, checkProtection, guardsOf } from './guards.ts'
import { type CallOptions, checkCall, type Variables, type WfgOptions } from './options.ts'
import { encodeRequest } from './request_body.ts'
import { type OperationResult, type Seen, sendOperation } from './send.ts'

/** A client: how it finds its server, and its options. */
export interface Client {
  readonly context: ClientContext
  readonly options: WfgOptions
}

export interface Call {
  readonly document: Document
  readonly variables: Variables | undefined
  readonly options: CallOptions
  /** Values that no message may show. Default: the variables. */
  readonly hidden?: unknown
  /** As in `OperationRequest`. */
  readonly givesErrors?: boolean
  /** What a dry run does with a mutation. Default: show it. */
  readonly show?: Show
}

export interface Execution extends OperationResult {
  /** Shown instead of sent. */
  readonly isDry: boolean
  readonly operation: Operation
  readonly url: URL
}

export async function perform({ context, options }: Client, call: Call): Promise<Execution> {
  const { host } = context
  const { variables, options: callOptions, hidden = variables } = call
  const run = await context.run()
  const operation = readOperation(call.document, callOptions.operationName)
  const guards = guardsOf(run, options)
  checkAccess(guards, operation)
  const connection = await context.connect(options.profile)
  const { config } = connection
  const url = config.graphqlUrl
  const checked = checkCall(callOptions, options.timeoutMs ?? config.timeoutMs)
  const encoded = encodeRequest(operation, variables)
  const impersonate = callOptions.impersonate ?? options.impersonate ?? config.impersonate
  const headers = {
    ...lowerCased(options.headers),
    ...lowerCased(callOptions.headers),
    ...lowerCased(impersonate ? { [config.impersonateHeader]: impersonate } : {}),
    ...encoded.headers,
  }
  if (operation.kind === 'mutation' && (guards.dryRun || config.dryRun)) {
    const show = call.show ?? (await import('./dry_run.ts')).showInsteadOfSending
    const shape = await show(host, operation, variables)
    return { operation, url, answer: dryAnswer(shape), attempts: 0, durationMs: 0, isDry: true }
  }
  checkProtection(config, run, operation)
  run.signal?.throwIfAborted()
  const inFlight = { kind: operation.kind, name: operation.name }
  if (operation.kind === 'mutation') context.inFlight.add(inFlight)
  context.onOperation?.(operation.kind)
  const seen: Seen = { attempts: 0, status: undefined, bytes: 0 }
  const startedMs = host.monotonicMs()
  try {
    const result = await sendOperation(host, connection, {
      operation,
      call: checked,
      body: encoded.body,
      headers,
      givesErrors: call.givesErrors,
      // A mutation that is on its way is waited for: leaving it would only make its outcome unknown.
      signals: operation.kind === 'mutation' ? [callOptions.signal] : [callOptions.signal, run.signal],
      variables: hidden,
      seen,
    })
    return { operation, url, ...result, isDry: false }
  } finally {
    context.inFlight.delete(inFlight)
    if (run.verbose) {
      await host.stderr.write(observation(operation, impersonate, seen, host.monotonicMs() - startedMs))
    }
  }
}

// --- internal ---

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
