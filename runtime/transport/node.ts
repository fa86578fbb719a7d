/** The transport over `node:http` and `node:https`, with keep-alive. Node always uses it, Deno and Bun only through a proxy. */
import type { ClientRequest, Agent as HttpAgent, IncomingMessage, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { urlToHttpOptions } from 'node:url'
import type { BrotliDecompress, Gunzip } from 'node:zlib'
import { systemCode } from '../core/system_code.ts'
import type { HttpProxy } from './proxy.ts'
import { createParts, readAll } from './response_body.ts'
import { type Transport, TransportFailure, type TransportRequest, type TransportResponse } from './transport.ts'
import type { Tunnel } from './tunnel.ts'

/** A server may close an idle connection at any moment. A mutation sent just then would have an unknown outcome. */
const MAX_IDLE_MS = 1000

export interface NodeTransportOptions {
  /** `process.getBuiltinModule`. On newer Node, `import 'node:http'` would also load all of fetch. */
  builtin: typeof process.getBuiltinModule
  monotonicMs(): number
  /** True on Deno, where `node:http` itself repeats a request when a reused connection turns out to be closed. */
  resends?: boolean
  /** Default: no request goes through a proxy. */
  proxyFor?: ((url: URL) => Promise<HttpProxy | undefined>) | undefined
}

export function createNodeTransport(options: NodeTransportOptions): Transport {
  const pools = new Map<string, Pool>()
  const poolFor = async (url: URL): Promise<Pool> => {
    const proxy = await options.proxyFor?.(url)
    // Imported before the pool is looked up, so that concurrent requests share one pool.
    const { Tunnel } = proxy ? await import('./tunnel.ts') : {}
    const key = proxy?.url.href ?? url.protocol
    let pool = pools.get(key)
    if (!pool) {
      const module = url.protocol === 'https:' ? options.builtin('node:https') : options.builtin('node:http')
      const tunnel = proxy && Tunnel && new Tunnel(proxy)
      pool = createPool(module.request, tunnel ?? new module.Agent({ keepAlive: true }), options.monotonicMs, tunnel)
      pools.set(key, pool)
    }
    return pool
  }
  return {
    async send(request) {
      const pool = await poolFor(request.url)
      if (request.once) pool.dropIdle(options.resends ? Number.NEGATIVE_INFINITY : MAX_IDLE_MS)
      return exchange(pool, request, () => options.builtin('node:zlib'))
    },
    close() {
      for (const pool of pools.values()) pool.agent.destroy()
      pools.clear()
    },
  }
}

// --- internal ---

type Zlib = typeof import('node:zlib')

const CLOSED_ON_BUN = 'ERR_SOCKET_CLOSED'

/** The code of zlib for input that ends too early. */
const EMPTY = 'Z_BUF_ERROR'

interface Pool {
  agent: HttpAgent
  request: typeof import('node:http').request
  tunnel: Tunnel | undefined
  dropIdle(olderThanMs: number): void
}

function createPool(request: Pool['request'], agent: HttpAgent, monotonicMs: () => number, tunnel?: Tunnel): Pool {
  const idleSinceMs = new WeakMap<Socket, number>()
  agent.on('free', (socket: Socket) => idleSinceMs.set(socket, monotonicMs()))
  return {
    agent,
    request,
    tunnel,
    // Checked when a request is sent: after a busy script, a timer would fire late.
    dropIdle(olderThanMs) {
      const limit = monotonicMs() - olderThanMs
      for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) {
        if ((idleSinceMs.get(socket) ?? 0) < limit) socket.destroy()
      }
    },
  }
}

