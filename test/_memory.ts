/**
 * Temporary files in memory. On a disk without a journal a new file takes up to a hundred times the processor time once
 * tests have removed many others: for minutes the system looks for a number that none of them had.
 */
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import process from 'node:process'

const MEMORY = '/dev/shm'
const ENOUGH_BYTES = 4 * 1024 ** 3
/** To read below `/dev`, Deno asks for all rights, and these have few. */
const ON_DISK = /\/(?:few_rights\.test|readme\.test|isolated\/)/

const isFree = process.env['TMPDIR'] === undefined && hasRoom()

/** Says for this process, and for those it starts, where temporary files of the test file are. */
export function placeTemporaryFiles(path: string): void {
  if (!isFree) return
  if (ON_DISK.test(path)) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = MEMORY
}

// --- internal ---

/** Whether memory takes files, and programs too. */
function hasRoom(): boolean {
  if (!existsSync(MEMORY) || !existsSync('/proc/mounts')) return false
  const [, options] = /^\S+ \/dev\/shm tmpfs (\S+)/m.exec(readFileSync('/proc/mounts', 'utf8')) ?? []
  if (options === undefined || !/^rw\b/.test(options) || /\bnoexec\b/.test(options)) return false
  const { bavail, bsize } = statfsSync(MEMORY)
  return bavail * bsize >= ENOUGH_BYTES
}
