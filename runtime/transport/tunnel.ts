/** Connections through a proxy (RFC 9110 section 9.3.6), by https-proxy-agent. */
import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { failedAtProxy, type HttpProxy, refusedByProxy } from './proxy.ts'
import type { TransportFailure } from './transport.ts'

export class Tunnel extends HttpsProxyAgent<string> {
  readonly #proxy: HttpProxy
  readonly #opening = new WeakMap<ClientRequest, AbortController>()

  constructor(proxy: HttpProxy) {
    const { url, authorization } = proxy
    // In a header, because the library writes the URL to its debug output (`DEBUG=*`).
    super(url, { keepAlive: true, headers: authorization ? { 'proxy-authorization': authorization } : {} })
    this.#proxy = proxy
  }

  override async connect(...[request, options]: Parameters<HttpsProxyAgent<string>['connect']>) {
    const opening = new AbortController()
    this.#opening.set(request, opening)
    // Between the proxy's response and the first request nobody listens to the socket. On Bun, an error would end the process.
    request.once('proxy', ({ socket }: { socket: Socket }) => socket.on('error', () => {}))
    // `connect` reads it at once.
    this.connectOpts = { ...this.connectOpts, signal: opening.signal }
    try {
      return await super.connect(request, options)
    } finally {
      this.#opening.delete(request)
    }
  }

  /** Closes the connection to a proxy that has not responded. The request does not know of it, and would leave it open. */
  abandon(request: ClientRequest): void {
    this.#opening.get(request)?.abort()
  }

  /** @param status NaN if the response is not that of a proxy */
  refused(status: number): TransportFailure {
    return refusedByProxy(this.#proxy, status || undefined)
  }

  /** Explains a failure before the proxy had connected. */
  failed({ reason, message }: TransportFailure): TransportFailure {
    return failedAtProxy(this.#proxy, reason === 'UNKNOWN' ? 'PROXY_UNAVAILABLE' : reason, message)
  }
}
