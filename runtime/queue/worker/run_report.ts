/** What a run tells the worker that started it, in one line among those that it writes to standard error. */
import { randomBytes } from 'node:crypto'
import type { RunOutcome } from '../store/store.ts'

export type RunReport = Pick<RunOutcome, 'error' | 'operations' | 'user'> & { readonly exitCode: number }

/** Recognises the line: nothing that a script prints begins so. */
export function newMark(): string {
  return `\u001ewfg-run-${randomBytes(12).toString('hex')} `
}

/** A script may have left a line without its end. */
export function reportLine(mark: string, report: RunReport): string {
  return `\n${mark}${JSON.stringify(report)}\n`
}

/** @returns undefined for any other line */
export function readReport(mark: string, line: string): RunReport | undefined {
  return line.startsWith(mark) ? (JSON.parse(line.slice(mark.length)) as RunReport) : undefined
}
