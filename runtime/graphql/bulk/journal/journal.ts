/** The journal of a bulk run. It records what was sent and the outcome, so that a second run repeats nothing. */
import { truncate } from 'node:fs/promises'
import { RefusedError } from '../../../core/errors.ts'
import { quotedPath } from '../../../core/visible.ts'
import type { Host } from '../../../host/host.ts'
import type { LockHost } from '../../../host/process_lock.ts'
import { type JournalFile, openJournalFile } from './file.ts'
import { lockJournal } from './lock.ts'
import { type OtherRecord, readOtherJournals } from './other_journals.ts'
import { journalPath } from './path.ts'
import { isEmbedded } from './server.ts'
import { type Earlier, FORMAT, type JournalEntry, type JournalEvent, type JournalState, readJournal } from './state.ts'

export type { JournalEntry, JournalEvent } from './state.ts'

export type JournalHost = LockHost & Pick<Host, 'stderr' | 'redactor'>

export interface JournalResult extends JournalEntry {
  readonly event: JournalEvent
  /** The server's data. At most 4 KiB are kept, with secrets masked. */
  readonly data?: unknown
}

export interface Journal {
  /** As the caller named it. */
  readonly path: string
  /** True if no earlier run recorded an entry. */
  readonly isNew: boolean
  earlier(key: string): Earlier | undefined
  /** The keys of the entries that are done or unknown. */
  sentKeys(): Iterable<string>
  /** True if an earlier run sent entries under keys that its caller chose. */
  hasChosenKeys(): boolean
  /** Returns the other key under which an earlier run sent the same content. */
  otherKeyOf(entry: JournalEntry): string | undefined
  /** Returns the server's data of the done entry. Undefined if it was not kept. */
  dataOf(earlier: Earlier): unknown
  /** Returns the entries that other journals in the folder record for the same server. Reads them when first called. */
  otherJournals(): Promise<ReadonlyMap<string, OtherRecord>>
  /** Records that the entries are about to be sent. Resolves when that is on the disk. */
  sending(entries: readonly JournalEntry[]): Promise<void>
  /** Records the outcomes. Resolves when they are on the disk. */
  record(results: readonly JournalResult[]): Promise<void>
  /** Resolves when everything is written. Another run may then begin. */
  close(): Promise<void>
}

/**
 * @param path relative to the working directory
 * @param server where the entries are sent
 * @throws {RefusedError} `WFG_REFUSED` if another run has the journal, or it belongs to another server or version
 * @throws {UsageError} `WFG_USAGE` if it cannot be read or written, or is not a journal
 */
export async function openJournal(host: JournalHost, path: string, server: string): Promise<Journal> {
  const absolute = journalPath(path)
  const lock = lockJournal(host, path, absolute)
  let file: JournalFile | undefined
  try {
    const { entries, server: recorded } = await readCurrent(host, path, absolute, server)
    const opened = await openJournalFile(path, absolute)
    file = opened
    const append = (lines: readonly object[]): Promise<void> => {
      const at = new Date(host.nowMs()).toISOString()
      return opened.append(lines.map((line) => ({ at, ...line })))
    }
    if (recorded === undefined) await append([{ event: 'open', format: FORMAT, server }])
    let others: Promise<ReadonlyMap<string, OtherRecord>> | undefined
    let chosen: ReadonlyMap<string, string> | undefined
    const chosenKeys = () => (chosen ??= chosenKeysOf(entries))
    return {
      path,
      isNew: entries.size === 0,
      earlier: (key) => entries.get(key),
      dataOf: (earlier) => parsed(opened.read(earlier)?.['data']),
      sentKeys: () => [...entries].flatMap(([key, earlier]) => (isSent(earlier) ? key : [])),
      hasChosenKeys: () => chosenKeys().size > 0,
      otherKeyOf({ key, digest }) {
        const other = isSent(entries.get(digest)) ? digest : chosenKeys().get(digest)
        return isOfDigest(key, digest) && other === digest ? undefined : other
      },
      otherJournals: () => (others ??= readOtherJournals(absolute, server)),
      sending: (sent) => append(sent.map(({ key, index, digest }) => ({ event: 'send', key, index, digest }))),
      record: (results) =>
        append(
          results.map(({ key, index, event, data }) => ({ event, key, index, ...textOf(data, host.redactor.text) })),
        ),
      close: () => opened.close().finally(lock.release),
    }
  } catch (error) {
    await file?.close()
    lock.release()
    throw error
  }
}

// --- internal ---

const MAX_DATA_BYTES = 4096

/** Returns the keys that the caller chose, by the digests of what was sent. */
function chosenKeysOf(entries: ReadonlyMap<string, Earlier>): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, earlier] of entries) {
    const { digest } = earlier
    if (digest !== undefined && !isOfDigest(key, digest) && isSent(earlier)) found.set(digest, key)
  }
  return found
}

/** True for a key that no caller chose; see `createKeys()`. */
function isOfDigest(key: string, digest: string): boolean {
  return key.startsWith(digest)
}

function isSent(earlier: Earlier | undefined): boolean {
  return earlier !== undefined && earlier.state !== 'free'
}

/** Returns the data as a string, because `lines.ts` recognises a cut-off line only without nested objects. */
function textOf(data: unknown, mask: (text: string) => string): { data?: string } {
  if (data === undefined) return {}
  const text = mask(JSON.stringify(data))
  return Buffer.byteLength(text) > MAX_DATA_BYTES ? {} : { data: text }
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined // masking may have damaged it
  }
}

/** Reads the journal. That of an embedded sandbox that has ended starts again. */
async function readCurrent(
  { stderr, redactor }: JournalHost,
  path: string,
  absolute: string,
  server: string,
): Promise<JournalState> {
  const state = await readJournal(path, absolute)
  if (state.server === undefined || state.server === server) return state
  if (!isEmbedded(state.server)) throw otherServer(path, state.server, server)
  await truncate(absolute)
  if (state.entries.size > 0) await stderr.write(redactor.text(begunAnew(path)))
  return { entries: new Map(), server: undefined }
}

function begunAnew(path: string): string {
  return (
    `The journal ${quotedPath(path)} belongs to an embedded sandbox that has ended, so it starts again; ` +
    '"npx tsx tasks.ts sandbox --port 4000" keeps one running.\n'
  )
}

/** What is done on one server is not done on another. */
function otherServer(path: string, other: string, server: string): RefusedError {
  return new RefusedError(
    `Refused to use the journal ${quotedPath(path)}: it records what was done on ${JSON.stringify(other)}, and this run is for ` +
      `${JSON.stringify(server)}. Nothing was sent. Use another journal; if it is the same server under another address, ` +
      'correct the first line of the journal.',
  )
}
