/** A process of its own that sends what it is asked to, because a runtime reads authorities at its start. */
import { networkHost } from '../../runtime/transport/open_transport.ts'
import { TransportFailure } from '../../runtime/transport/transport.ts'
import { answerLines, setProxies } from '../_line_child.ts'

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

export interface Question {
  readonly sendings: readonly Sending[]
  /** The variables that name proxies. */
  readonly env: Readonly<Record<string, string>>
}

const now = performance.now.bind(performance)
let laterMs = 0
performance.now = () => now() + laterMs

const { transport, env } = networkHost()
await answerLines(async (question: Question) => {
  setProxies(question.env)
  const outcomes: Outcome[] = []
  for (const sending of question.sendings) outcomes.push(await outcomeOf(sending))
  transport.close()
  // What children get is as it was.
  return { outcomes, noProxy: env['NO_PROXY'] ?? null }
})

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
