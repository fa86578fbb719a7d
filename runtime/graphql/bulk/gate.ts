/** Decides when a batch may go out: not while the server is away, and not after the run has ended. */
import { backoffMs } from '../../core/backoff.ts'
import { AccessTokenError, TransportError } from '../../core/errors.ts'
import { type Subject, stayedAway, waitsForServer } from '../client/call_errors.ts'
import type { CallOptions } from '../client/options.ts'
import { type Client, perform } from '../client/perform.ts'

export interface Gate {
  /** Why nothing more is sent; undefined while the run goes on. */
  readonly ending: Ending | undefined
  /** Whether the server has answered anything in this run. */
  readonly wasAnswered: boolean
  /** Nothing more is sent. The first reason counts. */
  end(error: unknown): void
  /** Runs `work` when a batch may go out. False, without running it, when none may any more. */
  pass(work: () => Promise<Passage>): Promise<boolean>
}

/** `lost`: the server seems to be away. `open`: it is there. */
export type Passage = 'answered' | 'lost' | 'neither'

export interface Ending {
  readonly error: unknown
  /** True when the server stayed away; the outcomes tell it, and nothing is thrown. */
  readonly isOutage: boolean
}

export interface GateOptions {
  readonly client: Client
  /** Headers, user and signal of the bulk. */
  readonly call: Pick<CallOptions, 'headers' | 'impersonate'> & { readonly signal: AbortSignal }
  readonly subject: Subject
  /** Longest time without an answer. */
  readonly outageMs: number
}

/** It does no harm, and every server can answer it. */
const PROBE = 'query { __typename }'
const PROBE_TIMEOUT_MS = 30_000

/**
 * After an outage one batch goes out alone, behind a query that was answered; when the batch is answered as well, the others
 * follow. Otherwise a server that answers queries only would lose one batch after another.
 */
export function createGate({ client, call, subject, outageMs }: GateOptions): Gate {
  const { host } = client.context
  const { headers, impersonate, signal } = call
  let ending: Ending | undefined
  let wasAnswered = false
  let outage: { readonly sinceMs: number; attempts: number } | undefined
  let turn = Promise.resolve()

  const end = (error: unknown, isOutage = false): void => {
    ending ??= { error, isOutage }
  }

  /** Any GraphQL answer will do, if the server itself is not in trouble. */
  async function isAnswered(leftMs: number): Promise<boolean> {
    const timeoutMs = Math.ceil(Math.min(PROBE_TIMEOUT_MS, leftMs))
    const options = { signal, timeoutMs, retries: 0, ...(headers && { headers }), ...(impersonate && { impersonate }) }
    const { answer } = await perform(client, { document: PROBE, variables: undefined, options, givesErrors: true })
    return answer.status < 500
  }

  async function announce(): Promise<void> {
    const { quiet } = await client.context.run()
    if (!quiet) await host.stderr.write(host.redactor.text(waitsForServer(subject, outageMs)))
  }

  async function isBack(since: NonNullable<typeof outage>): Promise<boolean> {
    while (!ending && !signal.aborted) {
      const leftMs = since.sinceMs + outageMs - host.monotonicMs()
      if (leftMs <= 0) {
        end(stayedAway(subject, outageMs), true)
        break
      }
      if (since.attempts === 0) await announce()
      since.attempts += 1
      try {
        await host.sleep(Math.min(leftMs, backoffMs(since.attempts, host.random)), signal)
        if (await isAnswered(leftMs)) {
          wasAnswered = true
          return true
        }
      } catch (error) {
        if (!isPassing(error) && !signal.aborted) end(error)
      }
    }
    return false
  }

  return {
    get ending() {
      return ending
    },
    get wasAnswered() {
      return wasAnswered
    },
    end,
    async pass(work) {
      const before = turn
      let next = (): void => {}
      turn = new Promise((resolve) => {
        next = resolve
      })
      try {
        await before
        const trial = outage
        if (ending || signal.aborted || (trial && !(await isBack(trial)))) return false
        if (!trial) next()
        const passage = await work()
        if (passage === 'lost') outage ??= { sinceMs: host.monotonicMs(), attempts: 0 }
        if (passage === 'answered') {
          wasAnswered = true
          if (trial) outage = undefined
        }
        return true
      } finally {
        next()
      }
    },
  }
}

// --- internal ---

/** Whether the next query may be answered: nothing helps a token that was refused. */
function isPassing(error: unknown): boolean {
  return error instanceof TransportError || (error instanceof AccessTokenError && !error.permanent)
}
