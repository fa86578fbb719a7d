/** One HTTP exchange: over `node:http` on Node, over `fetch` on Deno and Bun. */
import type { Host } from '../host/host.ts'

export interface TransportRequest {
  url: URL
  method: 'GET' | 'POST'
  /** Names in lower case. */
  headers: Record<string, string>
  /** A text, or a function that opens the body from its start. */
  body?: string | (() => AsyncIterable<Uint8Array>) | undefined
  /** True for a mutation: it is never sent twice, and not over a connection that was idle for more than a second. */
  once: boolean
  /** Ends the exchange at any stage. `send` then rejects with the reason `ABORTED`. */
  signal: AbortSignal
  /** Largest body of a response, in bytes after decompression. */
  maxBytes: number
}

export interface TransportResponse {
  status: number
  /** Names in lower case; a repeated header's values are joined by ", ". */
  headers: Record<string, string>
  body: Uint8Array
}

export interface Transport {
  /**
   * Sends the request and reads the whole response. Does not follow redirects.
   *
   * @throws {TransportFailure} if there is no complete response
   */
  send(request: TransportRequest): Promise<TransportResponse>
  /** Closes idle connections, which would keep the process alive. */
  close(): void
}

/** The host with the transport of the process. */
export type NetworkHost = Host & { readonly transport: Transport }

/** `connect`: certainly nothing was sent. `exchange`: the server may have acted on the request. */
export type FailureStage = 'connect' | 'exchange'

/** There was no complete response. `reason` is the system's code (`ECONNREFUSED`) or `TOO_LARGE`, `ABORTED`, `PROXY_…`. */
export class TransportFailure extends Error {
  readonly stage: FailureStage
  readonly reason: string
  /** The variable that names the proxy, if the proxy failed. */
  readonly proxyVariable: string | undefined

  constructor(stage: FailureStage, reason: string, message: string, proxyVariable?: string) {
    super(message)
    this.stage = stage
    this.reason = reason
    this.proxyVariable = proxyVariable
  }

  /** True if the same request would fail again. */
  get isPermanent(): boolean {
    return PERMANENT.has(this.reason)
  }
}

// --- internal ---

const PERMANENT = new Set(['TOO_LARGE', 'PROXY_AUTHENTICATION', 'PROXY_REFUSED'])
