/** Counts the tokens that this user requests on this computer in a month: providers bill by that. */
import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { quotedPath } from '../core/visible.ts'
import type { Host } from '../host/host.ts'
import { appendPrivateFile, fileProblem, makePrivateFolder } from '../host/private_file.ts'

interface TokenCount {
  add(): void
  /** Returns the count of this month (UTC). */
  read(): number
}

/** A time as `toISOString` writes it, and the line break. */
const LINE_BYTES = 25

/**
 * Appends a line for each token to a file for each month, so that processes can count at the same time without a lock.
 *
 * @param start path of the file without the month
 */
export function createTokenCount(
  host: Pick<Host, 'nowMs' | 'userId'>,
  start: string,
  debug: (text: string) => void,
): TokenCount {
  const file = (nowMs: number) => `${start}${new Date(nowMs).toISOString().slice(0, 7)}.log`
  return {
    add() {
      const nowMs = host.nowMs()
      const path = file(nowMs)
      try {
        makePrivateFolder(dirname(path), host.userId())
        if (sizeOf(path) === 0) removePastMonths(start, path)
        appendPrivateFile(path, `${new Date(nowMs).toISOString()}\n`, host.userId())
      } catch (error) {
        debug(`the token is not counted: ${quotedPath(path)} cannot be written (${fileProblem(error)})`)
      }
    },
    read() {
      try {
        return Math.floor(sizeOf(file(host.nowMs())) / LINE_BYTES)
      } catch {
        return 0
      }
    },
  }
}

// --- internal ---

function sizeOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** Removes the files of past months. */
function removePastMonths(start: string, path: string): void {
  const folder = dirname(path)
  for (const name of readdirSync(folder)) {
    if (name.startsWith(basename(start)) && name.endsWith('.log') && name !== basename(path)) {
      rmSync(join(folder, name), { force: true })
    }
  }
}
