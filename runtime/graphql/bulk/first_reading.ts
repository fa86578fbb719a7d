/** Reads the list once before anything is sent, to find entries of the same key, or that another journal records. */
import { UsageError } from '../../core/errors.ts'
import { type EntryReader, piecesOf } from './entries.ts'

type List = Iterable<unknown> | AsyncIterable<unknown>

/**
 * Reads the list if it can be read twice, and if its keys are the caller's, or its journal is new and the folder has other
 * journals. A list that can be read only once is sent up to the first such entry.
 *
 * @returns the list to send
 * @throws {RefusedError} `WFG_REFUSED` naming the other journal
 * @throws {UsageError} `WFG_USAGE` naming two entries of the same key
 */
export async function readFirst(list: List, reader: EntryReader): Promise<List> {
  const { journal, hasKeys } = reader
  if (!journal || !canBeReadTwice(list)) return list
  if (!hasKeys && (!journal.isNew || (await journal.otherJournals()).size === 0)) return list
  let count = 0
  for await (const piece of piecesOf(list, reader)) {
    for (const place of piece) if ('outcome' in place && place.isSameKey) throw place.outcome.error
    count += piece.length
  }
  return readAgain(list, count)
}

// --- internal ---

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
