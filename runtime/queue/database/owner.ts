/**
 * Lets one process at a time have the queue's folder. PGlite lets two processes open it, and then loses rows without an
 * error. A lock beside the data names the owner.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import { ConfigError, RefusedError } from '../../core/errors.ts'
import { systemCode } from '../../core/system_code.ts'
import { quotedPath } from '../../core/visible.ts'
import type { Host } from '../../host/host.ts'
import { makePrivateFolder, NotPrivate, readPrivateFile } from '../../host/private_file.ts'
import { type LockHost, takeLock } from '../../host/process_lock.ts'
import { othersMay, trustedUsers } from '../../host/trusted_files.mjs'

export type OwnerHost = LockHost & Pick<Host, 'platform' | 'userId'>

export type Role = 'worker' | 'command'

export type Owner = v.InferOutput<typeof OWNER>

export type Claim = { readonly own: Owner; release(): void } | { readonly other: Owner }

/**
 * Makes the folder if it is missing. Of many processes that claim it at once, one gets it.
 *
 * @throws {ConfigError} as `readOwner`
 * @throws {RefusedError} if other users have access, and so may have queued a job that would run as this user
 */
export function claimFolder(host: OwnerHost, folder: string, role: Role): Claim {
  makePrivateFolder(folder, host.userId())
  if (othersMay(statSync(folder), ANY_ACCESS, trustedUsers({}, host.userId()))) throw sharedFolder(folder)
  for (;;) {
    const before = readOwner(host, folder)
    const socket = role === 'worker' ? socketPath(host, folder) : ''
    const lock = takeLock(host, fileOf(folder), { more: { role, socket, key: randomBytes(16).toString('hex') } })
    if (!('release' in lock)) {
      const other = readOwner(host, folder)
      if (other) return { other }
      continue
    }
    if (before) removeSocket(before)
    const own = v.parse(OWNER, lock.holder)
    if (isFarAway(own)) mkdirSync(dirname(socket), { mode: 0o700 })
    return {
      own,
      release() {
        removeSocket(own)
        lock.release()
      },
    }
  }
}

/**
 * Returns the owner, which may be dead; undefined if nobody has the folder.
 *
 * @throws {ConfigError} if the file exists and cannot be read as an owner
 */
export function readOwner(host: Pick<Host, 'userId'>, folder: string): Owner | undefined {
  const file = fileOf(folder)
  try {
    const text = readPrivateFile(file, host.userId())
    return text === undefined ? undefined : v.parse(OWNER, JSON.parse(text))
  } catch (error) {
    const isText = error instanceof SyntaxError || error instanceof v.ValiError
    const found = isText
      ? 'it does not name one'
      : error instanceof NotPrivate
        ? error.message
        : `the system said ${systemCode(error)}`
    const remedy = 'If you are sure that no worker of this project runs, delete it.'
    throw new ConfigError(
      `Cannot open the queue: ${quotedPath(file)} must be a file that names the owner and that only you can read, and ${found}. ${remedy}`,
      { remedy },
    )
  }
}

export function ownedByOther(folder: string, other: Owner): RefusedError {
  const who = other.role === 'worker' ? 'another worker' : 'a command that has not ended'
  const since = `${other.since.slice(0, 19).replace('T', ' ')} UTC`
  const remedy =
    `Stop that one first. If you are sure that it has ended, delete ${quotedPath(fileOf(folder))}. ` +
    'With PostgreSQL (WFG_DATABASE_URL) there may be any number of workers.'
  return new RefusedError(
    `Cannot open the queue in ${quotedPath(folder)}: ${who} has it, process ${other.pid} on ${other.host} since ${since}, ` +
      `and only one at a time may. ${remedy}`,
    { remedy },
  )
}

// --- internal ---

const ANY_ACCESS = 0o007

const OWNER = v.object({
  pid: v.number(),
  host: v.string(),
  since: v.string(),
  /** Different for each owner. */
  nonce: v.string(),
  role: v.picklist(['worker', 'command']),
  /** The socket of a worker; empty for a command. */
  socket: v.string(),
  /** The key for the socket: only those who may read this file know it. */
  key: v.string(),
})

/** The longest path of a socket on all systems (macOS: 104 bytes). */
const MAX_SOCKET_BYTES = 100
/** Name of a socket in a temporary folder of its own. */
const FAR_AWAY = 'worker.sock'

function sharedFolder(folder: string): RefusedError {
  const remedy = `If you trust what is in it, type: chmod 700 ${quotedPath(folder)}; else move it away, and the queue begins empty.`
  return new RefusedError(
    `Cannot open the queue: other users have access to ${quotedPath(folder)} and may have queued what would run as you. ${remedy}`,
    { remedy },
  )
}

function fileOf(folder: string): string {
  return join(folder, 'owner.json')
}

function socketPath({ platform }: Pick<Host, 'platform'>, folder: string): string {
  const name = randomBytes(8).toString('hex')
  if (platform === 'win32') return `\\\\.\\pipe\\wfg-queue-${name}`
  const beside = join(folder, `${name}.sock`)
  // A private folder with a name that nobody can guess.
  return Buffer.byteLength(beside) < MAX_SOCKET_BYTES ? beside : join(tmpdir(), `wfg-queue-${name}`, FAR_AWAY)
}

function isFarAway({ socket }: Owner): boolean {
  return basename(socket) === FAR_AWAY
}

function removeSocket(owner: Owner): void {
  if (owner.socket === '' || owner.socket.startsWith('\\\\')) return
  rmSync(owner.socket, { force: true })
  if (isFarAway(owner)) rmSync(dirname(owner.socket), { recursive: true, force: true })
}
