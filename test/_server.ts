/** A real HTTP server on loopback that answers by a script, and fails below HTTP where the script says so. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { createParser } from './_http_parser.ts'
import { encodeBody } from './_transport.ts'

/**
 * What happens below HTTP:
 * - `reset-on-connect`: the connection is reset before anything is read; no request is recorded
 * - `reset-after-head`: reset when the request's headers were read
 * - `reset-after-request`: reset when the whole request was read
 * - `stall`: the request is read and never answered
 * - `stall-body`: the answer stops after half of its body
 * - `truncate`: the connection is closed after half of the body
 * - `reset-body`: the connection is reset after half of the body
 * - `close-after-answer`: answered, and the kept-alive connection closed at once
 * - `close-on-next`: answered, and the connection closed when the next request on it was read, which is recorded as well
 */
export type Fault =
  | 'reset-on-connect'
  | 'reset-after-head'
  | 'reset-after-request'
  | 'stall'
  | 'stall-body'
  | 'truncate'
  | 'reset-body'
  | 'close-after-answer'
  | 'close-on-next'

export interface Reply {
  /** Default 200. */
  status?: number
  /** Names in any case; `content-length` and `content-type` are added where missing. */
  headers?: Record<string, string>
  /** A text or bytes as they are; anything else is sent as JSON. Default: empty. */
  body?: unknown
  /** Waits this long before it answers. */
  delayMs?: number
  fault?: Fault
}

export type ScriptedReply = Reply | ((request: ReceivedRequest) => Reply | Promise<Reply>)

export interface ReceivedRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** As text; `bytes` has what is no text. */
  readonly body: string
  readonly bytes: Uint8Array
  /** Number of the connection it came by, from 1. */
  readonly connection: number
}

export interface ScriptedServer {
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  readonly url: string
  readonly requests: readonly ReceivedRequest[]
  /** How many connections were accepted. */
  readonly connections: number
  /** Ends the server, and asserts that every reply was used and that nothing more came. */
  close(): Promise<void>
  /** Ends the server and asserts nothing. */
  destroy(): Promise<void>
}

/**
 * @param replies in the order in which requests are read, whatever their connection
 * @example await withServer([{ body: { data: null } }], async ({ url }) => { … })
 */
export async function scriptedServer(replies: readonly ScriptedReply[]): Promise<ScriptedServer> {
  const left = [...replies]
  const requests: ReceivedRequest[] = []
  const unexpected: string[] = []
  const sockets = new Set<Socket>()
  const stop = new AbortController()
  let connections = 0

  function accept(socket: Socket): void {
    const connection = ++connections
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {}) // the other side may reset as well
    if (takeFault(left, 'reset-on-connect')) {
      socket.resetAndDestroy()
      return
    }
    let closeOnNext = false
    let queue = Promise.resolve()
    const parser = createParser({
      head() {
        const fault = takeFault(left, 'reset-after-head')
        if (fault) socket.resetAndDestroy()
        return !fault
      },
      request(parsed) {
        const request = { ...parsed, connection }
        requests.push(request)
        if (closeOnNext) {
          socket.destroy()
          return
        }
        const reply = left.shift()
        if (!reply) unexpected.push(`${request.method} ${request.path}`)
        queue = queue.then(async () => {
          const answer = await resolveReply(reply ?? UNEXPECTED, request)
          if (answer.delayMs) await setTimeout(answer.delayMs, undefined, { signal: stop.signal }).catch(() => {})
          closeOnNext = answer.fault === 'close-on-next'
          if (!socket.destroyed) send(socket, answer, request.method)
        })
      },
    })
    socket.on('data', (chunk) => {
      if (takeFault(left, 'reset-on-connect')) socket.resetAndDestroy()
      else if (!socket.destroyed) parser.push(chunk)
    })
  }

  const server = createServer(accept)
  const port = await listen(server)
  const destroy = async () => {
    stop.abort()
    for (const socket of sockets) socket.destroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections
    },
    destroy,
    async close() {
      await destroy()
      assert.equal(unexpected, [], 'Expected no request beyond the script')
      assert.is(left.length, 0, `Expected all ${replies.length} replies to be used, ${left.length} are left`)
    },
  }
}

/** Runs `action` with a server; closes it, with its assertions unless `action` failed already. */
export async function withServer(
  replies: readonly ScriptedReply[],
  action: (server: ScriptedServer) => unknown,
): Promise<void> {
  const server = await scriptedServer(replies)
  try {
    await action(server)
  } catch (error) {
    await server.destroy()
    throw error
  }
  await server.close()
}

/** A URL at whose port nothing listens: a connection is refused. */
export async function refusedUrl(): Promise<string> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

// --- internal ---

const UNEXPECTED: Reply = { status: 500, body: 'The script of this server has no reply left' }

const RESET_AFTER_MS = 50

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as { port: number }).port
}

function takeFault(left: ScriptedReply[], fault: Fault): boolean {
  const next = left[0]
  if (typeof next !== 'object' || next.fault !== fault) return false
  left.shift()
  return true
}

/** A reply that throws is answered with 500, so that the test sees why. */
async function resolveReply(reply: ScriptedReply, request: ReceivedRequest): Promise<Reply> {
  if (typeof reply !== 'function') return reply
  try {
    return await reply(request)
  } catch (error) {
    return { status: 500, body: String(error) }
  }
}

function send(socket: Socket, reply: Reply, method: string): void {
  const { fault, status = 200 } = reply
  if (fault === 'stall') return
  if (fault === 'reset-after-request') {
    socket.resetAndDestroy()
    return
  }
  const { bytes, type } = encodeBody(reply.body)
  const headers = new Map(type ? [['content-type', type]] : [])
  for (const [name, value] of Object.entries(reply.headers ?? {})) headers.set(name.toLowerCase(), value)
  if (!headers.has('content-length')) headers.set('content-length', String(bytes.length))
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = Buffer.from(`HTTP/1.1 ${status} Scripted\r\n${lines}\r\n`)
  const half = fault === 'truncate' || fault === 'stall-body' || fault === 'reset-body'
  const sent = method === 'HEAD' ? bytes.subarray(0, 0) : half ? bytes.subarray(0, bytes.length >> 1) : bytes
  socket.write(Buffer.concat([head, sent]), () => {
    if (fault === 'truncate' || fault === 'close-after-answer' || headers.get('connection') === 'close') socket.end()
    // A reset that comes with the data looks like the end of it to a reader on libuv.
    if (fault === 'reset-body') setTimeout(RESET_AFTER_MS).then(() => socket.resetAndDestroy())
  })
}
