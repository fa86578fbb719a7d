/** Opens one connection to a server, through the proxy if there is one. Sends nothing to the server itself. */
import { connect, type Socket } from 'node:net'
import { systemCode } from '../core/system_code.ts'
import type { HttpProxy } from '../transport/proxy.ts'
import { hostAndPort } from './step.ts'

/** `reason` is the system's code, `TIMEOUT`, or `PROXY_` with the status of the proxy's response. */
export class Unreachable extends Error {
  readonly reason: string
  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

/**
 * Resolves the name, connects, and asks the proxy for a tunnel.
 *
 * @returns the IP address
 * @throws {Unreachable}
 */
export function reach(url: URL, proxy: HttpProxy | undefined, signal: AbortSignal): Promise<string> {
  const target = proxy?.url ?? url
  return new Promise((resolve, reject) => {
    const [host, port] = splitPort(target)
    const socket = connect({ host, port })
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      settle()
    }
    const fail = (reason: string) => end(() => reject(new Unreachable(reason)))
    const abort = () => fail('TIMEOUT')
    const done = () => {
      const address = socket.remoteAddress ?? ''
      end(() => resolve(address))
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    socket.on('error', (error) => fail(systemCode(error)))
    socket.on('connect', () => {
      if (proxy?.url.protocol === 'http:') openTunnel(socket, url, proxy, done, fail)
      else done()
    })
  })
}

// --- internal ---

function splitPort(url: URL): [host: string, port: number] {
  const place = hostAndPort(url)
  const colon = place.lastIndexOf(':')
  return [place.slice(0, colon).replace(/^\[|\]$/g, ''), Number(place.slice(colon + 1))]
}

/** The method CONNECT (RFC 9110 section 9.3.6). */
function openTunnel(
  socket: Socket,
  url: URL,
  proxy: HttpProxy,
  done: () => void,
  fail: (reason: string) => void,
): void {
  let head = ''
  const lines = [
    `CONNECT ${hostAndPort(url)} HTTP/1.1`,
    `host: ${hostAndPort(url)}`,
    ...(proxy.authorization ? [`proxy-authorization: ${proxy.authorization}`] : []),
  ]
  socket.on('data', (chunk) => {
    head += chunk.toString('latin1')
    const status = /^HTTP\/1\.\d (\d{3})/.exec(head)?.[1]
    if (status?.startsWith('2')) done()
    else if (status !== undefined) fail(`PROXY_${status}`)
    else if (head.length > 15) fail('PROXY_UNKNOWN')
  })
  socket.on('end', () => fail('PROXY_CLOSED'))
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
}
