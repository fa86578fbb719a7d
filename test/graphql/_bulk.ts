/** A GraphQL server that executes mutations for real and counts them, and clients for it, with and without a journal. */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { buildSchema, graphql } from 'graphql'
import { createClient } from '../../runtime/graphql/client/client.ts'
import type { RunSettings } from '../../runtime/graphql/client/connection.ts'
import type { BulkOptions, WfgOptions } from '../../runtime/graphql/client/options.ts'
import type { BulkOutcome, Wfg } from '../../runtime/graphql/client/wfg.ts'
import { createRetryBudget } from '../../runtime/graphql/exchange/retry_budget.ts'
import { systemHost } from '../../runtime/host/host.ts'
import { temporaryFolder } from '../_cli.ts'
import { type FakeHost, fakeHost, strict } from '../_host.ts'
import type { Reply, ScriptedReply } from '../_server.ts'
import { realTransport } from '../transport/_exchange.ts'
import { sentOf } from './_client.ts'

export const CREATE = 'mutation Create($n: Int!) { create(n: $n) { n } }'

export interface GraphQLServer {
  /** Executes a request and replies with the result. */
  readonly execute: ScriptedReply
  /** Number of executions of the mutation, by entry. */
  readonly executions: ReadonlyMap<number, number>
  /** In order of execution. */
  readonly executed: readonly number[]
}

export interface Rules {
  /** Payloads are non-null, so that one failure leaves no data. */
  strict?: boolean
  /** Throws the error of the mutation. */
  check?(n: number): void
}

/** `create(n)` does something for n; `n` must be positive, `broken` fails inside the payload. */
export function graphqlServer({ strict: isStrict = false, check = () => {} }: Rules = {}): GraphQLServer {
  const payload = isStrict ? 'Payload!' : 'Payload'
  const schema = buildSchema(`
    scalar Positive
    input Input { n: Int!, text: String = "default", tags: [String!] }
    type Query { created(n: Int!): Payload }
    type Payload { n: Int, text: String, broken: Int, echo(text: String): String, also(n: Int): Int }
    type Mutation { create(n: Int, input: Input, text: String = "none"): ${payload} other(n: Int): ${payload} }
  `)
  const executions = new Map<number, number>()
  const executed: number[] = []
  const create = ({ n, input, text }: { n?: number; text?: string; input?: { n: number; text?: string } }) => {
    const number = n ?? input?.n ?? 0
    check(number)
    executions.set(number, (executions.get(number) ?? 0) + 1)
    executed.push(number)
    return {
      n: number,
      text: input?.text ?? text,
      broken: () => {
        throw new Error('inside is broken')
      },
      echo: (given: { text?: string }) => given.text ?? null,
      also: (given: { n?: number }) => given.n ?? null,
    }
  }
  return {
    executions,
    executed,
    async execute({ body }): Promise<Reply> {
      const { query, variables } = sentOf(body)
      const created = ({ n }: { n: number }) => (executions.has(n) ? { n } : null)
      const rootValue = { create, other: create, created }
      const result = await graphql({
        schema,
        source: query,
        rootValue,
        ...(variables ? { variableValues: variables } : {}),
      })
      return { status: result.data === undefined ? 400 : 200, body: result }
    },
  }
}

/** A server without a limit of requests, as a scripted one has. It waits before it executes, and may cut its answer off. */
export async function listeningServer(
  server: GraphQLServer,
  delayMs: () => number,
  cuts = () => false,
): Promise<{ url: string; close(): void }> {
  const http = createServer(async (request, response) => {
    let body = ''
    try {
      for await (const chunk of request.setEncoding('utf8')) body += chunk
    } catch {
      return // the client was killed while it sent
    }
    await setTimeout(delayMs())
    const reply = (await (server.execute as (request: { body: string }) => Promise<Reply>)({ body })) as Reply
    await setTimeout(delayMs())
    if (cuts()) return void response.destroy()
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    url: `http://127.0.0.1:${(http.address() as { port: number }).port}`,
    close() {
      http.closeAllConnections()
      http.close()
    },
  }
}

export interface BulkGiven {
  options?: WfgOptions
  run?: Partial<RunSettings>
  token?: () => Promise<string>
  dryRun?: boolean
  provider?: string
  protected?: boolean
  /** Called after each wait with the total time of all waits. */
  slept?: (sleptMs: number) => void | Promise<void>
  /** The server's address for the client. Requests go to the real one. */
  address?: string | undefined
}

export interface BulkClient {
  readonly wfg: Wfg
  readonly host: FakeHost
  /** Number of entries that ended and are not done. */
  readonly incomplete: number
  close(): void
}

/** A wait takes no time, but advances the clock. */
export function bulkClient(url: string, given: BulkGiven = {}): BulkClient {
  const real = systemHost()
  let sleptMs = 0
  const transport = realTransport()
  const address = new URL(given.address ?? `${url}/graphql`)
  let incomplete = 0
  const host = fakeHost({
    transport: {
      ...transport,
      send: (request) => transport.send({ ...request, url: new URL(request.url.pathname, url) }),
    } as FakeHost['transport'],
    pid: process.pid,
    hostname: real.hostname,
    isRunning: real.isRunning,
    isAllowed: real.isAllowed,
    onExit: real.onExit,
    random: () => 0.5,
    nowMs: real.nowMs,
    monotonicMs: () => real.monotonicMs() + sleptMs,
    after: real.after,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      sleptMs += ms
      await given.slept?.(sleptMs)
    },
  })
  const config = {
    profile: 'test',
    provider: given.provider,
    graphqlUrl: address,
    impersonate: undefined,
    impersonateHeader: 'x-user',
    timeoutMs: 20_000,
    concurrency: 4,
    dryRun: given.dryRun ?? false,
    protected: given.protected ?? false,
  }
  const token = { get: given.token ?? (async () => 'token-secret'), invalidate: () => {} }
  const wfg = createClient(
    {
      host,
      connect: async () => ({
        config: strict(config, 'config') as never,
        token: strict(token, 'token') as never,
        retryBudget: createRetryBudget(),
      }),
      inFlight: new Set(),
      run: async () => ({
        profile: undefined,
        access: 'write',
        dryRun: false,
        confirmed: undefined,
        verbose: false,
        quiet: false,
        signal: undefined,
        ...given.run,
      }),
      onIncomplete: () => {
        incomplete += 1
      },
    },
    given.options,
  )
  return {
    wfg,
    host,
    get incomplete() {
      return incomplete
    },
    close: () => transport.close(),
  }
}

/** Entries `{ n: 1 }` to `{ n: count }`. */
export function entries(count: number, first = 1): { n: number }[] {
  return Array.from({ length: count }, (_, index) => ({ n: first + index }))
}

/** All outcomes of a bulk of `create`. */
export async function outcomesOf(
  wfg: Wfg,
  list: Iterable<Record<string, unknown>> | AsyncIterable<Record<string, unknown>>,
  options: BulkOptions = {},
  document = CREATE,
): Promise<BulkOutcome[]> {
  const outcomes: BulkOutcome[] = []
  for await (const outcome of wfg.bulk(document, list, options)) outcomes.push(outcome)
  return outcomes
}

export function statuses(outcomes: readonly BulkOutcome[]): string {
  return outcomes.map(({ status }) => status).join(' ')
}

/** Calls `action` with a journal path in an empty folder, then removes the folder. */
export async function withJournal(action: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder()
  try {
    await action(join(folder, 'bulk.ndjson'), folder)
  } finally {
    // What was refused a moment ago may still be open, which Windows minds.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}
