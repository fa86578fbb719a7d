/**
 * What a worker and the process of a run tell each other. The worker sends messages on the IPC channel. The run answers with
 * one line on standard error, because a message could be lost when a script ends its process.
 */
import { randomBytes } from 'node:crypto'
import type { ToolFlags } from '../../tasks/arguments/tool_flags.ts'
import type { Job, RunOutcome } from '../store.ts'

/** The first message. */
export interface Assignment {
  readonly job: Pick<Job, 'id' | 'attempt' | 'data'>
  /** They come with the job, because the process may have been started before it was queued. */
  readonly flags: ToolFlags & { readonly timeoutMs: number }
  /** The files that the hash of the job is of, so that the run needs no parser to check it. */
  readonly files: readonly string[]
  /** Starts the line of the report. */
  readonly mark: string
  /** When the lease ends, in milliseconds since 1970. Default: the run has no lease. */
  readonly leaseUntilMs?: number | undefined
}

/** Later messages: renew the lease, or stop. The wall clock tells how old a message is. */
export type WorkerMessage = { readonly leaseUntilMs: number } | 'stop'

export type RunReport = Pick<RunOutcome, 'error' | 'operations' | 'user'> & { readonly exitCode: number }

/** Returns what marks the line of the report. A script cannot guess it. */
export function newMark(): string {
  return `\u001ewfg-run-${randomBytes(12).toString('hex')} `
}

/** Starts with a line end, because a script may have left its last line open. */
export function reportLine(mark: string, report: RunReport): string {
  return `\n${mark}${JSON.stringify(report)}\n`
}

/**
 * Tells a secret of the run to the worker, which masks it in what it keeps. The lines are short, because the system does not
 * mix those with what other processes write.
 */
export function secretLines(mark: string, secret: string): string[] {
  const parts = secret.match(/[\s\S]{1,600}/g) ?? []
  const isLast = (index: number) => index === parts.length - 1
  return parts.map((part, index) => `\n${mark}${JSON.stringify({ secret: part, isLast: isLast(index) })}\n`)
}

/** What a run tells its worker on a line of standard error: how it ended, or a part of a secret. */
export type RunNote = RunReport | { readonly secret: string; readonly isLast: boolean }

/** Returns undefined for any other line. */
export function readNote(mark: string, line: string): RunNote | undefined {
  if (!line.startsWith(mark)) return undefined
  try {
    return JSON.parse(line.slice(mark.length)) as RunNote
  } catch {
    // The run was killed while it wrote the line, which may have half of a secret.
    return { secret: '', isLast: true }
  }
}
