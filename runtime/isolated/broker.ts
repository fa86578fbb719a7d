/**
 * The broker between an isolated script and the server: HTTP on loopback, for one run. It is an exchange and not a client:
 * retries, deadlines and the fate of a mutation are the work of the script's own client.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { RefusedError } from '../core/errors.ts'
import { checkAccess, checkProtection } from '../graphql/client/guards.ts'
import { isRefusal, judge } from '../graphql/exchange/fate.ts'
import { readAnswer } from '../graphql/exchange/read_answer.ts'
import { encodeRequest } from '../graphql/exchange/request_body.ts'
import type { Grants } from '../tasks/registry/grants.ts'
import type { Session } from '../tasks/run/session.ts'
import { TransportFailure, type TransportResponse } from '../transport/transport.ts'
import { ERROR_HEADER, LIMIT_HEADER } from './broker_headers.ts'
import { createOperationCheck } from './checked_operation.ts'
import { createBodyReader } from './read_request.ts'
import { describeThrown } from './thrown.ts'
import { encode } from './values.ts'

export interface Broker {
  readonly port: number
  /** Of use for this run alone. */
  readonly key: string
  /** Answers from now on. Before, it refuses everything. */
  open(): void
  /** Refuses everything, and closes the connections. */
  close(): void
}

/** Requests at once. The client of a script sends at most 100. */
const MAX_IN_FLIGHT = 100
const HEADERS_MS = 10_000
const CHECK_MS = 5000
/** Largest response that a script may ask for. */
const MAX_RESPONSE = 512 * 1024 * 1024
/** The response headers that a client reads. */
const PASSED_ON = ['content-type', 'date', 'retry-after', 'location', 'x-request-id', 'request-id', 'x-correlation-id']
/** The request headers that a client sends by itself. */
const EXPECTED = new Set([
  ...['accept', 'accept-encoding', 'accept-language', 'apollo-require-preflight', 'authorization', 'connection'],
  ...['content-length', 'content-type', 'host', 'transfer-encoding', 'user-agent', LIMIT_HEADER],
])

export async function startBroker(session: Session, grants: Grants): Promise<Broker> {
  const key = randomBytes(24).toString('base64url')
  const wanted = Buffer.from(`Bearer ${key}`)
  const check = createOperationCheck()
  const readBody = createBodyReader(session.host)
  let isOpen = false
  let inFlight = 0
  let mutations = 0

  const answer = async (request: IncomingMessage, signal: AbortSignal): Promise<TransportResponse> => {
    const problem = problemOf(request)
    if (problem !== undefined) throw new RefusedError(`Refused a request of the isolated script: ${problem}.`)
    const { host } = session
    const connection = await session.connect(undefined)
    const { config, token } = connection
    // Read before most refusals: a client that is still sending would not see the answer.
    const { query, operationName, variables } = await readBody(request)
    const headers = impersonation(request, config, grants)
    const { operation, rootFields } = check(query, operationName)
    const isMutation = operation.kind === 'mutation'
    checkAccess(session.runSettings, operation)
    checkProtection(config, session.runSettings, operation)
    if (isMutation && (session.runSettings.dryRun || config.dryRun)) throw dryRun()
    const encoded = encodeRequest(operation, variables)
    const accessToken = await token.get({ signal })
    session.clientContext.onOperation?.(operation.kind)
    if (isMutation) mutations = spent(mutations, rootFields, grants.mutations)
    const sent = { kind: operation.kind, name: operation.name }
    if (isMutation) session.clientContext.inFlight.add(sent)
    try {
      const response = await host.transport
        .send({
          url: config.graphqlUrl,
          method: 'POST',
          headers: { ...encoded.headers, ...headers, authorization: `Bearer ${accessToken}` },
          body: encoded.body,
          once: isMutation,
          signal,
          maxBytes: limitOf(request),
        })
        .catch((error: unknown) => {
          if (error instanceof TransportFailure) return error
          throw error
        })
      // Reading the answer again takes time, and most need no second look.
      if (isMutation || response instanceof TransportFailure || response.status === 401) {
        const arrived = response instanceof TransportFailure ? response : readAnswer(response, host.redactor.text)
        if (isRefusal(arrived, operation) && arrived.status === 401) token.invalidate(accessToken)
        if (isMutation && ['renew', 'resend', 'refused'].includes(judge(arrived).fate)) mutations -= rootFields
      }
      if (response instanceof TransportFailure) throw response
      return passedOn(response, accessToken, host.redactor.text)
    } finally {
      session.clientContext.inFlight.delete(sent)
    }
  }

  const problemOf = ({ headers, method, url, socket }: IncomingMessage): string | undefined => {
    if (!isOpen) return 'the run has not begun, or is over'
    if (method !== 'POST' || url !== '/') return 'the broker has no such address'
    if (headers.host !== ownHost || headers.origin !== undefined) return 'it is not from the script'
    if (!isKey(headers.authorization, wanted)) return 'its key is not that of the run'
    return socket.destroyed ? 'its connection was closed' : undefined
  }

  const server = createServer({ connectionsCheckingInterval: CHECK_MS }, (request, response) => {
    if (inFlight >= MAX_IN_FLIGHT) return void response.writeHead(429, { 'retry-after': '1' }).end()
    inFlight += 1
    void answer(request, closing(request.socket))
      .then((given) => pass(response, given))
      .catch((error: unknown) => passError(response, error, session.host.redactor.text))
      .finally(() => {
        inFlight -= 1
      })
  })
  server.headersTimeout = HEADERS_MS
  server.maxConnections = 2 * MAX_IN_FLIGHT
  server.requestTimeout = 0
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  server.unref()
  const { port } = server.address() as AddressInfo
  const ownHost = `127.0.0.1:${port}`
  return {
    port,
    key,
    open() {
      isOpen = true
    },
    close() {
      isOpen = false
      server.close()
      server.closeAllConnections()
    },
  }
}

