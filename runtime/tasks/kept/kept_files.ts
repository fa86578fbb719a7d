/** What runs print, in the files of this user: one for each part of a stream, named by where it starts. */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from '../../host/host.ts'
import { appendPrivateFile, fileProblem, makePrivateFolder, readPrivateFile } from '../../host/private_file.ts'
import { type HistoryHost, historyFolder, settingsFor } from '../history/history_folder.ts'
import { type KeptPlace, type KeptReader, MAX_BYTES, STREAMS, type StreamName } from './kept.ts'

export type KeptFilesHost = Pick<Host, 'userId'>

/** The folder, beside the history; undefined if we may write nothing. */
export function keptFolder(host: HistoryHost, directory: string, profile: string | undefined): string | undefined {
  const history = historyFolder(host, settingsFor(host, directory, profile).settings)
  return history === undefined ? undefined : join(history, 'kept')
}

/**
 * Returns what makes the place of a run. Removes the oldest files if all together have more than `maxBytes`.
 *
 * @param tell called with why something cannot be kept
 */
export function keptFiles(
  host: KeptFilesHost,
  folder: string,
  tell: (problem: string) => void,
  maxBytes: number = MAX_FOLDER_BYTES,
): (id: string) => KeptPlace {
  let sincePruned = Number.POSITIVE_INFINITY
  const write = (path: string, data: Uint8Array): void => {
    if (sincePruned > maxBytes / 10) {
      makePrivateFolder(folder, host.userId())
      prune(folder, (maxBytes * 9) / 10)
      sincePruned = 0
    }
    appendPrivateFile(path, data, host.userId())
    sincePruned += data.length
  }
  return (id) => {
    const files: Record<StreamName, { path: string; size: number; end: number }[]> = { output: [], log: [] }
    return {
      add(name, { at, data }) {
        const own = files[name]
        let file = own.at(-1)
        if (file?.end !== at || file.size >= FILE_BYTES) {
          file = { path: join(folder, `${id}.${name}.${at}`), size: 0, end: at }
          own.push(file)
        }
        file.size += data.length
        file.end += data.length
        try {
          write(file.path, data)
          while (sum(own) > MAX_BYTES) rmSync(own.shift()!.path, { force: true })
        } catch (error) {
          tell(fileProblem(error))
        }
      },
    }
  }
}

export function keptReader(host: KeptFilesHost, folder: string): KeptReader {
  return {
    async sizes(id) {
      const [output, log] = STREAMS.map((name) => sum(filesOf(folder, id, name)))
      return { output: output!, log: log! }
    },
    async read(id, name, from) {
      const files = filesOf(folder, id, name).filter(({ at, size }) => at >= from || at + size > from)
      return files.flatMap(({ path, at }) => {
        // It may have been removed by now.
        const data = Buffer.from(readPrivateFile(path, host.userId()) ?? '')
        return at >= from ? { at, data } : { at: from, data: data.subarray(from - at) }
      })
    },
  }
}

// --- internal ---

/** Of all files of the user. */
const MAX_FOLDER_BYTES = 50 * 1024 * 1024
/** A part of a log is removed at once, so this much of it may be missing. */
const FILE_BYTES = 64 * 1024
/** What the system needs for a small file. */
const BLOCK_BYTES = 4096
const NAME = /^[\w-]{4,64}(\.\d+)?\.(output|log)\.\d+$/

function prune(folder: string, maxBytes: number): void {
  const files = readdirSync(folder)
    .filter((name) => NAME.test(name))
    .flatMap((name) => {
      const path = join(folder, name)
      const found = statSync(path, { throwIfNoEntry: false })
      return found ? { path, size: Math.ceil(found.size / BLOCK_BYTES) * BLOCK_BYTES, atMs: found.mtimeMs } : []
    })
    .sort((a, b) => b.atMs - a.atMs)
  let left = maxBytes
  for (const { path, size } of files) {
    left -= size
    if (left < 0) rmSync(path, { force: true })
  }
}

function filesOf(folder: string, id: string, name: StreamName): { path: string; at: number; size: number }[] {
  const start = `${id}.${name}.`
  return namesIn(folder)
    .filter((each) => each.startsWith(start) && NAME.test(each))
    .map((each) => {
      const path = join(folder, each)
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
      return { path, at: Number(each.slice(start.length)), size }
    })
    .sort((a, b) => a.at - b.at)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function sum(files: readonly { readonly size: number }[]): number {
  return files.reduce((total, { size }) => total + size, 0)
}
