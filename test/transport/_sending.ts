/** A process of its own that sends what its argument says, because a runtime reads proxies and authorities at its start. */
import process from 'node:process'
import { networkHost } from '../../runtime/transport/open_transport.ts'
import { TransportFailure } from '../../runtime/transport/transport.ts'

export interface Sending {
  readonly url: string
  readonly once?: boolean
  /** Sends a stream of as many chunks of 64 KiB. */
  readonly chunks?: number
  /** Ends it. */
  readonly afterMs?: number
  /** How much later it is sent, by the clock of the process. */
  readonly laterMs?: number
}

export interface Outcome {
  readonly status?: number
  readonly text?: string
  readonly stage?: string
  readonly reason?: string
  readonly message?: string
  readonly permanent?: boolean
  readonly variable?: string
}

const now = performance.now.bind(performance)
let laterMs = 0
performance.now = () => now() + laterMs

const { transport, env } = networkHost()
const outcomes: Outcome[] = []
for (const sending of JSON.parse(process.argv[2] ?? '[]') as Sending[]) outcomes.push(await outcomeOf(sending))
transport.close()
// What children get is as it was.
process.stdout.write(JSON.stringify({ outcomes, noProxy: env['NO_PROXY'] ?? null }))

async function outcomeOf({ url, once = false, chunks, afterMs, laterMs: ms = 0 }: Sending): Promise<Outcome> {
  // A connection is given back a turn after the answer.
  await new Promise((resolve) => setImmediate(resolve))
  laterMs += ms
  const signal = afterMs === undefined ? new AbortController().signal : AbortSignal.timeout(afterMs)
  try {
    const request = {
      url: new URL(url),
      method: 'POST' as const,
      headers: {},
      body: chunks ? () => stream(chunks) : 'x',
      once,
      signal,
      maxBytes: 9999,
    }
    const { status, body } = await transport.send(request)
    return { status, text: new TextDecoder().decode(body) }
  } catch (error) {
    if (!(error instanceof TransportFailure))
      return { reason: (error as Error).name, message: (error as Error).message }
    const { stage, reason, message, isPermanent, proxyVariable } = error
    return { stage, reason, message, permanent: isPermanent, ...(proxyVariable ? { variable: proxyVariable } : {}) }
  }
}

async function* stream(chunks: number) {
  for (let index = 0; index < chunks; index += 1) yield new Uint8Array(65_536)
}
