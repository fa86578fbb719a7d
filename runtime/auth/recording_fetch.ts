/**
 * A `fetch` over our transport that records the response. The library's own errors are no source: they lack the body of a
 * 5xx and of a challenge, and may hold the token.
 */
import type * as oauth from 'oauth4webapi'
import type { NetworkHost } from '../transport/transport.ts'
import { parseObject, type RecordedAnswer } from './token_failure.ts'

export interface RecordingFetch {
  /** The last response; undefined if none arrived completely. */
  readonly answer: RecordedAnswer | undefined
  fetch(url: string, init: oauth.CustomFetchOptions<string, unknown>): Promise<Response>
  /** Redacts what was sent, because a server may repeat it in its response. */
  hideSecrets(secret: string): void
}

export function createRecordingFetch(host: Pick<NetworkHost, 'transport' | 'redactor'>): RecordingFetch {
  let answer: RecordedAnswer | undefined
  let credentials: string[] = []
  return {
    get answer() {
      return answer
    },
    async fetch(url, init) {
      answer = undefined
      const body = init.body === undefined || init.body === null ? undefined : String(init.body)
      credentials = [
        init.headers['authorization']?.replace(/^Basic /, '') ?? '',
        new URLSearchParams(body).get('client_assertion') ?? '',
      ]
      const response = await host.transport.send({
        url: new URL(url),
        method: init.method as 'GET' | 'POST',
        headers: init.headers,
        body,
        once: true,
        signal: init.signal ?? new AbortController().signal,
        maxBytes: MAX_ANSWER_BYTES,
      })
      const { status, headers } = response
      answer = { status, headers, text: new TextDecoder().decode(response.body) }
      return toResponse(answer)
    },
    hideSecrets(secret) {
      for (const value of [secret, ...credentials]) host.redactor.add(value)
    },
  }
}

// --- internal ---

/** A body larger than any token. */
const MAX_ANSWER_BYTES = 1024 * 1024
/** Ten years. A larger figure is a mistake. */
const MAX_LIFETIME_SECONDS = 315_360_000

function toResponse({ status, headers, text }: RecordedAnswer): Response {
  const { 'content-type': type = '', 'www-authenticate': challenge } = headers
  const kept = new Headers({ 'content-type': type, ...(challenge ? { 'www-authenticate': challenge } : {}) })
  const empty = status === 204 || status === 205 || status === 304
  return new Response(empty ? null : status === 200 ? tokenMembers(text) : text, { status, headers: kept })
}

/** Repairs lifetimes that are not numbers, scopes that are null and the like: the library would refuse the token. */
function tokenMembers(text: string): string {
  const body = parseObject(text)
  if (!body || !('access_token' in body)) return text
  const { access_token, token_type, expires_in, scope } = body
  const seconds = typeof expires_in === 'string' ? Number.parseFloat(expires_in) : expires_in
  const sensible = typeof seconds === 'number' && seconds > 0 && seconds <= MAX_LIFETIME_SECONDS
  return JSON.stringify({
    access_token,
    token_type,
    ...(sensible ? { expires_in: seconds } : {}),
    ...(typeof scope === 'string' ? { scope } : {}),
  })
}
