/** The transport over `fetch`, for Deno and Bun. */
import { readAll } from './response_body.ts'
import { type Transport, TransportFailure, type TransportRequest } from './transport.ts'

/** The part of the `Deno` namespace that makes a separate HTTP client. */
export interface DenoHttp {
  createHttpClient(options: { poolMaxIdlePerHost: number }): { close(): void }
}

export interface FetchTransportOptions {
  fetch: typeof globalThis.fetch
  deno?: DenoHttp | undefined
}

export function createFetchTransport(options: FetchTransportOptions): Transport {
  let onceClient: { close(): void } | undefined
  // Deno repeats a request by itself when a reused connection turns out to be closed, so a mutation could run twice.
  // A client without idle connections never reuses one.
  const once = (): object => {
    // Bun: a new connection. If the server had closed a reused one, the outcome would be unknown.
    if (!options.deno) return { keepalive: false }
    onceClient ??= options.deno.createHttpClient({ poolMaxIdlePerHost: 0 })
    return { client: onceClient }
  }
  return {
    async send(request) {
      if (request.signal.aborted) throw new TransportFailure('connect', 'ABORTED', 'the call was ended')
      const headers = sendable(request.headers)
      const body = openBody(request.body)
      let answered = false
      try {
        const response = await options.fetch(request.url, {
          method: request.method,
          headers,
          redirect: 'manual',
          signal: request.signal,
          ...body.init,
          ...(request.once ? once() : {}),
        } as RequestInit)
        answered = true
        const received = headersOf(response)
        const bytes = await read(response, received, request.maxBytes)
        return { status: response.status, headers: received, body: bytes }
      } catch (error) {
        if (error instanceof TransportFailure) throw error
        if (body.failure) throw body.failure.error
        throw failureOf(error, request, answered)
      } finally {
        body.stop()
      }
    },
    close() {
      onceClient?.close()
      onceClient = undefined
    },
  }
}

// --- internal ---

/** The runtime's error would show the value, which may be a token. */
function sendable(headers: Record<string, string>): Headers {
  try {
    return new Headers(headers)
  } catch {
    throw new TypeError('Cannot send the request: a header holds a character that headers cannot hold.')
  }
}

interface OpenBody {
  readonly init: object
  /** The error that stopped reading the body. */
  readonly failure: { readonly error: unknown } | undefined
  /** Stops sending. A server that responds before the end of the body does not want the rest. */
  stop(): void
}

function openBody(body: TransportRequest['body']): OpenBody {
  if (typeof body !== 'function') return { init: body === undefined ? {} : { body }, failure: undefined, stop() {} }
  const chunks = body()[Symbol.asyncIterator]()
  let failure: OpenBody['failure']
  let stopped = false
  let sending: ReadableStreamDefaultController | undefined
  const stream = new ReadableStream({
    start(controller) {
      sending = controller
    },
    async pull(controller) {
      try {
        const { done, value } = await chunks.next()
        if (stopped) return
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        failure = { error }
        controller.error(error)
      }
    },
  })
  return {
    init: { body: stream, duplex: 'half' },
    get failure() {
      return failure
    },
    stop() {
      stopped = true
      sending?.error(new Error('the body is not needed any more'))
      chunks.return?.().catch(() => {})
    },
  }
}

/** A stream takes longer, and is only needed where the length is not known. */
async function read(response: Response, headers: Record<string, string>, maxBytes: number): Promise<Uint8Array> {
  const isShort = Number(headers['content-length']) <= maxBytes && headers['content-encoding'] === undefined
  if (isShort) return new Uint8Array(await response.arrayBuffer())
  return response.body ? readAll(response.body, maxBytes) : new Uint8Array()
}

function headersOf(response: Response): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of response.headers) headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  return headers
}

function failureOf(error: unknown, request: TransportRequest, answered: boolean): TransportFailure {
  if (request.signal.aborted) {
    // `fetch` does not tell whether the request was sent, so assume that it was.
    return new TransportFailure('exchange', 'ABORTED', 'the call was ended')
  }
  // Deno's own message is only "fetch failed". The message of the cause says what failed, and at which stage.
  const cause = (error as { cause?: unknown }).cause
  const { message = String(error), code } = (cause instanceof Error ? cause : error) as {
    message?: string
    code?: unknown
  }
  const connecting = !answered && (CONNECT_MESSAGES.test(message) || CONNECT_CODES.has(String(code)))
  return new TransportFailure(connecting ? 'connect' : 'exchange', reasonOf(message, code), reasonText(message))
}

/** Messages of Deno, also for what it does not even try: a forbidden port, a missing right, a bad `DENO_CERT`. The last is Bun's. */
const CONNECT_MESSAGES =
  /client error \(Connect\)|^Fetch failed: Requests to port|^Requires net access|^Failed opening CA|^Unable to add pem|TLS handshake failed/
/** Codes of Bun, which sends nothing before it trusts the certificate. */
const CONNECT_CODES = new Set([
  'ConnectionRefused',
  'FailedToOpenSocket',
  'ECONNREFUSED',
  'ENOTFOUND',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** The codes that Node has for the same errors, so that messages are the same on every runtime. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/refused/i, 'ECONNREFUSED'],
  [/dns error|lookup/i, 'ENOTFOUND'],
  [/certificate.*expired/i, 'CERT_HAS_EXPIRED'],
  [/certificate not valid for name/i, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [/certificate|UnknownIssuer|CA file/i, 'CERT_INVALID'],
  [/reset/i, 'ECONNRESET'],
  [/closed before message completed|reading a body|unexpected end|IncompleteBody|end of file|eof/i, 'ECONNRESET'],
  [/timed out/i, 'ETIMEDOUT'],
]

function reasonOf(message: string, code: unknown): string {
  const known = REASONS.find(([pattern]) => pattern.test(`${code} ${message}`))
  return known?.[1] ?? (typeof code === 'string' ? code : 'UNKNOWN')
}

/** Removes the URL and the kind of error, with which Deno's message starts. */
function reasonText(message: string): string {
  return message.replace(/^error sending request .*?\): (?:client error \(\w+\): )?/, '')
}
