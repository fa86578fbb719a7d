/** Connections through a proxy (RFC 9110 section 9.3.6), by https-proxy-agent. */
import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { type HttpProxy, noWayThrough, refusedByProxy } from './proxy.ts'
import type { TransportFailure } from './transport.ts'

export class Tunnel extends HttpsProxyAgent<string> {
  readonly #proxy: HttpProxy
  readonly #opening = new WeakMap<ClientRequest, AbortController>()

  constructor(proxy: HttpProxy) {
    const { url, authorization } = proxy
    // As a header and not in the URL, which the library writes whole into its debug output (`DEBUG=*`).
    super(url, { keepAlive: true, headers: authorization ? { 'proxy-authorization': authorization } : {} })
    this.#proxy = proxy
  }

  override async connect(...[request, options]: Parameters<HttpsProxyAgent<string>['connect']>) {
    const opening = new AbortController()
    this.#opening.set(request, opening)
    // Nobody listens to it between the proxy's answer and the first request, and Bun would end the process by its error.
    request.once('proxy', ({ socket }: { socket: Socket }) => socket.on('error', () => {}))
    // Read as soon as it is called.
    this.connectOpts = { ...this.connectOpts, signal: opening.signal }
    try {
      return await super.connect(request, options)
    } finally {
      this.#opening.delete(request)
    }
  }

  /** Closes the connection to a proxy that has not answered yet: the request does not know of it and would leave it open. */
  abandon(request: ClientRequest): void {
    this.#opening.get(request)?.abort()
  }

  /** @param status NaN for an answer that is none of a proxy */
  refused(status: number): TransportFailure {
    return refusedByProxy(this.#proxy, status || undefined)
  }

  /** Before the proxy had connected. */
  failed({ reason, message }: TransportFailure): TransportFailure {
    return noWayThrough(this.#proxy, reason === 'UNKNOWN' ? 'PROXY_UNAVAILABLE' : reason, message)
  }
}
