/** Writes the rows of a command as a task's result is written. */
import { resolve } from 'node:path'
import type { Host } from '../../host/host.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import { openOutFile } from './out_file.ts'
import { outputOptions } from './sink.ts'
import { writeResult } from './write_result.ts'

/** True for a table on a terminal, which has no room for what programs read. */
export function isForPeople({ stdout }: Pick<Host, 'stdout'>, { format = 'table', out }: ToolFlags): boolean {
  return stdout.isTTY && format === 'table' && out === undefined
}

export async function writeRows(host: Host, rows: object, flags: ToolFlags, signal: AbortSignal): Promise<void> {
  const out = flags.out === undefined ? undefined : await openOutFile(resolve(host.cwd(), flags.out))
  const warn = (text: string): void => {
    if (!flags.quiet) void host.stderr.write(`warning: ${text}\n`)
  }
  try {
    await writeResult(rows, { ...outputOptions(host, flags, out), warn, signal })
    await out?.commit()
  } catch (error) {
    await out?.abandon()
    throw error
  }
}
