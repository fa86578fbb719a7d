/**
 * The sandbox: an identity provider and a WorkflowGen GraphQL endpoint on one loopback port, to learn and test with. The
 * tokens and the protocol are real, the data are generated, and changes are kept only in memory. An option exists for each
 * behaviour that is not known of real servers.
 */
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { systemHost } from '../host/host.ts'
import type { GraphQLStatuses } from './graphql/graphql_http.ts'
import type { Refusal } from './graphql/graphql_server.ts'
import { sendFailure } from './http.ts'
import { APPLICATIONS, AUDIENCE } from './identity/applications.ts'
import type { Router } from './router.ts'

export { APPLICATIONS, AUDIENCE, type SandboxApplication } from './identity/applications.ts'

export interface SandboxOptions {
  /** TCP port. Default 0: a free one. */
  port?: number | undefined
  /** Number of requests at the start, up to 10 million. Default 400. They are generated when they are read. */
  requests?: number | undefined
  /** Lifetime of an access token. Default 86400. */
  tokenLifetimeSeconds?: number | undefined
  /** Delay of every response, in milliseconds. Default 0. */
  latencyMs?: number | undefined
  /** Default `express-graphql`: 400 if nothing was executed, 500 if `data` is null, else 200. */
  graphqlStatuses?: GraphQLStatuses | undefined
  /** The response to a refused caller. Default 401 with an HTML page. What a real server sends is not known. */
  refusal?: Refusal | undefined
  /** Whether mutations have non-null payloads, so that a failed one makes `data` null. Default false. */
  nonNullPayloads?: boolean | undefined
  /** Whether the schema's text needs no token. Default true, because a browser has none. What a real server does is not known. */
  openSchema?: boolean | undefined
  /** Size to which a larger page is cut. Default: no limit. */
  maxPageSize?: number | undefined
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  readonly graphqlUrl: string
  /** With a slash at the end. */
  readonly issuer: string
  /** The settings that connect to it, by name. */
  readonly settings: Readonly<Record<string, string>>
  /** Closes both servers and their connections. */
  close(): Promise<void>
}

const DEFAULT_REQUESTS = 400
const MAX_REQUESTS = 10_000_000
const DEFAULT_TOKEN_LIFETIME_SECONDS = 86400

/**
 * Starts both servers on 127.0.0.1. They do not keep the process alive. The first request loads what answers it, because
 * many a task that writes asks the server nothing.
 *
 * @throws {Error} `MODULE_NOT_FOUND` if a package of the servers is not installed
 * @throws {RangeError} if the number of requests is out of range
 * @throws {Error} the system's error, if the port is not available (`EADDRINUSE`, `EACCES`)
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { requests = DEFAULT_REQUESTS, latencyMs = 0 } = options
  if (!Number.isInteger(requests) || requests < 0 || requests > MAX_REQUESTS) {
    throw new RangeError(`Cannot start a sandbox with ${requests} requests: expected 0 to ${MAX_REQUESTS}.`)
  }
  for (const name of PACKAGES) checkInstalled(name)
  let routing: Promise<Router> | undefined
  const server = createServer((request, response) => {
    routing ??= route()
    Promise.all([routing, delay(latencyMs)])
      .then(([answer]) => answer(request, response))
      .catch((error: unknown) => sendFailure(response, error))
  })
  server.on('connection', (socket) => socket.unref())
  server.listen(options.port ?? 0, '127.0.0.1')
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = `${origin}/`
  const graphqlUrl = `${origin}/wfgen/graphql`
  const settings = settingsOf(issuer, graphqlUrl)
  const route = async () => {
    const { createRouter } = await import('./router.ts')
    return createRouter(issuer, options.tokenLifetimeSeconds ?? DEFAULT_TOKEN_LIFETIME_SECONDS, settings, {
      requests,
      maxPageSize: options.maxPageSize ?? Number.POSITIVE_INFINITY,
      nonNullPayloads: options.nonNullPayloads ?? false,
      statuses: options.graphqlStatuses ?? 'express-graphql',
      refusal: options.refusal ?? { status: 401 },
      openSchema: options.openSchema ?? true,
    })
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

const PACKAGES = ['oidc-provider', 'graphql-yoga', 'jose']

function checkInstalled(name: string): void {
  try {
    createRequire(import.meta.url).resolve(name)
  } catch (error) {
    // A package of ES modules alone is found, and cannot be required.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms > 0) systemHost().after(ms, resolve, { holds: false })
    else resolve()
  })
}

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
