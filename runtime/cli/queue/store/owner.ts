/**
 * Who has the queue's folder: PGlite itself lets two processes open it, and then rows are lost without a word. A file
 * beside the data names the owner; it is never taken from one that may live.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { makePrivateFolder, readPrivateFile, UnfitFile, writePrivateFile } from '../../../auth/private_file.ts'
import { type LockHost, tryLock } from '../../../auth/token_lock.ts'
import { ConfigError, RefusedError } from '../../../errors.ts'
import type { Host } from '../../../host.ts'
import { systemCode } from '../../../system_code.ts'
import { processStart } from './process_start.ts'

export type OwnerHost = LockHost & Pick<Host, 'platform' | 'sleep'>

export type Role = 'worker' | 'command'

export interface Owner {
  readonly pid: number
  readonly host: string
  readonly role: Role
  readonly sinceMs: number
  /** See `processStart()`. */
  readonly start?: string | undefined
  /** Different for every owner there ever was. */
  readonly nonce: string
  /** Where a worker listens. */
  readonly socket: string
  /** What those who connect there must know: only who may read this file. */
  readonly key: string
}

export type Claim = { readonly own: Owner; release(): void } | { readonly other: Owner }

/** Makes the folder where it is missing; of many who claim it at once only one gets it. */
export async function claimFolder(host: OwnerHost, folder: string, role: Role): Promise<Claim> {
  makePrivateFolder(folder, host.userId())
  const file = fileOf(folder)
  const turn = await takeTurn(host, file)
  try {
    const other = readOwner(host, folder)
    if (other && !isGone(host, other)) return { other }
    if (other) removeSocket(other)
    const own = newOwner(host, folder, role)
    writePrivateFile(file, JSON.stringify(own), own.nonce)
    return {
      own,
      release() {
        if (readOwner(host, folder)?.nonce !== own.nonce) return
        removeSocket(own)
        rmSync(file, { force: true })
      },
    }
  } finally {
    turn.release()
  }
}

/**
 * Undefined where nobody has the folder; whoever is named may be dead.
 *
 * @throws {ConfigError} when the file is not one of ours: whether somebody has the folder is then unknown
 */
export function readOwner(host: Pick<Host, 'userId'>, folder: string): Owner | undefined {
  const text = readOwnerFile(host, fileOf(folder))
  try {
    const parsed = v.safeParse(OWNER, JSON.parse(text ?? ''))
    return parsed.success ? parsed.output : undefined
  } catch {
    // It is written whole or not at all, so what cannot be read was left by a computer that lost its power.
    return undefined
  }
}

export function ownedByOther(host: Pick<Host, 'hostname'>, folder: string, other: Owner): RefusedError {
  const here = other.host === host.hostname()
  const who = other.role === 'worker' ? 'another worker' : 'a command that has not ended'
  const since = `${new Date(other.sinceMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
  const remedy = here
    ? 'Stop that one first, or set WFG_DATABASE_URL: with PostgreSQL there may be any number of workers.'
    : `Stop that one first; if it is certain that it runs no more, delete ${JSON.stringify(fileOf(folder))}.`
  return new RefusedError(
    `Cannot open the queue in ${JSON.stringify(folder)}: ${who} has it, process ${other.pid} on ${other.host} since ${since}, ` +
      `and only one at a time may. ${remedy}`,
    { remedy },
  )
}

// --- internal ---

const OWNER = v.object({
  pid: v.number(),
  host: v.string(),
  role: v.picklist(['worker', 'command']),
  sinceMs: v.number(),
  start: v.optional(v.string()),
  nonce: v.string(),
  socket: v.string(),
  key: v.string(),
})

/** Longest turn at the file, in milliseconds; one takes a few. */
const TURN_MS = 10_000
/** Where the path of a socket becomes too long for some system (macOS: 104 bytes). */
const MAX_SOCKET_BYTES = 100
const SOCKET_FOLDER = 'wfg-queue-'

function fileOf(folder: string): string {
  return join(folder, 'owner.json')
}

function readOwnerFile(host: Pick<Host, 'userId'>, file: string): string | undefined {
  try {
    return readPrivateFile(file, host.userId())
  } catch (error) {
    const found = error instanceof UnfitFile ? error.message : `the system said ${systemCode(error)}`
    const remedy = 'If it is certain that no worker of this project runs, delete it.'
    throw new ConfigError(
      `Cannot open the queue: ${JSON.stringify(file)} must be a file that only you can read, and ${found}. ${remedy}`,
      { remedy },
    )
  }
}

/** To look at the file and write it is one step for the others. */
async function takeTurn(host: OwnerHost, file: string): Promise<{ release(): void }> {
  for (;;) {
    const turn = tryLock(host, `${file}.lock`, TURN_MS)
    if (turn) return turn
    await host.sleep(20)
  }
}

function isGone(host: OwnerHost, { pid, host: computer, start }: Owner): boolean {
  if (computer !== host.hostname()) return false
  if (!host.isRunning(pid)) return true
  const now = processStart(host, pid)
  return start !== undefined && now !== undefined && start !== now
}

function newOwner(host: OwnerHost, folder: string, role: Role): Owner {
  const nonce = randomBytes(8).toString('hex')
  return {
    ...{
      pid: host.pid,
      host: host.hostname(),
      role,
      sinceMs: host.nowMs(),
      start: processStart(host, host.pid),
      nonce,
    },
    socket: role === 'worker' ? socketPath(host, folder, nonce) : '',
    key: randomBytes(16).toString('hex'),
  }
}

function socketPath({ platform }: Pick<Host, 'platform'>, folder: string, nonce: string): string {
  if (platform === 'win32') return `\\\\.\\pipe\\wfg-queue-${nonce}`
  const beside = join(folder, `${nonce}.sock`)
  if (Buffer.byteLength(beside) < MAX_SOCKET_BYTES) return beside
  // Private and under a name that nobody can guess.
  return join(mkdtempSync(join(tmpdir(), SOCKET_FOLDER)), 'worker.sock')
}

function removeSocket({ socket }: Owner): void {
  if (socket === '' || socket.startsWith('\\\\')) return
  rmSync(socket, { force: true })
  if (dirname(socket).startsWith(join(tmpdir(), SOCKET_FOLDER)))
    rmSync(dirname(socket), { recursive: true, force: true })
}
