/** Settles entries whose outcome is unknown: asks the server by the option `find`, and sends again what is not there. */
import { isWfgError, OutcomeUnknownError } from '../../core/errors.ts'
import type { NetworkHost } from '../../transport/transport.ts'
import type { BulkOptions } from '../client/options.ts'
import type { SendBatch } from './batch.ts'
import { type Settled, settled } from './batch_outcomes.ts'
import type { Entry } from './entries.ts'
import type { Gate } from './gate.ts'
import { createSlots } from './in_order.ts'
import type { Journal } from './journal/journal.ts'

export interface Settling {
  readonly find: NonNullable<BulkOptions['find']>
  /** How long the server may still execute what was sent. Milliseconds. */
  readonly settleMs: number
  readonly host: Pick<NetworkHost, 'nowMs' | 'monotonicMs' | 'sleep'>
  readonly send: SendBatch
  readonly batchSize: number
  readonly journal: Journal | undefined
  readonly gate: Gate
  readonly stop: AbortSignal
}

/** How many are asked for at once, so that a caller's `find` may answer them with one request. */
const MAX_ASKED = 100

/** Returns the outcomes of the entries. Those that could not be settled stay unknown. */
export type SettleUnknown = (unknown: readonly Settled[]) => Promise<readonly Settled[]>

export function createSettling(settling: Settling): SettleUnknown {
  const { find, settleMs, host, send, batchSize, journal, gate, stop } = settling
  const slots = createSlots(MAX_ASKED)

  /** Returns undefined if the server does not have the entry. */
  async function ask(unknown: Settled): Promise<Settled | undefined> {
    const { entry } = unknown
    await slots.take()
    try {
      let data: unknown
      const isAsked = await gate.pass(async () => {
        data = await find(entry.variables, new Date(entry.sent?.firstMs ?? 0))
        return 'neither'
      })
      if (!isAsked) return unknown
      // With other content, the caller's `find` may look for what was never sent.
      if (data === undefined) return entry.isChanged ? unknown : undefined
      if (entry.recorded) await journal?.record([{ ...entry.recorded, event: 'done', data }]).catch(gate.end)
      return settled(entry, 'done', undefined, data)
    } catch (cause) {
      return settled(entry, 'unknown', notFound(unknown, cause))
    } finally {
      slots.give()
    }
  }

  /** On the monotonic clock, so that a clock that is set meanwhile changes nothing. */
  function settledAtMs({ entry }: Settled): number {
    const leftMs = (entry.sent?.lastMs ?? 0) + settleMs - host.nowMs()
    return host.monotonicMs() + Math.min(settleMs, leftMs)
  }

  return async function settle(unknown) {
    const ended: Settled[] = []
    const free: Entry[] = []
    let open = unknown.map((each) => ({ each, dueMs: settledAtMs(each) }))
    while (open.length > 0) {
      const askedMs = host.monotonicMs()
      const answers = await Promise.all(open.map(async (one) => ({ ...one, found: await ask(one.each) })))
      const missing = answers.filter(({ found }) => !found)
      ended.push(...answers.flatMap(({ found }) => found ?? []))
      free.push(...missing.filter(({ dueMs }) => dueMs <= askedMs).map(({ each }) => each.entry))
      open = missing.filter(({ dueMs }) => dueMs > askedMs)
      const waitMs = Math.max(0, ...open.map(({ dueMs }) => Math.ceil(dueMs - host.monotonicMs())))
      // The reason of an abort ends the run elsewhere.
      await host.sleep(waitMs, stop).catch(() => {})
      if (stop.aborted) return [...ended, ...open.map(({ each }) => each)]
    }
    for (let start = 0; start < free.length; start += batchSize) {
      const sent = await send(free.slice(start, start + batchSize))
      ended.push(...sent.filter(({ event }) => event !== 'unknown'))
      ended.push(...(await settle(sent.filter(({ event }) => event === 'unknown'))))
    }
    return ended
  }
}

// --- internal ---

function notFound({ outcome }: Settled, cause: unknown): OutcomeUnknownError {
  const reason = outcome.error?.message ?? `The outcome of entry ${outcome.index} is unknown.`
  const why = isWfgError(cause) ? cause.message : 'It threw an error.'
  return new OutcomeUnknownError(`${reason} The option find could not tell either. ${why}`, { cause })
}
