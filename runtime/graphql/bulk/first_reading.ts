/** The list of a bulk, read once before anything is sent: it stops where another journal has one of its entries. */
import { UsageError } from '../../core/errors.ts'
import { type EntryReader, piecesOf } from './entries.ts'

type List = Iterable<unknown> | AsyncIterable<unknown>

/**
 * Reads a list that can be read twice if its journal is new and has others beside it. Of other lists, what comes before
 * such an entry is sent.
 *
 * @returns the list to send
 * @throws {RefusedError} `WFG_REFUSED` naming the other journal
 */
export async function readFirst(list: List, reader: EntryReader): Promise<List> {
  const { journal } = reader
  if (!journal?.isNew || !canBeReadTwice(list) || (await journal.beside()).size === 0) return list
  let count = 0
  for await (const piece of piecesOf(list, reader)) count += piece.length
  return readAgain(list, count)
}

// --- internal ---

/** A generator or a stream would be used up; an object literal with an iterator makes a new one each time. */
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
    `Cannot send the whole list: it gave ${expected} entries when it was read first, and ${count} when it was read again; ` +
      'expected an iterator that begins anew each time.',
  )
}
