/** Shows what a journal records, and settles by hand what is unknown. */
import { UsageError } from '../../../core/errors.ts'
import { quotedPath } from '../../../core/visible.ts'
import type { Host } from '../../../host/host.ts'
import { openJournalFile } from './file.ts'
import type { JournalHost } from './journal.ts'
import { lockJournal } from './lock.ts'
import { journalPath } from './path.ts'
import { type JournalState, readJournal } from './state.ts'

export interface JournalSummary {
  readonly server: string
  readonly done: number
  /** Entries that the next run sends, because they failed or were not sent. */
  readonly toSend: number
  readonly unknown: readonly UnknownEntry[]
}

export interface UnknownEntry {
  readonly key: string
  /** When it was first sent. Null if the journal does not say. */
  readonly sentAt: Date | null
}

/**
 * Reads a journal, which a run may have meanwhile.
 *
 * @throws {UsageError} `WFG_USAGE` if it is not a journal
 */
export async function summarize(path: string): Promise<JournalSummary> {
  const { entries, server } = await readExisting(path, journalPath(path))
  const unknown: UnknownEntry[] = []
  const counts = { done: 0, free: 0, unknown: 0 }
  for (const [key, { state, sent }] of entries) {
    counts[state] += 1
    if (state === 'unknown') unknown.push({ key, sentAt: sent?.firstMs ? new Date(sent.firstMs) : null })
  }
  return { server, done: counts.done, toSend: counts.free, unknown }
}

/**
 * Records what a person found out about unknown entries, with the person and the time.
 *
 * @param data what later runs give for a done entry
 * @throws {RefusedError} `WFG_REFUSED` if a run has the journal
 * @throws {UsageError} `WFG_USAGE` if one of the entries is not unknown
 */
export async function settleByHand(
  host: JournalHost & Pick<Host, 'userName'>,
  path: string,
  keys: readonly string[],
  event: 'done' | 'unsent',
  data?: unknown,
): Promise<void> {
  const absolute = journalPath(path)
  const lock = lockJournal(host, path, absolute)
  try {
    const { entries } = await readExisting(path, absolute)
    for (const key of keys) {
      const state = entries.get(key)?.state
      if (state === 'unknown') continue
      const found =
        state === undefined ? 'it has no such entry' : `its entry is ${state === 'done' ? 'done' : 'to be sent'}`
      throw new UsageError(
        `Cannot settle ${JSON.stringify(key)} in the journal ${quotedPath(path)}: ${found}; expected the key of an unknown entry, ` +
          'which `journal FILE` lists. Nothing was recorded.',
      )
    }
    const file = await openJournalFile(path, absolute)
    const at = new Date(host.nowMs()).toISOString()
    const by = `${host.userName() ?? 'unknown'} on ${host.hostname()}`
    const text = data === undefined ? {} : { data: JSON.stringify(data) }
    await file.append(keys.map((key) => ({ at, event, key, by, ...text }))).finally(file.close)
  } finally {
    lock.release()
  }
}

// --- internal ---

async function readExisting(path: string, absolute: string): Promise<JournalState & { readonly server: string }> {
  const { entries, server } = await readJournal(path, absolute)
  if (server !== undefined) return { entries, server }
  throw new UsageError(
    `Cannot read the journal ${quotedPath(path)}: there is no such file, or it is empty; expected the journal of a bulk run.`,
  )
}
