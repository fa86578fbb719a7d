/**
 * The sandbox: an identity provider and a WorkflowGen GraphQL endpoint on one loopback port, to learn and test with. The
 * tokens and the protocol are real; the data are invented and everything written is kept in memory only. Where real
 * servers are not known to behave in one way, an option chooses.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delay } from './ambient.ts'
import type { GraphQLStatuses } from './graphql/graphql_http.ts'
import type { Refusal } from './graphql/graphql_server.ts'
import { APPLICATIONS, AUDIENCE } from './identity/applications.ts'
import { createRouter, type Router, sendFailure } from './router.ts'

export { APPLICATIONS, AUDIENCE, type SandboxApplication } from './identity/applications.ts'

export interface SandboxOptions {
  /** TCP port. Default 0: one that is free. */
  port?: number | undefined
  /** How many requests there are at the start, up to 10 million; default 400. They cost nothing until they are asked for. */
  requests?: number | undefined
  /** Lifetime of an access token. Default 86400. */
  tokenLifetimeSeconds?: number | undefined
  /** How long every answer is held back, in milliseconds. Default 0. */
  latencyMs?: number | undefined
  /** Default `express-graphql`: 400 for what is not executed, 500 when `data` is null, else 200. */
  graphqlStatuses?: GraphQLStatuses | undefined
  /** What a caller who is not let in gets. Default 401 with an HTML page; what a real server answers is not known. */
  refusal?: Refusal | undefined
  /** Whether the payloads of mutations may not be null, so that one that fails makes `data` null. Default false. */
  nonNullPayloads?: boolean | undefined
  /** Whether the schema's text is for everybody. Default true, as a browser has no token; what a real server does is not known. */
  openSchema?: boolean | undefined
  /** A larger page is cut to this size. Default: no limit. */
  maxPageSize?: number | undefined
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  readonly graphqlUrl: string
  /** With the slash at its end. */
  readonly issuer: string
  /** The settings that reach it, by name. */
  readonly settings: Readonly<Record<string, string>>
  /** Ends both servers and their connections. */
  close(): Promise<void>
}

const DEFAULT_REQUESTS = 400
const MAX_REQUESTS = 10_000_000
const DEFAULT_TOKEN_LIFETIME_SECONDS = 86400

/**
 * Starts both servers on 127.0.0.1. They keep no process alive: whoever wants that holds the process itself.
 *
 * @throws {RangeError} when there cannot be as many requests
 * @throws {Error} the system's, when the port cannot be had (`EADDRINUSE`, `EACCES`)
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { requests = DEFAULT_REQUESTS } = options
  if (!Number.isInteger(requests) || requests < 0 || requests > MAX_REQUESTS) {
    throw new RangeError(`Cannot start a sandbox with ${requests} requests: expected 0 to ${MAX_REQUESTS}.`)
  }
  let routing: Promise<Router> | undefined
  const server = createServer((request, response) => {
    delay(options.latencyMs ?? 0)
      .then(async () => (await routing)?.(request, response))
      .catch((error: unknown) => sendFailure(response, error))
  })
  server.on('connection', (socket) => socket.unref())
  server.listen(options.port ?? 0, '127.0.0.1')
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = `${origin}/`
  const graphqlUrl = `${origin}/wfgen/graphql`
  const settings = settingsOf(issuer, graphqlUrl)
  routing = createRouter({
    issuer,
    settings,
    tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? DEFAULT_TOKEN_LIFETIME_SECONDS,
    graphql: {
      requests,
      maxPageSize: options.maxPageSize ?? Number.POSITIVE_INFINITY,
      nonNullPayloads: options.nonNullPayloads ?? false,
      statuses: options.graphqlStatuses ?? 'express-graphql',
      refusal: options.refusal ?? { status: 401 },
      openSchema: options.openSchema ?? true,
    },
  })
  try {
    await routing
  } catch (error) {
    server.close()
    throw error
  }
  server.unref()
  return {
    origin,
    graphqlUrl,
    issuer,
    settings,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

// --- internal ---

function settingsOf(issuer: string, graphqlUrl: string): Readonly<Record<string, string>> {
  return Object.freeze({
    WFG_PROVIDER: 'sandbox',
    WFG_GRAPHQL_URL: graphqlUrl,
    WFG_ISSUER: issuer,
    WFG_AUDIENCE: AUDIENCE,
    WFG_CLIENT_ID: APPLICATIONS.scripts.clientId,
    WFG_CLIENT_SECRET: APPLICATIONS.scripts.clientSecret,
  })
}
