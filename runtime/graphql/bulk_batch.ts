/** One batch: recorded, sent, split where nothing of it was executed, and recorded again. */
import { isWfgError, WfgError } from '../errors.ts'
import { readBatch, readBatchFailure, type Settled } from './bulk_answer.ts'
import type { Merger } from './bulk_document.ts'
import type { Entry } from './bulk_entries.ts'
import { createSlots } from './bulk_order.ts'
import { checkedData } from './checked_data.ts'
import type { Show } from './dry_run.ts'
import { label } from './failures.ts'
import type { Journal, JournalEntry } from './journal.ts'
import type { BulkOptions } from './options.ts'
import { type Client, type Execution, perform } from './perform.ts'

export interface BatchSender {
  readonly client: Client
  readonly merger: Merger
  readonly options: BulkOptions
  readonly concurrency: number
  readonly journal: Journal | undefined
  /** What a dry run does with each entry. */
  readonly show: Show
  /** Aborted with the reason why nothing more can be sent. */
  readonly stop: AbortController
}

/** Sends the entries and gives what became of each; of those that were not sent because of `stop`, nothing. */
export type SendBatch = (entries: readonly Entry[]) => Promise<readonly Settled[]>

export function createBatchSender(sender: BatchSender): SendBatch {
  const { journal, stop } = sender
  const slots = createSlots(sender.concurrency)

  return async (entries) => {
    const records: Promise<void>[] = []
    const settled: Settled[] = []
    await slots.take()
    try {
      await send(entries)
    } finally {
      // The next batch goes out while this one's outcomes are still being written.
      slots.give()
    }
    await Promise.all(records)
    return settled

    async function send(batch: readonly Entry[]): Promise<void> {
      if (stop.signal.aborted || !(await succeeds(journal?.sending(recordedOf(batch))))) return
      // While that was written, another batch may have met the end.
      const result = stop.signal.aborted ? UNSENT : await resultOf(sender, batch)
      if (result === 'split') {
        record(batch.map(unsent))
        const middle = Math.ceil(batch.length / 2)
        await send(batch.slice(0, middle))
        await send(batch.slice(middle))
      } else if (Array.isArray(result)) {
        record(result)
        settled.push(...result)
      } else {
        const { error, isUnsent } = result as Stop
        if (isUnsent) record(batch.map(unsent))
        stop.abort(error)
      }
    }

    function record(results: readonly Pick<Settled, 'entry' | 'event'>[]): void {
      if (!journal) return
      const lines = results.flatMap(({ entry: { recorded }, event }) => (recorded ? [{ ...recorded, event }] : []))
      records.push(succeeds(journal.record(lines)).then(() => {}))
    }
  }

  /** Without the journal nothing more may be sent. */
  async function succeeds(written: Promise<void> | undefined): Promise<boolean> {
    try {
      await written
      return true
    } catch (error) {
      stop.abort(error)
      return false
    }
  }
}

// --- internal ---

/** Why nothing more can be sent. */
interface Stop {
  readonly error: unknown
  /** The batch provably was not executed. */
  readonly isUnsent: boolean
}

const UNSENT: Stop = { error: undefined, isUnsent: true }

async function resultOf(
  { client, merger, options, show, stop }: BatchSender,
  entries: readonly Entry[],
): Promise<readonly Settled[] | 'split' | Stop> {
  let execution: Execution
  try {
    execution = await perform(client, {
      document: merger.documentFor(entries.length),
      variables: merger.variablesFor(entries.map(({ variables }) => variables)),
      options,
      show,
    })
  } catch (error) {
    // Every error of ours that is not about the outcome comes before anything was executed; so does an abort that is
    // told by its own reason. Of what nobody foresaw, nothing is known.
    const isAbort = stop.signal.aborted && error === stop.signal.reason
    return readBatchFailure(entries, error) ?? { error, isUnsent: isAbort || isWfgError(error) }
  }
  if (execution.isDry) return entries.map(skipped)
  const results = readBatch(entries, execution, merger, options.idempotent ?? false)
  if (results === 'split') return results
  return Promise.all(results.map((result) => withSchema(result, execution, options)))
}

async function withSchema(result: Settled, execution: Execution, { schema }: BulkOptions): Promise<Settled> {
  const { entry, event, outcome } = result
  if (!schema || event !== 'done') return result
  try {
    return { ...result, outcome: { ...outcome, data: await checkedData(schema, outcome.data, execution) } }
  } catch (cause) {
    const { index, variables } = outcome
    // The mutation is done, whatever went wrong in the schema.
    const error = isWfgError(cause) ? cause : schemaThrew(execution, cause)
    return { entry, event: 'executed', outcome: { index, variables, status: 'failed', error } }
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
