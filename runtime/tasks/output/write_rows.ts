/** Rows that a command itself has, written as the result of a task would be. */
import { resolve } from 'node:path'
import type { Host } from '../../host/host.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import { formatOf } from './format.ts'
import { openOutFile } from './out_file.ts'
import { redacting } from './sink.ts'
import { writeResult } from './write_result.ts'

export async function writeRows(host: Host, rows: object, flags: ToolFlags, signal: AbortSignal): Promise<void> {
  const out = flags.out === undefined ? undefined : await openOutFile(resolve(host.cwd(), flags.out))
  try {
    await writeResult(rows, {
      format: flags.format ?? (flags.out === undefined ? undefined : formatOf(flags.out)),
      sink: out ? redacting(out.sink, host) : host.stdout,
      isFile: out !== undefined,
      raw: flags.raw ?? false,
      redact: (text) => host.redactor.text(text),
      warn: (text) => {
        if (!flags.quiet) void host.stderr.write(`warning: ${text}\n`)
      },
      signal,
    })
    await out?.commit()
  } catch (error) {
    await out?.abandon()
    throw error
  }
}
