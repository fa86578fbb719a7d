/** Sends a batch, and records it before and after. Sends it again if nothing of it was executed. */
import { isWfgError, WfgError } from '../../core/errors.ts'
import { label } from '../client/call_errors.ts'
import { checkedData } from '../client/checked_data.ts'
import type { Show } from '../client/dry_run.ts'
import type { BulkOptions } from '../client/options.ts'
import { type Client, type Execution, perform } from '../client/perform.ts'
import { newObservation } from '../exchange/call_end.ts'
import { readBatch, type Settled } from './batch_outcomes.ts'
import type { Entry } from './entries.ts'
import { afterFailure, halves, leftUnsent, type Result } from './failed_batch.ts'
import type { Gate } from './gate.ts'
import { createSlots } from './in_order.ts'
import type { Journal, JournalEntry } from './journal/journal.ts'
import type { Merger } from './merged_document.ts'

export interface BatchSender {
  readonly client: Client
  readonly merger: Merger
  readonly options: BulkOptions
  readonly concurrency: number
  readonly journal: Journal | undefined
  readonly gate: Gate
  /** Prints an entry in a dry run. */
  readonly show: Show
  /** Aborted when the caller wants no more outcomes. */
  readonly stop: AbortSignal
}

/** Sends the entries and returns the outcome of each. Entries that were not sent because of `stop` have none. */
export type SendBatch = (entries: readonly Entry[]) => Promise<readonly Settled[]>

export function createBatchSender(sender: BatchSender): SendBatch {
  const { client, journal, gate, stop } = sender
  const slots = createSlots(sender.concurrency)

  return async (entries) => {
    const records: Promise<void>[] = []
    const settled: Settled[] = []
    await slots.take()
    try {
      await send(entries)
    } finally {
      // The next batch is sent while this one's outcomes are still being written.
      slots.give()
    }
    await Promise.all(records)
    return settled

    async function send(batch: readonly Entry[]): Promise<void> {
      let parts: Result['again'] = []
      const passed = await gate.pass(async () => {
        const { again, passage, ...result } = await attempt(batch)
        record([...result.settled, ...again.flat().map(unsent)])
        settled.push(...result.settled)
        parts = again
        return passage
      })
      if (!passed && gate.ending) settled.push(...leftUnsent(batch, gate.ending))
      for (const part of parts) await send(part)
    }

    async function attempt(batch: readonly Entry[]): Promise<Result> {
      const lastMs = client.context.host.nowMs()
      for (const entry of batch) entry.sent = { firstMs: entry.sent?.firstMs ?? lastMs, lastMs }
      await journal?.sending(recordedOf(batch)).catch(gate.end)
      // Another batch may have ended the run in the meantime.
      if (gate.ending || stop.aborted) return { settled: [], again: [batch], passage: 'neither' }
      return resultOf(sender, batch)
    }

    function record(results: readonly (Pick<Settled, 'entry' | 'event'> & Partial<Settled>)[]): void {
      if (!journal) return
      const lines = results.flatMap(({ entry: { recorded }, event, outcome, answered = outcome?.data }) =>
        recorded ? [{ ...recorded, event, data: answered }] : [],
      )
      records.push(journal.record(lines).catch(gate.end))
    }
  }
}

// --- internal ---

async function resultOf(sender: BatchSender, entries: readonly Entry[]): Promise<Result> {
  const { client, merger, options, show, stop, gate } = sender
  const observed = newObservation()
  let execution: Execution
  try {
    execution = await perform(client, {
      document: merger.documentFor(entries.length),
      variables: merger.variablesFor(entries.map(({ variables }) => variables)),
      options,
      show,
      observed,
    })
  } catch (error) {
    if (stop.aborted && error === stop.reason) return { settled: [], again: [entries], passage: 'neither' }
    return afterFailure(entries, error, observed, gate)
  }
  if (execution.isDry) return { settled: entries.map(skipped), again: [], passage: 'neither' }
  const results = readBatch(entries, execution, merger, options.idempotent ?? false)
  if (results === 'split') return { settled: [], again: halves(entries), passage: 'answered' }
  const settled = await Promise.all(results.map((result) => withSchema(result, execution, options)))
  return { settled, again: [], passage: 'answered' }
}

async function withSchema(result: Settled, execution: Execution, { schema }: BulkOptions): Promise<Settled> {
  const { entry, event, outcome } = result
  if (!schema || event !== 'done') return result
  try {
    const data = await checkedData(schema, outcome.data, execution)
    return { ...result, answered: outcome.data, outcome: { ...outcome, data } }
  } catch (cause) {
    const { index, variables } = outcome
    // The mutation is done, even if the data does not fit the schema.
    const error = isWfgError(cause) ? cause : schemaThrew(execution, cause)
    return { entry, event: 'executed', answered: outcome.data, outcome: { index, variables, status: 'failed', error } }
  }
}

function schemaThrew(execution: Execution, cause: unknown): WfgError {
  return new WfgError(`Cannot use the answer to the ${label(execution)}: the call's schema threw an error.`, { cause })
}

function skipped(entry: Entry): Settled {
  const { index, variables } = entry
  return { entry, event: 'unsent', outcome: { index, variables, status: 'skipped' } }
}

function unsent(entry: Entry): Pick<Settled, 'entry' | 'event'> {
  return { entry, event: 'unsent' }
}

function recordedOf(entries: readonly Entry[]): JournalEntry[] {
  return entries.flatMap(({ recorded }) => recorded ?? [])
}
