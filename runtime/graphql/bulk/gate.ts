/** Decides when a batch may be sent: not during an outage, and not after the run has ended. */
import { backoffMs } from '../../core/backoff.ts'
import { AccessTokenError, TransportError } from '../../core/errors.ts'
import { outageNotice, outageTooLong, type Subject } from '../client/call_errors.ts'
import type { CallOptions } from '../client/options.ts'
import { type Client, perform } from '../client/perform.ts'

export interface Gate {
  /** Why nothing more is sent. Undefined while the run continues. */
  readonly ending: Ending | undefined
  /** True if the server has answered a batch or a query in this run. */
  readonly wasAnswered: boolean
  /** Ends the run: nothing more is sent. The first reason counts. */
  end(error: unknown): void
  /** Runs `work` when a batch may be sent. Returns false without running it after the run has ended. */
  pass(work: () => Promise<Passage>): Promise<boolean>
}

/** `lost`: the outcome suggests an outage. `answered`: the server works. `neither`: the outcome says nothing about it. */
export type Passage = 'answered' | 'lost' | 'neither'

export interface Ending {
  readonly error: unknown
  /** True if an outage lasted too long. The outcomes say so, and nothing is thrown. */
  readonly isOutage: boolean
}

export interface GateOptions {
  readonly client: Client
  /** Headers, user and signal of the bulk run. */
  readonly call: Pick<CallOptions, 'headers' | 'impersonate'> & { readonly signal: AbortSignal }
  readonly subject: Subject
  /** Longest outage, in milliseconds. */
  readonly outageMs: number
}

/** A harmless query that every server can answer. */
const PROBE = 'query { __typename }'
const PROBE_TIMEOUT_MS = 30_000

/**
 * After an outage, and an answered query, one batch is sent alone. The others follow when it is answered too. Otherwise a
 * server that answers only queries would lose one batch after another.
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

  /** True for any GraphQL response without a server error. */
  async function isAnswered(leftMs: number): Promise<boolean> {
    const timeoutMs = Math.ceil(Math.min(PROBE_TIMEOUT_MS, leftMs))
    const options = { signal, timeoutMs, retries: 0, ...(headers && { headers }), ...(impersonate && { impersonate }) }
    const { answer } = await perform(client, { document: PROBE, variables: undefined, options, givesErrors: true })
    return answer.status < 500
  }

  async function announce(): Promise<void> {
    const { quiet } = await client.context.run()
    if (!quiet) await host.stderr.write(host.redactor.text(outageNotice(subject, outageMs)))
  }

  async function isBack(since: NonNullable<typeof outage>): Promise<boolean> {
    while (!ending && !signal.aborted) {
      const leftMs = since.sinceMs + outageMs - host.monotonicMs()
      if (leftMs <= 0) {
        end(outageTooLong(subject, outageMs), true)
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

/** True if the next query may be answered. A permanent token error ends the run. */
function isPassing(error: unknown): boolean {
  return error instanceof TransportError || (error instanceof AccessTokenError && !error.permanent)
}
