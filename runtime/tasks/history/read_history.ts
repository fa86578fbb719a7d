/** The runs that this user has kept, oldest first. */
import { join } from 'node:path'
import * as v from 'valibot'
import { readPrivateFile } from '../../host/private_file.ts'
import { HISTORY_FILE } from './history_folder.ts'
import { RUN_RECORD, type RunRecord } from './record.ts'
import { olderFile } from './rotate.ts'

/**
 * A run that has an end is there once, with it. A line that is damaged is passed over, as is one of a form that only a newer version knows.
 *
 * @throws {NotPrivate} when a file is a link, somebody else's, or readable by others
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
  // A process that died while it wrote left the beginning of a line, to which the next one was added.
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
