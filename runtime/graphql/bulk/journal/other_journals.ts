/** Reads the other journals in a journal's folder. They have the entries of a list that was sent under another name. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { RefusedError } from '../../../core/errors.ts'
import { quotedPath } from '../../../core/visible.ts'
import { parseLine } from './lines.ts'
import { type JournalEntry, readJournal } from './state.ts'

/** An entry that another journal records. */
export interface OtherRecord {
  readonly path: string
  readonly state: 'done' | 'unknown'
  readonly digest: string | undefined
}

/**
 * Reads the files in the folder that have the same extension and begin like a journal of the same server.
 *
 * @returns their entries that are done or unknown, by key
 * @throws {WfgError} if one of them is damaged or in another format, because it may have such an entry
 */
export async function readOtherJournals(absolute: string, server: string): Promise<ReadonlyMap<string, OtherRecord>> {
  const found = new Map<string, OtherRecord>()
  const folder = dirname(absolute)
  for (const file of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, file.name)
    const isOther = file.isFile() && file.name !== basename(absolute) && extname(path) === extname(absolute)
    if (!isOther || !isOfServer(path, server)) continue
    const { entries } = await readJournal(path, path)
    for (const [key, { state, digest }] of entries) if (state !== 'free') found.set(key, { path, state, digest })
  }
  return found
}

/**
 * @param path of the own journal, as the caller named it
 * @throws {RefusedError} `WFG_REFUSED` if another journal records the entry
 */
export function checkOtherJournals(path: string, entry: JournalEntry, others: ReadonlyMap<string, OtherRecord>): void {
  const found = others.get(entry.key)
  if (!found || found.digest !== entry.digest) return
  throw new RefusedError(
    `Refused to send entry ${entry.index}: the journal ${quotedPath(path)} does not know it, but ${quotedPath(found.path)} ` +
      `records it as ${found.state} on the same server. It was not sent. If this is the same list under another name, use that ` +
      'journal. If it is to be done once more, first move that journal to another folder.',
  )
}

// --- internal ---

/** Enough for the first lines. The very first may be cut off, so the following ones count too. */
const FIRST_BYTES = 4096

function isOfServer(path: string, server: string): boolean {
  const bytes = Buffer.alloc(FIRST_BYTES)
  const descriptor = openSync(path, 'r')
  try {
    const length = readSync(descriptor, bytes, 0, FIRST_BYTES, 0)
    const lines = bytes.toString('utf8', 0, length).split('\n')
    return lines.some((line) => {
      const values = parseLine(line.trim())
      return values?.['event'] === 'open' && values['server'] === server
    })
  } finally {
    closeSync(descriptor)
  }
}
