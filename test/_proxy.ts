/** A real proxy on loopback for CONNECT, and TLS in front of a server, reached by names that only the proxy knows. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import process from 'node:process'
import { createServer as createTlsServer } from 'node:tls'
import type { Certificate } from './_certificates.ts'

/**
 * How the proxy answers a CONNECT:
 * - `connect`: it connects
 * - `cut`: it connects, and closes the connection at once
 * - `hang`: never
 * - `close`: by closing the connection
 * - `babble`: with what is no HTTP
 * - a number: with this status
 */
export type Answer = 'connect' | 'cut' | 'hang' | 'close' | 'babble' | number

export interface ConnectRequest {
  /** `host:port` */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

export interface ConnectProxy {
  /** `127.0.0.1:PORT` */
  readonly address: string
  readonly requests: readonly ConnectRequest[]
  /** Connections that are open now. */
  readonly open: number
}

/**
 * Runs `action` with a proxy that connects every name to the same port of this computer.
 *
 * @param answers in the order of the requests; the last one for all that follow
 */
export async function withProxy(
  port: number,
  answers: readonly Answer[],
  action: (proxy: ConnectProxy) => Promise<void>,
): Promise<void> {
  const requests: ConnectRequest[] = []
  const sockets = new Set<Socket>()
  await serving(
    createServer((socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => {})
      readHead(socket, (request, rest) => {
        requests.push(request)
        answer(socket, answers[requests.length - 1] ?? answers.at(-1) ?? 'connect', port, rest)
      })
    }),
    sockets,
    (proxyPort) =>
      action({
        address: `127.0.0.1:${proxyPort}`,
        requests,
        get open() {
          return sockets.size
        },
      }),
  )
}

/** Runs `action` with the port of a server that speaks TLS and passes what it hears to the server at `url`. */
export async function withTls(
  certificate: Certificate,
  url: string,
  action: (port: number) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>()
  const { key, cert } = certificate
  const server = createTlsServer({ key, cert }, (socket) => {
    sockets.add(socket)
    join(socket, connect(Number(new URL(url).port), '127.0.0.1'))
  })
  // A client that does not trust the certificate.
  server.on('tlsClientError', () => {})
  await serving(server, sockets, action)
}

/** The name of a variable as messages show it. Windows does not tell capital letters from small ones. */
export function shownVariable(name: string): string {
  return process.platform === 'win32' ? name.toLowerCase() : name
}

// --- internal ---

async function serving(server: Server, sockets: Set<Socket>, action: (port: number) => Promise<void>): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await action((server.address() as { port: number }).port)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}

function readHead(socket: Socket, done: (request: ConnectRequest, rest: Buffer) => void): void {
  let bytes = Buffer.alloc(0)
  const read = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) return
    socket.off('data', read)
    const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
    const headers = lines.map((line) => [line.split(':')[0]!.toLowerCase(), line.replace(/^[^:]*:\s*/, '')])
    done({ target: first.split(' ')[1]!, headers: Object.fromEntries(headers) }, bytes.subarray(end + 4))
  }
  socket.on('data', read)
}

function answer(socket: Socket, how: Answer, port: number, rest: Buffer): void {
  if (how === 'hang') return
  if (how === 'close') {
    socket.destroy()
    return
  }
  if (how === 'babble') {
    socket.end('SSH-2.0-OpenSSH\r\n\r\n')
    return
  }
  if (typeof how === 'number') {
    const body = 'What a proxy says.'
    socket.end(`HTTP/1.1 ${how} Scripted\r\nproxy-authenticate: Basic\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    return
  }
  const server = connect(port, '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connected\r\n\r\n', () => {
      if (how === 'cut') socket.destroy()
    })
    server.write(rest)
    join(socket, server)
  })
  server.on('error', () => socket.destroy())
}

/** What one side says goes to the other, and so does its end. */
function join(a: Socket, b: Socket): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.on('error', () => {})
    from.on('close', () => to.destroy())
    from.pipe(to)
  }
}
