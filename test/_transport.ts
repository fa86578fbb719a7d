/** A transport that gives the answers of a list, in order, and keeps the requests. */
import * as assert from 'uvu/assert'
import type { Transport, TransportRequest, TransportResponse } from '../runtime/transport/transport.ts'

export interface FakeAnswer {
  /** Default 200. */
  status?: number
  headers?: Record<string, string>
  /** A text or bytes as they are; anything else is sent as JSON. Default: empty. */
  body?: unknown
}

/** An answer, an error to reject with, or a function that makes one of them; it may also throw or never settle. */
export type FakeReply =
  | FakeAnswer
  | Error
  | ((request: SentRequest) => FakeAnswer | Error | Promise<FakeAnswer | Error>)

export interface SentRequest extends TransportRequest {
  /** The whole body, decoded. */
  readonly text: string
}

export interface FakeTransport extends Transport {
  readonly requests: readonly SentRequest[]
  /** How many replies are left. */
  readonly remaining: number
  /** Asserts that every reply was used. */
  assertUsedUp(): void
}

/** A request beyond the end of the list is rejected with an error that names it. */
export function fakeTransport(replies: readonly FakeReply[]): FakeTransport {
  const left = [...replies]
  const requests: SentRequest[] = []
  return {
    requests,
    get remaining() {
      return left.length
    },
    async send(request) {
      request.signal.throwIfAborted()
      const sent = { ...request, text: await textOf(request.body) }
      requests.push(sent)
      const reply = left.shift()
      if (!reply) throw new Error(`No reply is left for request ${requests.length}, ${sent.method} ${sent.url.href}`)
      const answer = await Promise.race([typeof reply === 'function' ? reply(sent) : reply, aborted(request.signal)])
      if (answer instanceof Error) throw answer
      return responseOf(answer)
    },
    close() {},
    assertUsedUp() {
      assert.is(left.length, 0, `Expected all ${replies.length} replies to be used, ${left.length} are left`)
    },
  }
}

/** Bytes of a scripted body, and the media type that goes with it. */
export function encodeBody(body: unknown): { bytes: Uint8Array; type: string | undefined } {
  if (body === undefined) return { bytes: new Uint8Array(), type: undefined }
  if (body instanceof Uint8Array) return { bytes: body, type: 'application/octet-stream' }
  if (typeof body === 'string') return { bytes: new TextEncoder().encode(body), type: 'text/plain; charset=utf-8' }
  return { bytes: new TextEncoder().encode(JSON.stringify(body)), type: 'application/json' }
}

// --- internal ---

function responseOf(answer: FakeAnswer): TransportResponse {
  const { bytes, type } = encodeBody(answer.body)
  return {
    status: answer.status ?? 200,
    headers: { ...(type ? { 'content-type': type } : {}), ...answer.headers },
    body: bytes,
  }
}

async function textOf(body: TransportRequest['body']): Promise<string> {
  if (typeof body !== 'function') return body ?? ''
  const chunks: Uint8Array[] = []
  for await (const chunk of body()) chunks.push(chunk)
  return new TextDecoder().decode(Buffer.concat(chunks))
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}
