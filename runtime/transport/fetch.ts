/** The transport of Deno and Bun: their own `fetch`. */
import { readAll } from './answer.ts'
import { type Transport, TransportFailure, type TransportRequest } from './transport.ts'

/** The part of the `Deno` namespace that opens a client of its own. */
export interface DenoHttp {
  createHttpClient(options: { poolMaxIdlePerHost: number }): { close(): void }
}

export interface FetchTransportOptions {
  fetch: typeof globalThis.fetch
  deno?: DenoHttp | undefined
}

export function createFetchTransport(options: FetchTransportOptions): Transport {
  let onceClient: { close(): void } | undefined
  // Deno sends a request again, unasked, when a reused connection turns out to be closed: a mutation ran twice.
  // A client that keeps no idle connection has none to reuse.
  const once = (): object => {
    if (!options.deno) return {}
    onceClient ??= options.deno.createHttpClient({ poolMaxIdlePerHost: 0 })
    return { client: onceClient }
  }
  return {
    async send(request) {
      if (request.signal.aborted) throw new TransportFailure('connect', 'ABORTED', 'the call was ended')
      let answered = false
      try {
        const response = await options.fetch(request.url, {
          method: request.method,
          headers: request.headers,
          redirect: 'manual',
          signal: request.signal,
          ...bodyOf(request.body),
          ...(request.once ? once() : {}),
        } as RequestInit)
        answered = true
        const body = response.body ? await readAll(response.body, request.maxBytes) : new Uint8Array()
        return { status: response.status, headers: Object.fromEntries(response.headers), body }
      } catch (error) {
        if (error instanceof TransportFailure) throw error
        throw failureOf(error, request, answered)
      }
    },
    close() {
      onceClient?.close()
      onceClient = undefined
    },
  }
}

// --- internal ---

function bodyOf(body: TransportRequest['body']): object {
  if (typeof body !== 'function') return body === undefined ? {} : { body }
  const chunks = body()[Symbol.asyncIterator]()
  const stream = new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await chunks.return?.()
    },
  })
  return { body: stream, duplex: 'half' }
}

function failureOf(error: unknown, request: TransportRequest, answered: boolean): TransportFailure {
  const { message = String(error), code } = error as { message?: string; code?: unknown }
  if (request.signal.aborted) {
    // fetch does not tell how far it had come, so the worst is assumed.
    return new TransportFailure('exchange', 'ABORTED', 'the call was ended')
  }
  // Deno names the stage in its message; Bun gives a code of its own.
  const connecting = !answered && (/client error \(Connect\)/.test(message) || CONNECT_CODES.has(String(code)))
  return new TransportFailure(connecting ? 'connect' : 'exchange', reasonOf(message, code), reasonText(message))
}

const CONNECT_CODES = new Set(['ConnectionRefused', 'FailedToOpenSocket', 'ECONNREFUSED', 'ENOTFOUND'])

/** The same codes as the system's on Node, so that an error reads alike on every runtime. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/refused/i, 'ECONNREFUSED'],
  [/dns error|lookup/i, 'ENOTFOUND'],
  [/certificate|UnknownIssuer/i, 'CERT_INVALID'],
  [/reset/i, 'ECONNRESET'],
  [/closed before message completed|unexpected end|SendRequest|IncompleteBody|end of file/i, 'ECONNRESET'],
  [/timed out/i, 'ETIMEDOUT'],
]

function reasonOf(message: string, code: unknown): string {
  const known = REASONS.find(([pattern]) => pattern.test(message))
  return known?.[1] ?? (typeof code === 'string' ? code : 'UNKNOWN')
}

/** Deno's message begins with the URL and the kind of error; what went wrong comes last. */
function reasonText(message: string): string {
  return message.replace(
    /^error sending request (?:from \S+ )?for (?:url )?\(?\S+?\)?(?: \([^)]*\))?: (?:client error \(\w+\): )?/,
    '',
  )
}
