/** Prints runs as rows, and one run in full. */

import { visible } from '../core/visible.ts'
import type { Host } from '../host/host.ts'
import type { ToolFlags } from '../tasks/arguments/tool_flags.ts'
import type { RunRecord } from '../tasks/history/record.ts'
import { writeRows } from '../tasks/output/write_rows.ts'
import type { KnownRun } from './find_runs.ts'

/** The columns that fit a terminal come first. */
export function rowOf(run: RunRecord): Record<string, unknown> {
  return {
    id: run.id,
    startedAt: run.startedAt,
    task: run.task ?? run.file ?? null,
    outcome: run.dryRun ? `${run.outcome} (dry run)` : run.outcome,
    durationMs: run.durationMs ?? null,
    profile: run.profile ?? null,
    actingUser: run.actingUser ?? null,
    host: run.host ?? null,
    exitCode: run.exitCode ?? null,
    error: run.error?.message ?? null,
  }
}

/** Prints lines on a terminal; with a format, or in a pipe, one row with every member. */
export async function showRun(host: Host, { isLocal, v, ...run }: KnownRun, flags: ToolFlags, signal: AbortSignal) {
  if (!host.stdout.isTTY || flags.format !== undefined || flags.out !== undefined) {
    return writeRows(host, run, flags, signal)
  }
  const members = Object.entries(run).filter(([, value]) => value !== undefined)
  const width = Math.max(...members.map(([name]) => name.length))
  const lines = members.map(([name, value]) => {
    return `${name.padEnd(width)}  ${visible(typeof value === 'string' ? value : JSON.stringify(value))}`
  })
  await host.stdout.write(`${lines.join('\n')}\n`)
}
