/** A small HTTP server for pages that only tell something. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { UsageError } from '../../core/errors.ts'
import { systemReason } from '../../core/system_code.ts'

export interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
}

export interface Pages {
  /** Such as `http://127.0.0.1:9464`. */
  readonly url: string
  readonly isLoopback: boolean
  close(): Promise<void>
}

/**
 * @param port 0 for a free one
 * @param pages by path
 * @throws {UsageError} if it cannot listen there
 */
export async function servePages(
  port: number,
  address: string,
  pages: Readonly<Record<string, () => Promise<Page>>>,
): Promise<Pages> {
  const isLoopback = /^(localhost|::1|127(\.\d+){3})$/.test(address)
  const answer = async ({ method = '', url = '', headers }: IncomingMessage): Promise<Page> => {
    // A website that a browser shows can give its name this address.
    const name = headers.host?.replace(/:\d+$/, '') ?? ''
    if (isLoopback && !['localhost', '127.0.0.1', '[::1]', address].includes(name)) return plain(403, 'Forbidden')
    const path = url.replace(/[?#].*$/s, '')
    if (!Object.hasOwn(pages, path)) return plain(404, 'Not found')
    return method === 'GET' || method === 'HEAD' ? pages[path]!() : plain(405, 'Method not allowed')
  }
  const server = createServer(async (request, response) => {
    const { status, type, body } = await answer(request).catch(() => plain(500, 'Internal error'))
    response.writeHead(status, { 'content-type': type, ...(status === 405 ? { allow: 'GET, HEAD' } : {}) })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  try {
    server.listen(port, address)
    await once(server, 'listening')
  } catch (error) {
    throw new UsageError(
      `Cannot listen on port ${port} of ${address}: the system says ${systemReason(error)}; choose another one with --port and --host.`,
    )
  }
  server.on('error', () => {})
  const { port: used } = server.address() as AddressInfo
  return {
    url: `http://${isIPv6(address) ? `[${address}]` : address}:${used}`,
    isLoopback,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

// --- internal ---

function plain(status: number, text: string): Page {
  return { status, type: 'text/plain', body: `${text}\n` }
}
