/** Runs a bulk: reads the list ahead, sends batches, and yields the outcomes in order. */
import { link } from '../../core/deadline.ts'
import { UsageError } from '../../core/errors.ts'
import { label } from '../client/call_errors.ts'
import { checkHeaders } from '../client/check_options.ts'
import { createDryRun } from '../client/dry_run.ts'
import { checkAccess, checkProtection, guardsOf } from '../client/guards.ts'
import { type BulkOptions, checkCall, checkOptionNames, checkWholeNumber, type Variables } from '../client/options.ts'
import type { Client } from '../client/perform.ts'
import type { BulkOutcome, BulkStatus } from '../client/wfg.ts'
import { type Document, readOperation } from '../document/operation.ts'
import { createBatchSender, type SendBatch } from './batch.ts'
import { type Settled, settled } from './batch_outcomes.ts'
import { type Place, piecesOf } from './entries.ts'
import { createKeys } from './entry_keys.ts'
import { readFirst } from './first_reading.ts'
import { createGate } from './gate.ts'
import { inOrder } from './in_order.ts'
import { openJournal } from './journal/journal.ts'
import { journalServer } from './journal/server.ts'
import { createMerger } from './merged_document.ts'
import { createSettling, type SettleUnknown } from './settle.ts'

export interface BulkRequest {
  readonly document: Document
  readonly list: Iterable<Variables> | AsyncIterable<Variables>
  readonly options: BulkOptions
  /** Counts the outcomes. */
  readonly summary: Record<BulkStatus, number>
}

const DEFAULT_BATCH_SIZE = 20
const DEFAULT_OUTAGE_MS = 5 * 60_000
/** Batches read ahead for each one in flight, so that a slow batch does not delay the others. */
const AHEAD = 4
const DEFAULT_SETTLE_MS = 30_000

export async function* runBulk(client: Client, request: BulkRequest): AsyncGenerator<BulkOutcome, void, undefined> {
  const { context } = client
  const { document, list, options } = request
  checkOptionNames(options, 'bulk')
  checkList(list)
  const batchSize = checkWholeNumber('batchSize', options.batchSize ?? DEFAULT_BATCH_SIZE, 1, 100)
  const outageMs = checkWholeNumber('outageMs', options.outageMs ?? DEFAULT_OUTAGE_MS, 0, 2_147_483_647)
  const settleMs = checkWholeNumber('settleMs', options.settleMs ?? DEFAULT_SETTLE_MS, 0, 2_147_483_647)
  if (options.concurrency !== undefined) checkWholeNumber('concurrency', options.concurrency, 1, 100)
  const run = await context.run()
  const operation = readOperation(document, options.operationName)
  if (operation.kind !== 'mutation') {
    throw new UsageError(`Cannot run the ${label({ operation })} in bulk: it is not a mutation.`)
  }
  // Refuses what every request would be refused for, before anything is written to the journal.
  const guards = guardsOf(run, client.options)
  checkAccess(guards, operation)
  const { config } = await context.connect(client.options.profile)
  checkCall(options, client.options.timeoutMs ?? config.timeoutMs)
  checkHeaders(options.headers)
  const isDry = guards.dryRun || config.dryRun
  const schema = await context.schemaOf?.(config.profile, isDry)
  schema?.checkDocument(operation)
  if (!isDry) checkProtection(config, run, operation)
  const concurrency = isDry ? 1 : (options.concurrency ?? client.options.concurrency ?? config.concurrency)
  const merger = createMerger(document, operation)
  const isAlone = isDry || !merger.canMerge || context.mergesBulk === false
  const journal =
    options.journal === undefined || isDry
      ? undefined
      : await openJournal(context.host, options.journal, await journalServer(context.host, config))
  const dryRun = createDryRun(run.verbose)
  const stop = new AbortController()
  const unlink = link(stop, [options.signal, run.signal])
  try {
    const gate = createGate({
      client,
      call: { ...options, signal: stop.signal },
      subject: { operation, url: config.graphqlUrl },
      outageMs,
    })
    const show = dryRun.show
    const send = createBatchSender({ client, merger, options, concurrency, journal, gate, show, stop: stop.signal })
    const reader = {
      operation,
      journal,
      batchSize: isAlone ? 1 : batchSize,
      createKeys: () => createKeys(operation, options.key),
      hasKeys: options.key !== undefined,
      resendUnknown: options.resendUnknown ?? false,
      findsUnknown: options.find !== undefined && !options.resendUnknown,
      givesData: options.schema === undefined,
    }
    const pieces = piecesOf(await readFirst(list, reader, options.beforeSending), reader)
    const { find } = options
    const settling = { settleMs, host: context.host, send, batchSize: reader.batchSize, journal, gate }
    const settle = find && createSettling({ ...settling, find, stop: stop.signal })
    const work = createWork(client, request, send, settle, stop)
    for await (const outcomes of inOrder(pieces, work, { ahead: concurrency * AHEAD, stop })) yield* outcomes
    stop.signal.throwIfAborted()
    if (gate.ending && !gate.ending.isOutage) throw gate.ending.error
  } finally {
    unlink()
    await dryRun.end(context.host)
    await journal?.close()
  }
}

// --- internal ---

function checkList(list: unknown): void {
  const isList = typeof list === 'object' && list !== null && (Symbol.iterator in list || Symbol.asyncIterator in list)
  if (isList) return
  throw new UsageError(
    'Cannot run a mutation in bulk: the second argument is not a list; expected an array, or an (async) iterable, of variables.',
  )
}

function createWork(
  { context }: Client,
  { list, options, summary }: BulkRequest,
  send: SendBatch,
  settle: SettleUnknown | undefined,
  stop: AbortController,
): (places: readonly Place[]) => Promise<readonly BulkOutcome[]> {
  const total = Array.isArray(list) ? list.length : undefined
  let ended = 0
  const count = ({ status }: BulkOutcome): void => {
    summary[status] += 1
    if (status !== 'done' && status !== 'skipped') context.onIncomplete?.()
  }
  const settleUnknown = async (results: readonly Settled[]): Promise<readonly Settled[]> => {
    const unknown = results.filter(({ event }) => event === 'unknown')
    if (!settle || unknown.length === 0) return results
    return [...results.filter(({ event }) => event !== 'unknown'), ...(await settle(unknown))]
  }
  return async (places) => {
    let outcomes: BulkOutcome[] = []
    try {
      const entries = places.flatMap((place) => ('entry' in place && !place.unknown ? place.entry : []))
      const unknown = places.flatMap((place) =>
        'entry' in place && place.unknown ? settled(place.entry, 'unknown', place.unknown) : [],
      )
      const found = await Promise.all([
        entries.length > 0 ? send(entries).then(settleUnknown) : [],
        settleUnknown(unknown),
      ])
      const ends = new Map(found.flat().map(({ entry, outcome }) => [entry, outcome]))
      outcomes = places.flatMap((place) => ('outcome' in place ? place.outcome : (ends.get(place.entry) ?? [])))
      for (const outcome of outcomes) count(outcome)
      ended += outcomes.length
      options.onProgress?.(ended, total)
    } catch (error) {
      stop.abort(error)
    }
    return outcomes
  }
}
