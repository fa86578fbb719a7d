/** Prints runs as rows, and one run in full. */

import { timeText, tookText } from '../core/time_text.ts'
import { visible } from '../core/visible.ts'
import type { Host } from '../host/host.ts'
import type { ToolFlags } from '../tasks/arguments/tool_flags.ts'
import type { RunRecord } from '../tasks/history/record.ts'
import { shortId } from '../tasks/history/run_id.ts'
import type { KeptSizes } from '../tasks/kept/kept.ts'
import { isForPeople, writeRows } from '../tasks/output/write_rows.ts'
import type { KnownRun } from './find_runs.ts'

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

/** Returns a row that fits a terminal. */
export function shortRowOf(run: RunRecord, nowMs: number): object {
  const { id, startedAt, durationMs } = run
  const { task, outcome } = rowOf(run)
  const took = durationMs === undefined ? null : tookText(durationMs)
  return { id: shortId(id), started: timeText(new Date(startedAt), nowMs), task, outcome, took }
}

/** Everything that is known of the run. */
export function wholeOf({ isLocal, v, ...run }: KnownRun): Omit<RunRecord, 'v'> {
  return run
}

/**
 * Prints lines on a terminal; with a format, or in a pipe, one row with every member.
 *
 * @param kept how much is kept of what the run printed
 */
export async function showRun(
  host: Host,
  known: KnownRun,
  kept: KeptSizes | undefined,
  flags: ToolFlags,
  signal: AbortSignal,
): Promise<void> {
  const run = { ...wholeOf(known), kept }
  if (!isForPeople(host, flags)) return writeRows(host, run, flags, signal)
  const members = Object.entries(run).filter(([, value]) => value !== undefined)
  const width = Math.max(...members.map(([name]) => name.length))
  const lines = members.map(([name, value]) => {
    const text = textOf(name, value)
    return `${name.padEnd(width)}  ${text
      .split('\n')
      .map(visible)
      .join(`\n${' '.repeat(width + 2)}`)}`
  })
  await host.stdout.write(`${lines.join('\n')}\n`)
}

// --- internal ---

function textOf(name: string, value: unknown): string {
  if (name === 'error') return (value as NonNullable<RunRecord['error']>).message
  if (name === 'kept') {
    const sizes = Object.entries(value as KeptSizes).filter(([, size]) => size > 0)
    return sizes.map(([stream, size]) => `${stream} ${Math.ceil(size / 1024)} KB`).join(', ')
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}
