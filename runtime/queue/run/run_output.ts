/** What a run prints: its notes for the worker are read, and the rest is kept. */
import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { createRedactor } from '../../core/redact.ts'
import type { Host } from '../../host/host.ts'
import type { Keeping } from '../../tasks/kept/keep_run.ts'
import { createLines } from '../../tasks/kept/lines.ts'
import { type RunReport, readNote } from './run_messages.ts'

export interface OutputOptions {
  /** Passes on each line that the run writes to standard error, with this before it. */
  readonly prefix?: string | undefined
  /** Keeps what the run prints. `mask` masks its secrets. Default: nothing is kept. */
  keep?(mask: (text: string) => string): Keeping
}

export interface RunOutput {
  readonly report: RunReport | undefined
  /** The last line on standard error that said so. */
  readonly lastError: string | undefined
  /** Masks the secrets of the worker, and those of the run. */
  mask(text: string): string
  /** Resolves when everything is kept. */
  close(): Promise<void>
}

export function readOutput(
  { redactor, stderr }: Pick<Host, 'redactor' | 'stderr'>,
  child: ChildProcess,
  mark: string,
  { prefix, keep }: OutputOptions,
  onReport: () => void,
): RunOutput {
  const secrets = createRedactor()
  const mask = (text: string): string => redactor.text(secrets.text(text))
  const kept = keep?.(mask)
  let report: RunReport | undefined
  let lastError: string | undefined
  let secret = ''
  // The line end before a note is not kept.
  let blank = ''
  const onLine = (line: string): boolean => {
    const note = readNote(mark, line)
    if (note && 'secret' in note) {
      secret += note.secret
      if (note.isLast) secrets.add(secret)
      if (note.isLast) secret = ''
    } else if (note) {
      report = note
      onReport()
    } else if (line.startsWith(ADD_MASK)) secrets.add(line.slice(ADD_MASK.length).trim())
    else {
      if (line.startsWith('error: ')) lastError = line.slice('error: '.length).trimEnd()
      if (prefix !== undefined && line !== '\n') void stderr.write(mask(`${prefix}${line.replace(/\n?$/, '\n')}`))
      kept?.log(line === '\n' ? blank : blank + line)
    }
    blank = line === '\n' ? line : ''
    return true
  }
  readLines(child.stdout!, mask, kept?.output ?? (() => false))
  readLines(child.stderr!, mask, onLine)
  return {
    get report() {
      return report
    },
    get lastError() {
      return lastError
    },
    mask,
    close: async () => kept?.close(),
  }
}

// --- internal ---

/** Starts the line by which a run in GitHub Actions registers its token as a secret. */
const ADD_MASK = '::add-mask::'

function readLines(stream: Readable, mask: (text: string) => string, onLine: (line: string) => boolean): void {
  const lines = createLines(mask, onLine)
  stream.setEncoding('utf8').on('data', lines.add).on('end', lines.end)
}
