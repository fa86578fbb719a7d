/** What is noted of a run while it goes, for the records of its start and its end. */

import type { Parameter } from '../arguments/schema.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import { exitCodeOf } from '../run/failure.ts'
import type { Session } from '../run/session.ts'
import type { RunRecord } from './record.ts'
import type { KeptRun } from './write_record.ts'

/** What is run: a task, or a file that is none. */
export interface StartedRun {
  readonly task?: string | undefined
  /** Absolute path of a file that is no task. */
  readonly file?: string | undefined
  readonly flags: ToolFlags
  /** Default: a new one. */
  readonly id?: string | undefined
}

export interface RunFacts extends StartedRun {
  /** By the wall clock, milliseconds since 1970. */
  readonly startedAtMs: number
  /** By the clock that never jumps. */
  readonly startedMs: number
  /** Of a definition, once they have been read. */
  given?: { readonly parameters: readonly Parameter[]; readonly values: Readonly<Record<string, unknown>> }
  /** Of a plain file, whose arguments are its own. */
  argv?: readonly string[]
}

/** How a run ended. */
export interface RunEnd {
  readonly exitCode: number
  /** Undefined where nothing was thrown. */
  readonly error: unknown
}

export interface Recording {
  readonly facts: RunFacts
  /**
   * Adds the record of the start, once, and sees to that of the end: a run that ends its own process has one, and one that
   * is killed has none. Never rejects.
   */
  begin(): Promise<void>
  /** The uncaught error that is about to end the process. */
  failed(error: unknown): void
  /** Adds the record of the end, once. Never rejects: no run fails because of what is kept of it. */
  end(error: unknown): Promise<void>
}

/** A run that takes longer is shared with others while it runs. Shorter ones are spared the second connection. */
const SHARE_MS = 2000

export function startRecording(session: Session, started: StartedRun): Recording {
  const { host } = session
  const facts: RunFacts = { ...started, startedAtMs: host.nowMs(), startedMs: host.monotonicMs() }
  let kept: KeptRun | undefined
  let begun: Promise<void> | undefined
  let sharing: Promise<void> | undefined
  let stopSharing = (): void => {}
  let ended = false
  let uncaught: unknown

  const share = async (record: RunRecord): Promise<void> => {
    if (kept?.databaseUrl === undefined) return
    try {
      await session.shareRecord?.(kept.databaseUrl, record)
    } catch (failure) {
      if (!session.run.verbose) return
      void host.stderr.write(host.redactor.text(`history: the run is not in the database (${String(failure)})\n`))
    }
  }

  async function begin(): Promise<void> {
    try {
      const { keptRun, writeEnd, writeStart } = await import('./write_record.ts')
      kept = keptRun(session, facts)
      if (!kept || ended) return
      const record = writeStart(session, facts, kept)
      // Nothing can be loaded any more by then.
      host.onExit((exitCode) => {
        if (!ended) writeEnd(session, facts, kept!, { exitCode, error: uncaught })
        ended = true
      })
      if (kept.databaseUrl === undefined) return
      const shareStart = () => {
        sharing = share(record)
      }
      stopSharing = host.after(SHARE_MS, shareStart, { holds: false })
    } catch {
      // What is kept of a run is not worth its failing.
    }
  }

  return {
    facts,
    begin: () => (begun ??= begin()),
    failed(error) {
      uncaught = error
    },
    async end(error) {
      if (ended) return
      ended = true
      const exitCode = error === undefined ? host.exitCode() : exitCodeOf(error)
      stopSharing()
      try {
        await begun
        const { keptRun, writeEnd } = await import('./write_record.ts')
        kept ??= keptRun(session, facts)
        if (!kept) return
        const { record, fullFile } = writeEnd(session, facts, kept, { exitCode, error })
        if (fullFile) (await import('./rotate.ts')).rotate(host, fullFile)
        await sharing
        await share(record)
      } catch {
        // As above.
      }
    },
  }
}
