/** Lets commands use the queue of a worker: HTTP on a local socket, one request for each call. */
import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { isWfgError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import type { Owner } from '../database/owner.ts'
import type { JobStore } from '../store.ts'

/** The calls that the worker does for commands. */
const METHODS = ['enqueue', 'jobs', 'retry', 'drop'] as const

export type Method = (typeof METHODS)[number]

export interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code: string; readonly message: string }
}

export interface SocketServer {
  /** Answers the requests that came, and takes no more. */
  close(): Promise<void>
}

/** Listens when it resolves. */
export async function serveJobs(
  { redactor }: Pick<Host, 'redactor'>,
  { socket: path, key }: Owner,
  store: JobStore,
): Promise<SocketServer> {
  const answering = new Set<Promise<void>>()

  async function answer(request: IncomingMessage): Promise<Answer> {
    try {
      const body = await text(request)
      if (body === '') return {}
      const { method, params } = JSON.parse(body) as { method: Method; params: unknown[] }
      if (!METHODS.includes(method)) throw new Error('there is no such call')
      return { result: await (store[method] as (...params: unknown[]) => Promise<unknown>)(...params) }
    } catch (error) {
      const { code = '', message = String(error) } = error as { code?: string; message?: string }
      return { error: { code: isWfgError(error) ? error.code : code, message: redactor.text(message) } }
    }
  }

  const server = createServer((request, response) => {
    if (!isSame(request.headers.authorization, key)) {
      request.socket.destroy()
      return
    }
    const work = answer(request)
      .then(
        (found) => new Promise<void>((resolve) => response.once('close', resolve).end(JSON.stringify(found), resolve)),
      )
      .finally(() => answering.delete(work))
    answering.add(work)
  })
  server.on('clientError', (_error, peer) => peer.destroy())
  server.listen(path)
  await once(server, 'listening')
  server.on('error', () => {})
  return {
    async close() {
      const closed = once(server, 'close')
      server.close()
      await Promise.allSettled(answering)
      server.closeAllConnections()
      await closed
    },
  }
}

// --- internal ---

function isSame(given = '', key: string): boolean {
  const [found, expected] = [Buffer.from(given), Buffer.from(key)]
  return found.length === expected.length && timingSafeEqual(found, expected)
}
