/** Requests a token from a real server on loopback, over the transport of the current runtime. */
import { inspect } from 'node:util'
import * as assert from 'uvu/assert'
import { type IssuedToken, requestAccessToken, type TokenEndpoint } from '../../runtime/auth/token_request.ts'
import { type Deadline, startDeadline } from '../../runtime/core/deadline.ts'
import { AccessTokenError } from '../../runtime/core/errors.ts'
import { networkHost } from '../../runtime/transport/open_transport.ts'
import { hides, rejects } from '../_assert.ts'
import { fakeHost } from '../_host.ts'
import { type ReceivedRequest, type ScriptedReply, type ScriptedServer, withServer } from '../_server.ts'
import { configOf, SECRET } from './_config.ts'

export interface Exchange {
  server: ScriptedServer
  /** The form that was sent with each request. */
  forms: () => Record<string, string>[]
  /** The waits between attempts, in milliseconds. */
  waitsMs: readonly number[]
  request(): Promise<IssuedToken>
  /** With the token endpoint that an earlier discovery found. */
  requestAt(knownEndpoint: TokenEndpoint | undefined): Promise<IssuedToken>
  /** The error, in which no secret and none of `tokens` may be found. */
  failure(...tokens: string[]): Promise<AccessTokenError>
}

export interface ExchangeOptions {
  /** Default: the server's `/token` as the token endpoint. */
  settings?: (url: string) => Record<string, string>
  /** Real time; default 30000. */
  timeoutMs?: number
  deadline?: Pick<Deadline, 'signal' | 'remainingMs'>
}

/** Waits between attempts are noted, not waited; half of what the backoff allows. */
export function exchange(
  replies: readonly ScriptedReply[],
  action: (given: Exchange) => unknown,
  options: ExchangeOptions = {},
): Promise<void> {
  return withServer(replies, async (server) => {
    const { transport, after, monotonicMs } = networkHost()
    const waitsMs: number[] = []
    const sleep = async (ms: number) => {
      waitsMs.push(ms)
    }
    const host = fakeHost({ transport, sleep, random: () => 0.5 })
    const settings = options.settings?.(server.url) ?? { WFG_TOKEN_ENDPOINT: `${server.url}/token` }
    const deadline = startDeadline({ after, monotonicMs }, options.timeoutMs ?? 30_000)
    const requestAt = (knownEndpoint: TokenEndpoint | undefined) =>
      requestAccessToken(host, configOf(settings), options.deadline ?? deadline, knownEndpoint)
    const request = () => requestAt(undefined)
    try {
      await action({
        server,
        waitsMs,
        forms: () => server.requests.map(formOf),
        request,
        requestAt,
        async failure(...tokens) {
          const error = await rejects(request, { instance: AccessTokenError, code: 'WFG_ACCESS_TOKEN' })
          const shown = [error.message, error.stack, inspect(error, { depth: 10, showHidden: true })]
          const told = JSON.stringify({ ...error, cause: error.cause })
          hides([...shown, told, String(error.cause)].join('\n'), SECRET, formEncoded(SECRET), ...tokens)
          assert.not.match(error.message, /[\n\r]/)
          return error as AccessTokenError
        },
      })
    } finally {
      deadline.clear()
      transport.close()
    }
  })
}

/** The message without its beginning, which names the endpoint and the client. */
export function said(error: Error): string {
  const found = /^Cannot get an access token from "http:\/\/127\.0\.0\.1:\d+\/token" for the client "client-1": (.*)$/s
  assert.match(error.message, found)
  return found.exec(error.message)![1]!
}

export function formEncoded(value: string): string {
  return new URLSearchParams({ x: value }).toString().slice(2)
}

// --- internal ---

function formOf(request: ReceivedRequest): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(request.body))
}
