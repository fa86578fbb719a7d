/** Reads the history of this user, oldest run first. */
import { join } from 'node:path'
import * as v from 'valibot'
import { readPrivateFile } from '../../host/private_file.ts'
import { HISTORY_FILE } from './history_folder.ts'
import { RUN_RECORD, type RunRecord } from './record.ts'
import { olderFile } from './rotate.ts'

/**
 * Returns each run once: as of its end, if it has one. Skips damaged lines, and those in the format of a newer version.
 *
 * @throws {NotPrivate} if a file is a link, belongs to another user, or others can read it
 */
export function readHistory(folder: string, userId: number | undefined): RunRecord[] {
  const file = join(folder, HISTORY_FILE)
  const runs = new Map<string, RunRecord>()
  for (const path of [olderFile(file), file]) {
    for (const record of (readPrivateFile(path, userId) ?? '').split('\n').flatMap(readLine)) {
      if (record.outcome !== 'running' || !runs.has(record.id)) runs.set(record.id, record)
    }
  }
  return [...runs.values()]
}

// --- internal ---

const START = '{"v":1,'

function readLine(line: string): RunRecord[] {
  const record = parse(line)
  if (record) return [record]
  // A process that died while it wrote left the start of a line, and the next line follows it directly.
  const start = line.lastIndexOf(START)
  const rest = start > 0 ? parse(line.slice(start)) : undefined
  return rest ? [rest] : []
}

function parse(line: string): RunRecord | undefined {
  try {
    const parsed = v.safeParse(RUN_RECORD, JSON.parse(line))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}
