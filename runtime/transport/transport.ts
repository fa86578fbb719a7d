/** One HTTP exchange, whatever carries it: `node:http` on Node, `fetch` on Deno and Bun. */
import type { Host } from '../host/host.ts'

export interface TransportRequest {
  url: URL
  method: 'GET' | 'POST'
  /** Names in lower case. */
  headers: Record<string, string>
  /** A text, or a function that opens the body from its start. */
  body?: string | (() => AsyncIterable<Uint8Array>) | undefined
  /** True for a mutation: nothing may send it a second time, nor over a connection idle for more than a second. */
  once: boolean
  /** Ends the exchange at any stage; `send` then rejects with the failure `ABORTED`. */
  signal: AbortSignal
  /** Largest answer, in bytes after decompression. */
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
   * Sends the request and reads the whole answer. Follows no redirect.
   *
   * @throws {TransportFailure} when there is no complete answer
   */
  send(request: TransportRequest): Promise<TransportResponse>
  /** Closes idle connections, so that they keep no process alive. */
  close(): void
}

/** The host with the transport of the process. */
export type NetworkHost = Host & { readonly transport: Transport }

/** `connect`: provably nothing of the request was sent. `exchange`: the server may have acted on it. */
export type FailureStage = 'connect' | 'exchange'

/** No complete answer. `reason` is the system's code (`ECONNREFUSED`) or `TOO_LARGE`, `ABORTED`, `PROXY_…`. */
export class TransportFailure extends Error {
  readonly stage: FailureStage
  readonly reason: string
  /** Where the way ended at a proxy: the variable that names it. */
  readonly proxyVariable: string | undefined

  constructor(stage: FailureStage, reason: string, message: string, proxyVariable?: string) {
    super(message)
    this.stage = stage
    this.reason = reason
    this.proxyVariable = proxyVariable
  }

  /** Whether the same request would only fail again. */
  get isPermanent(): boolean {
    return PERMANENT.has(this.reason)
  }
}

// --- internal ---

const PERMANENT = new Set(['TOO_LARGE', 'PROXY_AUTHENTICATION', 'PROXY_REFUSED'])
