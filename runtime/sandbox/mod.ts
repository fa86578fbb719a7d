/**
 * The sandbox: an identity provider and a WorkflowGen GraphQL endpoint on one loopback port, to learn and test with. The
 * tokens and the protocol are real; the data are invented and everything written is kept in memory only. Where real
 * servers are not known to behave in one way, an option chooses.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delay } from './ambient.ts'
import { APPLICATIONS, AUDIENCE } from './applications.ts'
import { createAuthorizationServer, DISCOVERY_PATH, JWKS_PATH, TOKEN_ENDPOINT } from './authorization_server.ts'
import { frontPage } from './front_page.ts'
import { PAGE_TOKEN_LIFETIME_SECONDS, sendGraphiQL, wantsGraphiQL } from './graphiql.ts'
import type { GraphQLStatuses } from './graphql_http.ts'
import type { Refusal } from './graphql_server.ts'
import { sendText } from './http.ts'

export { APPLICATIONS, AUDIENCE, type SandboxApplication } from './applications.ts'

export interface SandboxOptions {
  /** TCP port. Default 0: one that is free. */
  port?: number | undefined
  /** How many requests there are at the start. Default 400. They cost nothing until they are asked for. */
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
const DEFAULT_TOKEN_LIFETIME_SECONDS = 86400

/**
 * Starts both servers on 127.0.0.1. They keep no process alive: whoever wants that holds the process itself.
 *
 * @throws {Error} the system's, when the port cannot be had (`EADDRINUSE`, `EACCES`)
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  let handle: Handler | undefined
  const server = createServer((request, response) => {
    delay(options.latencyMs ?? 0)
      .then(() => handle?.(request, response))
      .catch(() => failed(response))
  })
  server.on('connection', (socket) => socket.unref())
  server.listen(options.port ?? 0, '127.0.0.1')
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = `${origin}/`
  const graphqlUrl = `${origin}/wfgen/graphql`
  const settings = settingsOf(issuer, graphqlUrl)
  try {
    handle = await createHandler(issuer, settings, options)
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

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

async function createHandler(
  issuer: string,
  settings: Readonly<Record<string, string>>,
  options: SandboxOptions,
): Promise<Handler> {
  const requests = options.requests ?? DEFAULT_REQUESTS
  const tokenLifetimeSeconds = options.tokenLifetimeSeconds ?? DEFAULT_TOKEN_LIFETIME_SECONDS
  const [authorizationServer, { createGraphQLServer }] = await Promise.all([
    createAuthorizationServer({ issuer, tokenLifetimeSeconds }),
    import('./graphql_server.ts'),
  ])
  const graphqlServer = createGraphQLServer(
    { issuer, publicKey: authorizationServer.publicKey },
    {
      requests,
      maxPageSize: options.maxPageSize ?? Number.POSITIVE_INFINITY,
      nonNullPayloads: options.nonNullPayloads ?? false,
      statuses: options.graphqlStatuses ?? 'express-graphql',
      refusal: options.refusal ?? { status: 401 },
    },
  )
  const issueToken = () =>
    authorizationServer.issueToken(APPLICATIONS.scripts, Math.min(PAGE_TOKEN_LIFETIME_SECONDS, tokenLifetimeSeconds))

  return (request, response) => {
    const { method } = request
    const path = (request.url ?? '/').split('?')[0]!
    if (method === 'POST' ? path === TOKEN_ENDPOINT : path === DISCOVERY_PATH || path === JWKS_PATH) {
      return authorizationServer.handle(request, response)
    }
    // IIS paths have no case.
    if (/^\/wfgen\/graphql\/?$/i.test(path) && wantsGraphiQL(request))
      return sendGraphiQL(request, response, issueToken)
    if (/^\/wfgen\/graphql(?:\/schema)?\/?$/i.test(path)) return graphqlServer.handle(request, response)
    if (path === '/') return sendText(response, 200, frontPage(settings, requests), 'text/html')
    sendText(response, 404, 'Not found.')
  }
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

/** A fault of the sandbox, or a caller who sent what no server reads. */
function failed(response: ServerResponse): void {
  if (response.headersSent) response.destroy()
  else sendText(response, 500, 'The sandbox could not answer this request.\n')
}
