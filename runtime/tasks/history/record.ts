/** One run, as it is kept: once when it starts, and with the same id and all that is known when it ends. */

export type Outcome = 'running' | 'done' | 'incomplete' | 'failed' | 'refused' | 'interrupted' | 'timed out'

export interface RunRecord {
  /** Of this form. */
  readonly v: 1
  readonly id: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** Undefined for a run that left no end; so is `exitCode`. */
  readonly durationMs?: number | undefined
  /** Name of the computer. */
  readonly host?: string | undefined
  /** Who started it there; a number where the system tells no name. */
  readonly osUser?: string | number | undefined
  /** User in WorkflowGen, where that is known. */
  readonly actingUser?: string | undefined
  readonly profile?: string | undefined
  /** Folder of `tasks.ts`. */
  readonly directory: string
  readonly task?: string | undefined
  /** Relative to the folder, with forward slashes, where it is no task. */
  readonly file?: string | undefined
  /** As an arguments file has them; secrets masked. */
  readonly args?: Readonly<Record<string, unknown>> | undefined
  /** Of a plain file, whose arguments are its own. */
  readonly argv?: readonly string[] | undefined
  /** Why the arguments are not all there. */
  readonly withheld?: 'secret' | 'long' | undefined
  readonly dryRun?: true | undefined
  /** How many operations were sent, by kind: `{ query: 3 }`. */
  readonly operations: Readonly<Record<string, number>>
  readonly outcome: Outcome
  readonly exitCode?: number | undefined
  /** Which process runs it, in the record of the start; `start` tells it from others of the same number. */
  readonly process?: { readonly pid: number; readonly start?: string | undefined } | undefined
  readonly error?: { readonly code?: string | undefined; readonly message: string } | undefined
  /** What was checked out in the folder, where it is a Git repository. */
  readonly commit?: string | undefined
}

/** Which runs are wanted. Default: all. */
export interface RunSelection {
  readonly task?: string | undefined
  readonly idStart?: string | undefined
  /** Only runs that ended in another way than done. Default: false. */
  readonly isFailed?: boolean
}

/** Reads the newest runs of the workers, at most `limit`; none if there is no database. */
export type LoadFleetRuns = (limit: number, selection?: RunSelection) => Promise<readonly RunRecord[]>
