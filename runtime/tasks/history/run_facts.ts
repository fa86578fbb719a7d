/** What is known of a run before its end. */
import type { Parameter } from '../arguments/schema.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'

/** A run of a task, or of a file that is no task. */
export interface StartedRun {
  readonly task?: string | undefined
  /** Absolute path of a file that is no task. */
  readonly file?: string | undefined
  readonly flags: ToolFlags
  /** Id of its record. Default: a new one. */
  readonly id?: string | undefined
}

export interface RunFacts extends StartedRun {
  /** By the wall clock, milliseconds since 1970. */
  readonly startedAtMs: number
  /** By the clock that never jumps. */
  readonly startedMs: number
  /** The arguments of a `defineScript`, once they have been read. */
  given?: { readonly parameters: readonly Parameter[]; readonly values: Readonly<Record<string, unknown>> }
  /** The arguments of a plain file. */
  argv?: readonly string[]
}

/** How a run ended. */
export interface RunEnd {
  readonly exitCode: number
  /** Undefined if nothing was thrown. */
  readonly error: unknown
}

export interface Recording {
  readonly facts: RunFacts
  /**
   * Writes the record of the start, once. From then on the record of the end is also written if the run ends its own
   * process, but not if it is killed. Never throws.
   */
  begin(): void
  /** Keeps what the run prints, if `--keep` says so. Never rejects. */
  keep(): Promise<void>
  /** The uncaught error that is about to end the process. */
  failed(error: unknown): void
  /** Writes the record of the end, once. Never rejects: a run does not fail because of its record. */
  end(error: unknown): Promise<void>
}
