/** The worker's side of the local socket. */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import type { Host } from '../../host/host.ts'
import type { Owner } from '../database/owner.ts'
import { type Call, REMOTE, type RemoteStore, readLines, toError, toLine, withDates } from './wire.ts'

export interface SocketServer {
  /** Answers what was asked, and then no more. */
  close(): Promise<void>
}

/** Listens from when it resolves. */
export async function serveStore(
  host: Pick<Host, 'redactor'>,
  { socket: path, key }: Owner,
  store: RemoteStore,
): Promise<SocketServer> {
  const peers = new Set<Socket>()
  const answering = new Set<Promise<void>>()

  async function answer(peer: Socket, { id, method, params }: Call): Promise<void> {
    try {
      if (!REMOTE.includes(method)) throw new Error('there is no such call')
      const result = await (store[method] as RemoteFunction)(...params.map(withDates))
      peer.write(toLine({ id, result }))
    } catch (error) {
      peer.write(toLine({ id, error: toError(error, (text) => host.redactor.text(text))! }))
    }
  }

  function serve(peer: Socket): void {
    let isKnown = false
    peers.add(peer)
    peer.on('close', () => peers.delete(peer))
    peer.on('error', () => peer.destroy())
    readLines(peer, (line) => {
      try {
        const message = JSON.parse(line)
        if (!isKnown) {
          isKnown = isSame(message.key, key)
          if (!isKnown) peer.destroy()
          return
        }
        const work = answer(peer, message).finally(() => answering.delete(work))
        answering.add(work)
      } catch {
        peer.destroy()
      }
    })
  }

  const server = createServer(serve)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', () => {})
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await Promise.allSettled(answering)
      for (const peer of peers) peer.end(() => peer.destroy())
      await closed
    },
  }
}

// --- internal ---

type RemoteFunction = (...params: unknown[]) => Promise<unknown>

function isSame(given: unknown, key: string): boolean {
  if (typeof given !== 'string' || given.length !== key.length) return false
  return timingSafeEqual(Buffer.from(given), Buffer.from(key))
}