function exchange(pool: Pool, sent: TransportRequest, zlib: () => Zlib): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    if (sent.signal.aborted) throw new TransportFailure('connect', 'ABORTED', 'the call was ended')
    let connected = false
    let isTunnelled = !pool.tunnel
    const request = pool.request({
      ...addressOf(sent.url),
      method: sent.method,
      agent: pool.agent,
      headers: { 'accept-encoding': 'gzip, br', ...sent.headers, ...lengthOf(sent.body) },
    })
    const end = (error: unknown) => {
      sent.signal.removeEventListener('abort', abort)
      // The rest of the response is never read. It would keep the connection and the process open.
      request.destroy()
      pool.tunnel?.abandon(request)
      reject(error)
    }
    const fail = (error: unknown) => {
      const failure = error instanceof TransportFailure ? error : failureOf(error, connected)
      end(isTunnelled ? failure : pool.tunnel!.failed(failure))
    }
    const abort = () => fail(new TransportFailure(connected ? 'exchange' : 'connect', 'ABORTED', 'the call was ended'))
    sent.signal.addEventListener('abort', abort, { once: true })
    // The library would pass the proxy's response off as the server's.
    request.on('proxyConnect', ({ statusCode }: { statusCode: number }) => {
      if (statusCode === 200) isTunnelled = true
      else end(pool.tunnel!.refused(statusCode))
    })
    request.on('socket', (socket) => {
      // `socket.connecting` is not enough: through a tunnel the socket is connected while TLS can still fail.
      if (request.reusedSocket) connected = isTunnelled = true
      else socket.once(sent.url.protocol === 'https:' ? 'secureConnect' : 'connect', () => (connected = true))
    })
    let answer: IncomingMessage | undefined
    // An error after the complete response is ignored.
    request.on('error', (error) => {
      if (!answer?.complete) fail(error)
    })
    // If the server switches protocols, there is neither a response nor an error.
    request.on('close', () => {
      if (!answer) fail(new Error('the connection was closed without an answer'))
    })
    request.on('response', (message) => {
      answer = message
      const unpacked = decompressed(message, zlib)
      const reading = unpacked ? readAll(unpacked, sent.maxBytes) : readMessage(message, sent.maxBytes)
      reading.then((body) => {
        sent.signal.removeEventListener('abort', abort)
        // A server that responds before the end of a streamed body, with 401 or 413, does not want the rest. Data after
        // the end of compressed data is not read either. For a text, Node itself waits until it is sent.
        const isUnsent = typeof sent.body === 'function' && !request.writableFinished
        if (isUnsent || !message.complete) request.destroy()
        resolve({ status: message.statusCode!, headers: headersOf(message), body })
      }, fail)
    })
    write(request, sent.body).catch(end)
  })
}

/** Parsed once: a client sends all its requests to the same URL. */
const addresses = new WeakMap<URL, RequestOptions>()

function addressOf(url: URL): RequestOptions {
  const known = addresses.get(url)
  if (known) return known
  const address = urlToHttpOptions(url) as RequestOptions
  addresses.set(url, address)
  return address
}

function lengthOf(body: TransportRequest['body']): Record<string, string> {
  return typeof body === 'string' ? { 'content-length': String(Buffer.byteLength(body)) } : {}
}

async function write(request: ClientRequest, body: TransportRequest['body']): Promise<void> {
  if (typeof body !== 'function') {
    // As bytes: Node would write the headers in the encoding of a text body, and turn ü in a header into two characters.
    request.end(body === undefined ? body : Buffer.from(body))
    return
  }
  for await (const chunk of body()) {
    if (request.destroyed) return
    if (!request.write(chunk)) await drained(request)
  }
  request.end()
}

function drained(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      request.off('drain', done)
      request.off('close', done)
      resolve()
    }
    request.on('drain', done)
    request.on('close', done)
  })
}

/** Uses events: iterating over the stream would take 5 % of the time of a page. */
function readMessage(message: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const parts = createParts(maxBytes)
  return new Promise((resolve, reject) => {
    message.on('data', (chunk: Uint8Array) => {
      try {
        parts.add(chunk)
      } catch (error) {
        reject(error)
      }
    })
    message.on('end', () => resolve(parts.joined()))
    message.on('error', reject)
    message.on('close', () => {
      if (!message.complete) reject(new Error('the connection was closed before the end of the response'))
    })
  })
}

/** Undefined if the body is not compressed. */
function decompressed(message: IncomingMessage, zlib: () => Zlib): AsyncIterable<Uint8Array> | undefined {
  const encoding = message.headers['content-encoding']?.toLowerCase()
  if (encoding !== 'gzip' && encoding !== 'br') return undefined
  const decoder = encoding === 'gzip' ? zlib().createGunzip() : zlib().createBrotliDecompress()
  message.on('error', (error) => decoder.destroy(error))
  // The reader gets errors while it reads. After the end of the data nobody listens, and Node 24 would end the process.
  decoder.on('error', () => {})
  return unpacked(message.pipe(decoder))
}

/** Takes no data at all as an empty body, although no compressed format is that short. */
async function* unpacked(decoder: Gunzip | BrotliDecompress): AsyncGenerator<Uint8Array> {
  try {
    yield* decoder
  } catch (error) {
    if (decoder.bytesWritten > 0 || systemCode(error) !== EMPTY) throw error
  }
}

function headersOf(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}

function failureOf(error: unknown, connected: boolean): TransportFailure {
  const { code, message } = error as NodeJS.ErrnoException
  // If a host has several addresses, all attempts are in one AggregateError without a message.
  const first = (error as AggregateError).errors?.[0] as NodeJS.ErrnoException | undefined
  const reason = code ?? first?.code ?? 'UNKNOWN'
  return new TransportFailure(
    connected ? 'exchange' : 'connect',
    reason === CLOSED_ON_BUN ? 'ECONNRESET' : reason,
    message || first?.message || 'the connection failed',
  )
}
