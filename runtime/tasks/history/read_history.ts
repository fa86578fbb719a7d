/** The runs that this user has kept, oldest first. */
import { join } from 'node:path'
import * as v from 'valibot'
import { readPrivateFile } from '../../host/private_file.ts'
import { HISTORY_FILE } from './history_folder.ts'
import type { RunRecord } from './record.ts'
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

const RECORD = v.looseObject({
  v: v.literal(1),
  // With the number of the attempt, where a worker made several.
  id: v.pipe(v.string(), v.regex(/^[\w-]{4,64}(\.\d+)?$/)),
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  durationMs: v.optional(v.number()),
  host: v.optional(v.string()),
  osUser: v.optional(v.union([v.string(), v.number()])),
  actingUser: v.optional(v.string()),
  profile: v.optional(v.string()),
  directory: v.string(),
  task: v.optional(v.string()),
  file: v.optional(v.string()),
  args: v.optional(v.record(v.string(), v.unknown())),
  argv: v.optional(v.array(v.string())),
  withheld: v.optional(v.picklist(['secret', 'long'])),
  dryRun: v.optional(v.literal(true)),
  operations: v.record(v.string(), v.number()),
  outcome: v.picklist(['running', 'done', 'incomplete', 'failed', 'refused', 'interrupted', 'timed out']),
  exitCode: v.optional(v.number()),
  process: v.optional(v.object({ pid: v.number(), start: v.optional(v.string()) })),
  error: v.optional(v.object({ code: v.optional(v.string()), message: v.string() })),
  commit: v.optional(v.string()),
})

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
    const parsed = v.safeParse(RECORD, JSON.parse(line))
    return parsed.success ? (parsed.output as RunRecord) : undefined
  } catch {
    return undefined
  }
}
