/** A sink that remembers what was written. */
import type { Format } from '../../../runtime/tasks/output/format.ts'
import { type WriteOptions, writeResult } from '../../../runtime/tasks/output/write_result.ts'

export interface MemorySink {
  readonly isTTY: boolean
  readonly columns: number | undefined
  closed: boolean
  /** One text a write. */
  readonly writes: string[]
  write(text: string): Promise<void>
}

export function memorySink(members: { isTTY?: boolean; columns?: number } = {}): MemorySink {
  const { isTTY = false, columns } = members
  const sink: MemorySink = {
    isTTY,
    columns,
    closed: false,
    writes: [],
    async write(text) {
      sink.writes.push(text)
    },
  }
  return sink
}

/** What `writeResult` writes and warns of. */
export async function written(
  result: unknown,
  format: Format | undefined,
  options: Partial<WriteOptions> & { sink?: MemorySink } = {},
): Promise<{ text: string; warnings: string[]; rows: number }> {
  const warnings: string[] = []
  const sink = options.sink ?? memorySink()
  const warn = (text: string) => warnings.push(text)
  const rows = await writeResult(result, { raw: false, warn, ...options, format, sink })
  return { text: sink.writes.join(''), warnings, rows }
}