// --- internal ---

function isKey(authorization: string | undefined, wanted: Buffer): boolean {
  const given = Buffer.from(authorization ?? '')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

const closings = new WeakMap<Socket, AbortSignal>()

/** Aborted when the client has given up, by its deadline or because it was ended. One for all requests of a connection. */
function closing(socket: Socket): AbortSignal {
  let signal = closings.get(socket)
  if (signal) return signal
  const ending = new AbortController()
  signal = ending.signal
  closings.set(socket, signal)
  socket.once('close', () => ending.abort(new Error('the script waits no longer')))
  return signal
}

function limitOf({ headers }: IncomingMessage): number {
  const asked = Number(headers[LIMIT_HEADER])
  return asked > 0 ? Math.min(asked, MAX_RESPONSE) : MAX_RESPONSE
}

/** The impersonation header, which the settings set if the script does not. No other header is the script's to choose. */
function impersonation(
  { headers }: IncomingMessage,
  { impersonate, impersonateHeader }: { impersonate: string | undefined; impersonateHeader: string },
  grants: Grants,
): Record<string, string> {
  const name = impersonateHeader.toLowerCase()
  const foreign = Object.keys(headers).find((each) => !EXPECTED.has(each) && each !== name)
  if (foreign !== undefined) {
    throw new RefusedError(
      `Refused the header ${JSON.stringify(foreign)}: this script is isolated, and sets no headers. Nothing was sent.`,
    )
  }
  const user = String(headers[name] ?? impersonate ?? '')
  if (user === '') return {}
  if (user === impersonate || grants.impersonate.includes(user)) return { [name]: user }
  throw new RefusedError(
    `Refused to act as ${JSON.stringify(user)}: "isolated" of the task does not name that user. Nothing was sent. Add it to impersonate in tasks.ts if it is meant.`,
  )
}

function spent(before: number, more: number, most: number | null): number {
  if (most === null || before + more <= most) return before + more
  throw new RefusedError(
    `Refused a mutation: this run may send ${most} root fields of mutations, ${before} are sent, and this has ${more}. Nothing was sent. Raise mutations in tasks.ts, or --mutations, if it is meant to send more.`,
  )
}

function dryRun(): RefusedError {
  return new RefusedError('Refused a mutation: this is a dry run. Nothing was sent.')
}

/** Without the token: servers and proxies may repeat the headers of a request, such as in the page of an error. */
function passedOn(
  { status, headers, body }: TransportResponse,
  accessToken: string,
  redact: (text: string) => string,
): TransportResponse {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const passed: Record<string, string> = {}
  for (const name of PASSED_ON) if (headers[name] !== undefined) passed[name] = redact(headers[name])
  return {
    status,
    headers: passed,
    body: bytes.includes(accessToken) ? Buffer.from(redact(bytes.toString('utf8'))) : bytes,
  }
}

function pass(response: ServerResponse, { status, headers, body }: TransportResponse): void {
  response.sendDate = false
  response.writeHead(status, { ...headers, 'content-length': body.length }).end(body)
}

/** Errors have no secrets, and pass the redactor all the same. */
function passError(response: ServerResponse, error: unknown, redact: (text: string) => string): void {
  if (response.headersSent) return void response.destroy()
  const known = error instanceof Error ? error : new Error('the broker failed')
  response.writeHead(403, { [ERROR_HEADER]: '1', connection: 'close' }).end(redact(encode(describeThrown(known))))
}
