/**
 * What is noted of a run while it goes, so that one record of it can be kept when it ends. What keeps it is loaded then,
 * after the result is out.
 */
import { exitCodeOf } from '../failure.ts'
import type { Parameter } from '../schema.ts'
import type { Session } from '../session.ts'
import type { ToolFlags } from '../tool_flags.ts'

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
  /** Called while the run waits for something else: what the end needs is loaded meanwhile. */
  prepare(): void
  /** From now on a run that ends its own process is recorded as well. Resolves when nothing of it can be missed any more. */
  watchExit(): Promise<void>
  /** What nobody caught, of a process that is about to end because of it. */
  failed(error: unknown): void
  /** Adds the record, once. Never rejects: no run fails because of what is kept of it. */
  end(error: unknown): Promise<void>
}

/** By then the first request is on its way, and nothing is kept from it. */
const PREPARE_MS = 5

export function startRecording(session: Session, started: StartedRun): Recording {
  const { host } = session
  const facts: RunFacts = { ...started, startedAtMs: host.nowMs(), startedMs: host.monotonicMs() }
  let writer: typeof import('./write_record.ts') | undefined
  let prepared = false
  let rotator: typeof import('./rotate.ts') | undefined
  let watched: Promise<void> | undefined
  let ended = false
  let uncaught: unknown
  const load = async () => {
    writer ??= await import('./write_record.ts')
    return writer
  }
  const loadRotator = async () => {
    rotator ??= await import('./rotate.ts')
    return rotator
  }
  return {
    facts,
    prepare() {
      if (!prepared) host.after(PREPARE_MS, () => void load().catch(() => {}), { holds: false })
      prepared = true
    },
    watchExit() {
      if (!watched) {
        watched = Promise.all([load(), loadRotator()]).then(() => {})
        // Nothing can be loaded any more by then.
        host.onExit((exitCode) => {
          if (ended || !writer) return
          ended = true
          const written = writer.writeRecord(session, facts, { exitCode, error: uncaught })
          if (written.fullFile) rotator?.rotate(host, written.fullFile)
        })
      }
      return watched
    },
    failed(error) {
      uncaught = error
    },
    async end(error) {
      if (ended) return
      ended = true
      const exitCode = error === undefined ? host.exitCode() : exitCodeOf(error)
      try {
        const { writeRecord } = await load()
        const { record, fullFile, databaseUrl } = writeRecord(session, facts, { exitCode, error })
        if (fullFile) (await loadRotator()).rotate(host, fullFile)
        if (record && databaseUrl !== undefined) await session.shareRecord?.(databaseUrl, record)
      } catch (failure) {
        // What is kept of a run is not worth its failing.
        if (session.run.verbose) {
          void host.stderr.write(host.redactor.text(`history: the run is not in the database (${String(failure)})\n`))
        }
      }
    },
  }
}
