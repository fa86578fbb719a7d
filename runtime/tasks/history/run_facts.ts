/** What is noted of a run while it goes. */
import type { Parameter } from '../arguments/schema.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'

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
