/** The state of each entry by the lines of a journal. */
import { RefusedError } from '../../../core/errors.ts'
import { quotedPath } from '../../../core/visible.ts'
import { type LineRange, notJournal, readLines } from './lines.ts'

/** An entry as the journal records it. */
export interface JournalEntry {
  readonly key: string
  /** Hash of its content, which the journal does not contain. */
  readonly digest: string
  readonly index: number
}

/**
 * The outcome of an entry that was sent. `executed`: it failed, and a part of it was executed. `unsent`: it provably was
 * not executed.
 */
export type JournalEvent = 'done' | 'failed' | 'executed' | 'unknown' | 'unsent'

/** When an entry was first and last sent. Milliseconds since 1970, 0 if that is not known. */
export interface Sent {
  readonly firstMs: number
  readonly lastMs: number
}

/** The state of an entry after earlier runs, and the position of its last line. A `free` entry may be sent again. */
export interface Earlier extends LineRange {
  readonly state: 'done' | 'unknown' | 'free'
  readonly digest: string | undefined
  /** Undefined for one that is done. */
  readonly sent: Sent | undefined
}

export interface JournalState {
  readonly entries: Map<string, Earlier>
  /** Undefined for an empty journal. */
  readonly server: string | undefined
}

/** Version of the lines and the keys. Release 0.1.0 wrote no version, and its keys depended on the order of parameters. */
export const FORMAT = 2

/**
 * @param path as the caller named it
 * @throws {UsageError} `WFG_USAGE` if the file cannot be read, or is not a journal
 * @throws {RefusedError} `WFG_REFUSED` for a journal in another format
 */
export async function readJournal(path: string, absolute: string): Promise<JournalState> {
  const entries = new Map<string, Earlier>()
  let server: string | undefined
  await readLines(path, absolute, (values, number, { offset, length }) => {
    const { event, key, digest } = values
    if (event === 'open' && typeof values['server'] === 'string') {
      if (values['format'] !== FORMAT) throw otherFormat(path)
      server ??= values['server']
      if (server !== values['server']) throw notJournal(path, number)
    } else if (server !== undefined && isEvent(event) && typeof key === 'string') {
      // The same string object for both saves memory.
      const before = entries.get(key)
      const own = digest === key ? key : typeof digest === 'string' ? digest : before?.digest
      const sent = event === 'send' ? sentAt(values['at'], before?.sent) : before?.sent
      entries.set(key, { state: STATES[event], digest: own, sent: event === 'done' ? undefined : sent, offset, length })
    } else {
      throw notJournal(path, number)
    }
  })
  return { entries, server }
}

// --- internal ---

/** The state of an entry by its last line. */
const STATES = {
  send: 'unknown',
  done: 'done',
  failed: 'free',
  executed: 'unknown',
  unknown: 'unknown',
  unsent: 'free',
} as const satisfies Record<JournalEvent | 'send', Earlier['state']>

function sentAt(at: unknown, before: Sent | undefined): Sent {
  const lastMs = Date.parse(String(at)) || 0
  return { firstMs: before?.firstMs ?? lastMs, lastMs }
}

function isEvent(event: unknown): event is keyof typeof STATES {
  return typeof event === 'string' && Object.hasOwn(STATES, event)
}

function otherFormat(path: string): RefusedError {
  return new RefusedError(
    `Refused to use the journal ${quotedPath(path)}: another version of wfg, such as 0.1.0, wrote it with other ` +
      'keys, so it does not show which entries are done. Nothing was sent. Finish it with that version. ' +
      'Or move it to another folder and run only the entries that it does not record as done.',
  )
}
