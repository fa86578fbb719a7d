/** The journal of a bulk: what was sent and what became of it, so that a second run repeats nothing. */
import { existsSync, realpathSync } from 'node:fs'
import { truncate } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { RefusedError } from '../errors.ts'
import type { Host } from '../host.ts'
import type { LockHost } from '../process_lock.ts'
import { checkJournalFile, type JournalFile, notJournal, openJournalFile, readLines } from './journal_file.ts'
import { lockJournal } from './journal_lock.ts'

export type JournalHost = LockHost & Pick<Host, 'stderr' | 'redactor'>

/** How the journal knows an entry. */
export interface JournalEntry {
  readonly key: string
  /** Of its content, which the journal does not hold. */
  readonly digest: string
  readonly index: number
}

/**
 * `executed`: it failed, and some of it was executed all the same. `unsent`: what was recorded as sent provably was not
 * executed.
 */
export type JournalEvent = 'done' | 'failed' | 'executed' | 'unknown' | 'unsent'

/** A sandbox that ends with this process, or one that a command keeps running. */
export type Sandbox = 'embedded' | 'kept'

/** What earlier runs left of an entry; `free` may be sent again. */
export interface Earlier {
  readonly state: 'done' | 'unknown' | 'free'
  readonly digest: string | undefined
}

export interface Journal {
  /** As the caller named it. */
  readonly path: string
  earlier(key: string): Earlier | undefined
  /** Resolves when it is on the disk that these are about to be sent. */
  sending(entries: readonly JournalEntry[]): Promise<void>
  /** Resolves when it is on the disk what became of these. */
  record(results: readonly (JournalEntry & { readonly event: JournalEvent })[]): Promise<void>
  /** Resolves when all is written; another run may begin then. */
  close(): Promise<void>
}

/**
 * @param path relative to the working directory
 * @param server where the entries are sent
 * @param sandbox `embedded`: the server forgets everything when this process ends, so its journal is void for any other
 * @throws {RefusedError} `WFG_REFUSED` when another run has the journal, or it belongs to another server
 * @throws {UsageError} `WFG_USAGE` when it cannot be read or written, or is no journal
 */
export async function openJournal(host: JournalHost, path: string, server: URL, sandbox?: Sandbox): Promise<Journal> {
  const absolute = realPath(resolve(path))
  checkJournalFile(path, absolute)
  const lock = lockJournal(host, path, absolute)
  let file: JournalFile | undefined
  try {
    const name = nameOf(server, sandbox)
    let { entries, servers } = await readJournal(path, absolute)
    if (servers.size > 0 && !servers.has(name) && [...servers].every((each) => each.startsWith(PASSING))) {
      await truncate(absolute)
      if (entries.size > 0) await host.stderr.write(host.redactor.text(begunAnew(path)))
      ;[entries, servers] = [new Map(), new Set()]
    }
    checkServer(path, servers, name)
    file = await openJournalFile(path, absolute)
    const at = (): string => new Date(host.nowMs()).toISOString()
    if (servers.size === 0) await file.append([{ at: at(), event: 'open', server: name }])
    return journalOf(path, entries, file, at, lock.release)
  } catch (error) {
    await file?.close()
    lock.release()
    throw error
  }
}

// --- internal ---

function journalOf(
  path: string,
  entries: ReadonlyMap<string, Earlier>,
  file: JournalFile,
  at: () => string,
  release: () => void,
): Journal {
  return {
    path,
    earlier: (key) => entries.get(key),
    sending(sent) {
      const now = at()
      return file.append(sent.map(({ key, index, digest }) => ({ at: now, event: 'send', key, index, digest })))
    },
    record(results) {
      const now = at()
      return file.append(
        results.map(({ key, index, event }) => {
          const line = { at: now, event: event === 'executed' ? 'failed' : event, key, index }
          return event === 'executed' ? { ...line, executed: true } : line
        }),
      )
    },
    async close() {
      try {
        await file.close()
      } finally {
        release()
      }
    },
  }
}

function nameOf(server: URL, sandbox: Sandbox | undefined): string {
  if (sandbox === 'embedded') return `${PASSING}${server.origin}`
  return sandbox === 'kept' ? `sandbox at ${server.origin}` : serverName(server)
}

/** Begins the name of a server that lives as long as its process. */
const PASSING = 'embedded sandbox at '

function begunAnew(path: string): string {
  return (
    `The journal ${JSON.stringify(path)} is of an embedded sandbox that has ended, and is begun anew; ` +
    '"npx tsx tasks.ts sandbox --port 4000" keeps one running.\n'
  )
}

/** Two names of one file must not have two locks. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const folder = dirname(path)
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path
}

async function readJournal(
  path: string,
  absolute: string,
): Promise<{ entries: Map<string, Earlier>; servers: Set<string> }> {
  const entries = new Map<string, Earlier>()
  const servers = new Set<string>()
  await readLines(path, absolute, (line, number) => {
    const { event, key, digest, server, executed } = line
    if (event === 'open' && typeof server === 'string') servers.add(server)
    else if (typeof event === 'string' && Object.hasOwn(STATES, event) && typeof key === 'string') {
      const state = executed === true ? 'unknown' : STATES[event as keyof typeof STATES]
      // A key that is the digest is kept once.
      const own = digest === key ? key : typeof digest === 'string' ? digest : entries.get(key)?.digest
      entries.set(key, { state, digest: own })
    } else {
      throw notJournal(path, number)
    }
  })
  return { entries, servers }
}

/** What is left of an entry whose last line is this one. */
const STATES = { send: 'unknown', done: 'done', failed: 'free', unknown: 'unknown', unsent: 'free' } as const

/** What was done on a test server is not done on another. */
function checkServer(path: string, servers: ReadonlySet<string>, server: string): void {
  const [other] = [...servers].filter((name) => name !== server)
  if (other === undefined) return
  throw new RefusedError(
    `Refused to use the journal ${JSON.stringify(path)}: it tells what was done on ${JSON.stringify(other)}, and this run is for ` +
      `${JSON.stringify(server)}. Nothing was sent. Use another journal; if it is the same server under another address, ` +
      'correct the first line of the journal.',
  )
}

/** A server on this computer is another port every time. */
function serverName({ hostname, origin, pathname }: URL): string {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname) ? 'this computer' : `${origin}${pathname}`
}
