/** A server that hands over its sockets, for what no script of `_server.ts` can say. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'

export interface RawServer {
  readonly server: Server
  /** `http://127.0.0.1:PORT/` */
  readonly url: string
  readonly port: number
  /** Resolves when the other side has closed every connection; rejects when it does not within five seconds. */
  closed(): Promise<void>
}

/** Runs `action` with a server that calls `accept` for every connection, and ends it. */
export async function withRawServer(
  accept: (socket: Socket) => unknown,
  action: (server: RawServer) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    accept(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  try {
    await action({
      server,
      port,
      url: `http://127.0.0.1:${port}/`,
      async closed() {
        const endMs = performance.now() + 5000
        while (sockets.size > 0) {
          if (performance.now() > endMs) throw new Error(`${sockets.size} connections are still open`)
          await setTimeout(5)
        }
      },
    })
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Answers the first bytes of a connection with these. */
export function answering(...parts: (string | Uint8Array)[]): (socket: Socket) => void {
  return (socket) =>
    socket.once('data', () => {
      for (const part of parts) socket.write(part)
    })
}
