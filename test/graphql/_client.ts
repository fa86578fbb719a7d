/** A client over a real connection. A test sets the token, the settings and the run. */
import { inspect } from 'node:util'
import type { AccessTokenSource } from '../../runtime/auth/access_token.ts'
import { createClient } from '../../runtime/graphql/client/client.ts'
import type { RunSettings } from '../../runtime/graphql/client/connection.ts'
import type { WfgOptions } from '../../runtime/graphql/client/options.ts'
import type { Wfg } from '../../runtime/graphql/client/wfg.ts'
import { createRetryBudget } from '../../runtime/graphql/exchange/retry_budget.ts'
import type { Config } from '../../runtime/settings/config.ts'
import type { Transport } from '../../runtime/transport/transport.ts'
import { type FakeHost, fakeHost, strict } from '../_host.ts'
import { type ScriptedReply, type ScriptedServer, withServer } from '../_server.ts'
import { realTransport } from '../transport/_exchange.ts'

export interface Given {
  config?: Partial<Config>
  run?: Partial<RunSettings>
  options?: WfgOptions
  /** Replaces the whole source. */
  token?: Partial<AccessTokenSource>
  transport?: Transport
}

export interface Client {
  readonly wfg: Wfg
  readonly host: FakeHost
  /** The waits between attempts, in milliseconds. They take no time. */
  readonly waits: readonly number[]
  /** Tokens in the order of the requests for one. */
  readonly tokens: readonly string[]
  /** Profiles of the connections. */
  readonly profiles: readonly (string | undefined)[]
  close(): void
}

/** The wall clock shows 2026-01-01. Waits take no time; each is half of the backoff's maximum. */
export function clientOf(url: string, { config = {}, run = {}, options = {}, token, transport }: Given = {}): Client {
  const waits: number[] = []
  const tokens: string[] = []
  const profiles: (string | undefined)[] = []
  const carrier = transport ?? realTransport()
  const host = fakeHost({
    transport: carrier,
    random: () => 0.5,
    monotonicMs: () => performance.now(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      waits.push(ms)
    },
  })
  let current: string | undefined
  const source = {
    async get() {
      current ??= `token-${tokens.length + 1}-secret`
      tokens.push(current)
      return current
    },
    invalidate(value: string) {
      if (value === current) current = undefined
    },
    ...token,
  }
  const settings: Partial<Config> = {
    profile: 'test',
    provider: undefined,
    graphqlUrl: new URL(`${url}/graphql`),
    impersonate: undefined,
    impersonateHeader: 'x-wfgen-impersonate-username',
    timeoutMs: 5000,
    concurrency: 4,
    dryRun: false,
    protected: false,
    ...config,
  }
  const retryBudget = createRetryBudget()
  const context = {
    host,
    inFlight: new Set<never>(),
    async connect(profile: string | undefined) {
      profiles.push(profile)
      return {
        config: strict(settings, 'config') as Config,
        token: strict(source, 'token') as unknown as AccessTokenSource,
        retryBudget,
      }
    },
    run: async () => ({
      profile: undefined,
      access: 'write' as const,
      dryRun: false,
      confirmed: undefined,
      verbose: false,
      quiet: false,
      signal: undefined,
      ...run,
    }),
  }
  return { wfg: createClient(context, options), host, waits, tokens, profiles, close: () => carrier.close() }
}

/** Runs `action` with a server and a client, and closes both. */
export function withClient(
  replies: readonly ScriptedReply[],
  given: Given,
  action: (client: Client, server: ScriptedServer) => Promise<void>,
): Promise<void> {
  return withServer(replies, async (server) => {
    const client = clientOf(server.url, given)
    try {
      await action(client, server)
    } finally {
      client.close()
    }
  })
}

/** Everything that a person or a log may see of an error. */
export function shownOf(error: unknown): string {
  return `${inspect(error, { depth: 10 })}\n${String(error)}\n${JSON.stringify(error)}`
}

/** A GraphQL request as the server received it. */
export function sentOf(body: string): { query: string; variables?: Record<string, unknown>; operationName?: string } {
  return JSON.parse(body)
}
