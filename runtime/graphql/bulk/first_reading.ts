/** Reads the list once before anything is sent, to find entries that were sent under another key or by another journal. */
import { RefusedError, UsageError } from '../../core/errors.ts'
import { quotedPath } from '../../core/visible.ts'
import type { BulkOptions } from '../client/options.ts'
import { type EntryReader, piecesOf } from './entries.ts'

type List = Iterable<unknown> | AsyncIterable<unknown>

/**
 * Reads the list if it can be read twice. A list that can be read only once is sent up to the first such entry.
 *
 * @returns the list to send
 * @throws {RefusedError} `WFG_REFUSED` naming the other journal, or the other key if no entry of the list has it
 * @throws {UsageError} `WFG_USAGE` naming two entries of the same key
 */
export async function readFirst(
  list: List,
  reader: EntryReader,
  beforeSending?: BulkOptions['beforeSending'],
): Promise<List> {
  const { journal, hasKeys } = reader
  if (!journal || !canBeReadTwice(list)) return list
  const needsOthers = beforeSending !== undefined || journal.isNew
  const elsewhere: ReadonlyMap<string, unknown> = needsOthers ? await journal.otherJournals() : new Map()
  const isAsked = beforeSending !== undefined && (!journal.isNew || elsewhere.size > 0)
  const isNeeded = isAsked || hasKeys || (journal.isNew ? elsewhere.size > 0 : journal.hasChosenKeys())
  if (!isNeeded) return list
  const keys = reader.createKeys()
  const others: { readonly index: number; readonly key: string }[] = []
  let count = 0
  const plan = { open: 0, gone: 0, elsewhere: 0 }
  for await (const piece of piecesOf(list, { ...reader, createKeys: () => keys })) {
    for (const place of piece) {
      if ('outcome' in place && place.isSameKey) throw place.outcome.error
      if ('entry' in place) plan.open += 1
      const recorded = 'entry' in place && !place.unknown ? place.entry.recorded : undefined
      const key = recorded && journal.otherKeyOf(recorded)
      if (recorded && !journal.earlier(recorded.key) && elsewhere.has(recorded.key)) plan.elsewhere += 1
      if (recorded && key !== undefined) others.push({ index: recorded.index, key })
    }
    count += piece.length
  }
  const moved = others.find(({ key }) => !keys.has(key))
  if (moved) throw otherKey(journal.path, moved)
  for (const key of journal.sentKeys()) if (!keys.has(key)) plan.gone += 1
  if (isAsked) await beforeSending(plan)
  return readAgain(list, count)
}

// --- internal ---

function otherKey(path: string, { index, key }: { index: number; key: string }): RefusedError {
  return new RefusedError(
    `Refused to send entry ${index}: the journal ${quotedPath(path)} records that its content was sent under the key ` +
      `${JSON.stringify(key)}, which no entry of this list has. Nothing was sent. Use the same keys in every run with a journal; ` +
      'for start-requests, the same --key. If it is to be done once more, use another journal.',
  )
}

/** A generator or a stream can be read only once. An object literal makes a new iterator each time. */
function canBeReadTwice(list: List): boolean {
  return Array.isArray(list) || Object.getPrototypeOf(list) === Object.prototype
}

async function* readAgain(list: List, expected: number): AsyncGenerator<unknown, void, undefined> {
  let count = 0
  for await (const given of list) {
    count += 1
    yield given
  }
  if (count >= expected) return
  throw new UsageError(
    `Cannot send the whole list: it had ${expected} entries in the first reading, and ${count} in the second; ` +
      'expected an iterator that starts from the beginning each time.',
  )
}
