/** Reads the list of a bulk run: which entries end without being sent, and which are sent together. */
import { OutcomeUnknownError, UsageError, type WfgError } from '../../core/errors.ts'
import { quotedPath } from '../../core/visible.ts'
import { label } from '../client/call_errors.ts'
import type { Variables } from '../client/options.ts'
import type { BulkOutcome } from '../client/wfg.ts'
import type { Operation } from '../document/operation.ts'
import { takeUploads } from '../exchange/multipart.ts'
import type { Keys } from './entry_keys.ts'
import type { Journal, JournalEntry } from './journal/journal.ts'
import { checkOtherJournals } from './journal/other_journals.ts'
import type { Sent } from './journal/state.ts'

export interface Entry {
  readonly index: number
  readonly variables: Variables
  /** The entry in the journal. Undefined without a journal. */
  readonly recorded: JournalEntry | undefined
  /** True if it must be sent alone. */
  readonly hasUploads: boolean
  /** When it was first and last sent. Undefined before that. */
  sent?: Sent | undefined
  /** True if it was sent with other content, and its outcome is unknown. */
  isChanged?: boolean
}

/** An entry to send, or with `unknown` one to look for, or an outcome without either. */
export type Place =
  | { readonly entry: Entry; readonly unknown?: OutcomeUnknownError }
  | { readonly outcome: BulkOutcome; readonly isSameKey?: boolean }

export interface EntryReader {
  readonly operation: Operation
  readonly batchSize: number
  createKeys(): Keys
  /** True if the caller names the entries. */
  readonly hasKeys: boolean
  readonly journal: Journal | undefined
  readonly resendUnknown: boolean
  /** True if unknown entries of earlier runs are settled by the option `find`. */
  readonly findsUnknown: boolean
  /** True if a skipped entry has the data of the earlier run. False with a schema, which may change the data. */
  readonly givesData: boolean
}

/** Limit of a piece in which nearly all entries are done already. */
const MAX_PLACES = 1000

/** Yields the list in order, in pieces. The entries to send of a piece fit into one request. */
export async function* piecesOf(
  list: Iterable<unknown> | AsyncIterable<unknown>,
  reader: EntryReader,
): AsyncGenerator<readonly Place[], void, undefined> {
  let piece: Place[] = []
  let toSend = 0
  let index = 0
  const keys = reader.createKeys()
  for await (const given of list) {
    const { place, isAlone } = readPlace(given, index, reader, keys)
    const isToSend = 'entry' in place && !place.unknown
    if (isToSend) await checkElsewhere(place.entry, reader)
    index += 1
    if (isAlone && piece.length > 0) {
      yield piece
      piece = []
      toSend = 0
    }
    piece.push(place)
    if (isToSend) toSend += 1
    if (!isAlone && toSend < reader.batchSize && piece.length < MAX_PLACES) continue
    yield piece
    piece = []
    toSend = 0
  }
  if (piece.length > 0) yield piece
}

// --- internal ---

async function checkElsewhere({ recorded }: Entry, { journal }: EntryReader): Promise<void> {
  if (journal && recorded && !journal.earlier(recorded.key))
    checkOtherJournals(journal.path, recorded, await journal.otherJournals())
}

function readPlace(given: unknown, index: number, reader: EntryReader, keys: Keys): { place: Place; isAlone: boolean } {
  const variables = given as Variables
  let key: string | undefined
  const ended = (status: BulkOutcome['status'], error?: WfgError, more: Partial<BulkOutcome> = {}) => ({
    place: { outcome: { index, variables, status, ...(key && { key }), ...more, ...(error ? { error } : {}) } },
    isAlone: false,
  })
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const error = `Cannot send entry ${index}: it is not an object; expected the variables of the mutation.`
    return ended('failed', new UsageError(error))
  }
  const content = contentOf(variables)
  if (content instanceof TypeError) {
    return ended('failed', new UsageError(`Cannot send entry ${index}: ${content.message}`, { cause: content }))
  }
  const hasUploads = content.uploads.length > 0
  const { journal } = reader
  if (!journal) return { place: { entry: { index, variables, recorded: undefined, hasUploads } }, isAlone: hasUploads }
  const named = keys.keyOf(variables, index)
  key = named.key
  if ('usedBy' in named) {
    return { place: { ...ended('failed', sameKey(index, named)).place, isSameKey: true }, isAlone: false }
  }
  const entry: Entry = { index, variables, recorded: { ...named, index }, hasUploads }
  const earlier = journal.earlier(named.key)
  if (earlier && earlier.state !== 'free') {
    const isChanged = earlier.digest !== undefined && earlier.digest !== named.digest
    if (earlier.state === 'done') {
      const data = reader.givesData ? journal.dataOf(earlier) : undefined
      return ended('skipped', undefined, {
        ...(data === undefined ? {} : { data }),
        ...(isChanged && { changed: true }),
      })
    }
    entry.sent = earlier.sent
    entry.isChanged = isChanged
    const unknown = isChanged
      ? changed(index, named.key, reader.operation, journal)
      : leftUnknown(index, reader.operation, journal)
    if (reader.findsUnknown) return { place: { entry, unknown }, isAlone: false }
    if (isChanged) return ended('unknown', unknown)
    if (!reader.resendUnknown) return ended('unknown', unknown)
  }
  return { place: { entry }, isAlone: hasUploads }
}

function contentOf(variables: Variables): ReturnType<typeof takeUploads> | TypeError {
  try {
    return takeUploads(variables)
  } catch (error) {
    if (error instanceof TypeError) return error
    throw error
  }
}

function sameKey(index: number, { usedBy, key }: { usedBy: number; key: string }): UsageError {
  return new UsageError(
    `Cannot send entry ${index}: its key ${JSON.stringify(key)} is that of entry ${usedBy} as well; ` +
      'expected a key of its own for every entry.',
  )
}

function changed(index: number, key: string, operation: Operation, journal: Journal): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `Entry ${index} was not sent: by the journal ${quotedPath(journal.path)}, an earlier run sent its key ${JSON.stringify(key)} ` +
      'with other content, and the outcome is unknown. Look on the server, and settle it with the command journal.',
    { operationName: operation.name },
  )
}

function leftUnknown(index: number, operation: Operation, journal: Journal): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `The outcome of entry ${index} of the ${label({ operation })} is unknown: by the journal ${quotedPath(journal.path)}, ` +
      'an earlier run sent it, and no response says whether all of it was done. It was not sent again. Check in WorkflowGen, ' +
      'or with a query, before you send it again with resendUnknown: true.',
    { operationName: operation.name },
  )
}
