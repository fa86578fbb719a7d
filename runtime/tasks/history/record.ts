/** The record of a run: one is written when it starts, and one with the same id and all that is known when it ends. */
import * as v from 'valibot'

export type RunRecord = v.InferOutput<v.ObjectSchema<typeof MEMBERS, undefined>>
export type Outcome = RunRecord['outcome']

const MEMBERS = {
  /** The version of this format. */
  v: v.literal(1),
  /** Followed by the number of the attempt if a worker made several. */
  id: v.pipe(v.string(), v.regex(/^[\w-]{4,64}(\.\d+)?$/)),
  /** ISO 8601, UTC. */
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  /** Undefined for a run without an end, as `exitCode` is. */
  durationMs: v.optional(v.number()),
  /** Name of the computer. */
  host: v.optional(v.string()),
  /** The user who started it there; a number if the system tells no name. */
  osUser: v.optional(v.union([v.string(), v.number()])),
  /** The user in WorkflowGen, if that is known. */
  actingUser: v.optional(v.string()),
  profile: v.optional(v.string()),
  /** Folder of `tasks.ts`. */
  directory: v.string(),
  task: v.optional(v.string()),
  /** A file that is no task, relative to the folder, with forward slashes. */
  file: v.optional(v.string()),
  /** As in an arguments file; secrets are masked. */
  args: v.optional(v.record(v.string(), v.unknown())),
  /** The arguments of a plain file. */
  argv: v.optional(v.pipe(v.array(v.string()), v.readonly())),
  /** Why the arguments are incomplete. */
  withheld: v.optional(v.picklist(['secret', 'long'])),
  dryRun: v.optional(v.literal(true)),
  /** It was run with `--isolated`. */
  isolated: v.optional(v.literal(true)),
  /** The value of `--mutations`. */
  mutations: v.optional(v.number()),
  /** How many operations were sent, by kind: `{ query: 3 }`. */
  operations: v.record(v.string(), v.number()),
  outcome: v.picklist(['running', 'done', 'incomplete', 'failed', 'refused', 'interrupted', 'timed out']),
  exitCode: v.optional(v.number()),
  /** The process of the run, in the record of its start. See `ProcessIdentity`. */
  process: v.optional(
    v.object({
      ...{ pid: v.number(), host: v.optional(v.string()) },
      ...{ boot: v.optional(v.string()), namespace: v.optional(v.string()), start: v.optional(v.string()) },
    }),
  ),
  error: v.optional(v.object({ code: v.optional(v.string()), message: v.string() })),
  /** The commit that was checked out in the folder, if it is in a Git repository. */
  commit: v.optional(v.string()),
}

/** Keeps members that a newer version adds. */
export const RUN_RECORD = v.looseObject(MEMBERS)

/** Selects runs. Default: all. */
export interface RunSelection {
  readonly task?: string | undefined
  readonly idStart?: string | undefined
  /** Only runs that did not end as `done`. Default: false. */
  readonly isFailed?: boolean
  /** Only runs that started then or later. */
  readonly since?: Date | undefined
  /** Only runs of this user: of a computer, or in WorkflowGen. */
  readonly by?: string | undefined
  /** Only runs on the computer of this name. */
  readonly on?: string | undefined
}

/** Reads the newest runs of the workers, at most `limit`; none if there is no database. */
export type LoadFleetRuns = (limit: number, selection?: RunSelection) => Promise<readonly RunRecord[]>
