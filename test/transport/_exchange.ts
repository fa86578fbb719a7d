/** Real exchanges: the transport of the runtime that the tests run on, and requests for it. */
import process from 'node:process'
import { createFetchTransport, type DenoHttp } from '../../runtime/transport/fetch.ts'
import { createNodeTransport } from '../../runtime/transport/node.ts'
import type { Transport, TransportRequest, TransportResponse } from '../../runtime/transport/transport.ts'
import { RUNTIME } from '../_runtime.ts'
import { type ScriptedReply, type ScriptedServer, withServer } from '../_server.ts'

export const onDeno = RUNTIME === 'deno'
/** Deno and Bun, where what is sent once has a connection of its own. */
export const byFetch = RUNTIME !== 'node'

/** @param monotonicMs the clock by which Node's transport sees how long a connection was idle */
export function realTransport(monotonicMs: () => number = () => performance.now()): Transport {
  if (RUNTIME === 'node') return createNodeTransport({ builtin: process.getBuiltinModule, monotonicMs })
  return createFetchTransport({
    fetch: globalThis.fetch,
    deno: (globalThis as unknown as { Deno?: DenoHttp }).Deno,
  })
}

export function post(url: string, overrides: Partial<TransportRequest> = {}): TransportRequest {
  return {
    url: new URL(url),
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    once: false,
    signal: new AbortController().signal,
    maxBytes: 1_000_000,
    ...overrides,
  }
}

/** Runs `action` with a server and a transport, and closes both. */
export function withTransport(
  replies: readonly ScriptedReply[],
  action: (server: ScriptedServer, transport: Transport) => Promise<void>,
): Promise<void> {
  return withServer(replies, async (server) => {
    const transport = realTransport()
    try {
      await action(server, transport)
    } finally {
      transport.close()
    }
  })
}

export function textOf(response: TransportResponse): string {
  return new TextDecoder().decode(response.body)
}
