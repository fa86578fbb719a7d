/** How many tokens this user has requested on this computer in the current month: providers bill by that. */
import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Host } from '../host/host.ts'
import { appendPrivateFile, fileProblem, makePrivateFolder } from '../host/private_file.ts'

export interface TokenCount {
  add(): void
  /** In this month, by UTC. */
  read(): number
}

/** As `toISOString` writes it, and the end of the line. */
const LINE_BYTES = 25

/**
 * One line a token in a file a month, so that processes that count at the same time lose nothing and need no lock.
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
        if (sizeOf(path) === 0) removeOthers(start, path)
        appendPrivateFile(path, `${new Date(nowMs).toISOString()}\n`, host.userId())
      } catch (error) {
        debug(`the token is not counted: ${JSON.stringify(path)} cannot be written (${fileProblem(error)})`)
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

/** Months that are over. */
function removeOthers(start: string, path: string): void {
  const folder = dirname(path)
  for (const name of readdirSync(folder)) {
    if (name.startsWith(basename(start)) && name.endsWith('.log') && name !== basename(path)) {
      rmSync(join(folder, name), { force: true })
    }
  }
}
