/** The options of a client and of a call. */
import type * as v from 'valibot'
import { didYouMean } from '../../core/nearest.ts'

/** Options of a client; each is optional. */
export interface WfgOptions {
  /** Chooses `.env.<profile>`. Default: the run's profile. */
  profile?: string
  /** User to act as, sent in the impersonation header. */
  impersonate?: string
  /** True shows mutations instead of sending them. Can be switched on, never off. */
  dryRun?: boolean
  /** One deadline for each call: token, attempts and waits together. Milliseconds, default 30000, at most 2147483647. */
  timeoutMs?: number
  /** Requests in flight at once for paging and bulk. Default 4, from 1 to 100. */
  concurrency?: number
  /** `read` refuses mutations; can be tightened, never loosened. */
  access?: 'read' | 'write'
  /** Additional headers of every request. Headers that the client sets, such as `authorization`, are refused. */
  headers?: Record<string, string>
}

/** Any valibot schema, synchronous or not. */
export type DataSchema = v.GenericSchema | v.GenericSchemaAsync

export interface CallOptions {
  /** Aborts the call. */
  signal?: AbortSignal
  /** See {@link WfgOptions}. */
  timeoutMs?: number
  /** Number of retries after a failure that allows one. Default 2, at most 10. */
  retries?: number
  /** True if executing the mutation twice does no harm. It is then sent again when its outcome is unknown. */
  idempotent?: boolean
  /** Additional headers of this request. */
  headers?: Record<string, string>
  /** Chooses the operation in a document with several. */
  operationName?: string
  /** Largest response in bytes. Default 67108864 (64 MiB). */
  maxBytes?: number
  /** See {@link WfgOptions}. For this call. */
  impersonate?: string
  /** Schema that `data` must satisfy. Its output is the result. */
  schema?: DataSchema
}

export interface PaginateOptions extends CallOptions {
  /** Response path of the list, such as `viewer.actions`. Needed if the document has more than one list. */
  path?: string
  /** Pages in flight at once if `totalCount` is selected. Default 4, from 1 to 100. */
  concurrency?: number
  /** Number of the first page. Default 1. */
  startPage?: number
  /** Called after each page. */
  onPage?(page: { number: number; items: number; totalCount: number | undefined; dropped: number }): void
}

export interface BulkOptions<Vars = Variables> extends CallOptions {
  /** Entries merged into one request. Default 20, from 1 to 100. */
  batchSize?: number
  /** Requests in flight at once. Default 4, from 1 to 100. */
  concurrency?: number
  /** File that records every entry, so that a second run does not repeat it. Relative to the working directory. */
  journal?: string
  /** Returns the name of an entry in the journal, different for each. Default: a hash of the variables. */
  key?(variables: Vars, index: number): string
  /** Sends entries again whose outcome in an earlier run is unknown, without `find`. This may create something twice. */
  resendUnknown?: boolean
  /**
   * Looks on the server for what an entry creates, and returns its data, or undefined. Called for entries whose outcome is
   * unknown, in this run or by the journal. `since` is when the entry was first sent. What is found is `done`. What is not
   * found is sent again when `settleMs` have passed. If it throws, the entry stays `unknown`.
   */
  find?(variables: Vars, since: Date): unknown
  /** How long the server may still execute an entry whose answer was lost. Milliseconds, default 30000, from 0. */
  settleMs?: number
  /** How long to wait for the server during an outage. Milliseconds, default 300000 (5 minutes), 0 for not at all. */
  outageMs?: number
  /**
   * Called before anything is sent, if this journal or another one in its folder has entries, and the list can be read twice.
   * If it throws, nothing is sent.
   */
  beforeSending?(plan: BulkPlan): void | Promise<void>
  /** Called when entries end, skipped ones included. `total` is given for an array. */
  onProgress?(done: number, total?: number): void
}

export interface BulkPlan {
  /** Number of entries that will be sent, or looked for. */
  readonly open: number
  /** Number of entries of earlier runs, done or unknown, that the list no longer has. */
  readonly gone: number
  /** Number of entries that another journal in the folder has under the same key, with other content. */
  readonly elsewhere: number
}

export type Variables = Record<string, unknown>

const MAX_BYTES = 64 * 1024 * 1024

const CLIENT = {
  ...{ profile: true, impersonate: true, dryRun: true, timeoutMs: true, concurrency: true, access: true },
  headers: true,
} satisfies Record<keyof WfgOptions, true>
const CALL = {
  ...{ signal: true, timeoutMs: true, retries: true, idempotent: true, headers: true, operationName: true },
  ...{ maxBytes: true, impersonate: true, schema: true },
} satisfies Record<keyof CallOptions, true>
const PAGINATE = { ...CALL, path: true, concurrency: true, startPage: true, onPage: true } satisfies Record<
  keyof PaginateOptions,
  true
>
const BULK = {
  ...CALL,
  ...{ batchSize: true, concurrency: true, journal: true, key: true, resendUnknown: true, outageMs: true },
  ...{ find: true, settleMs: true, beforeSending: true },
  onProgress: true,
} satisfies Record<keyof BulkOptions, true>

const OPTIONS = { client: CLIENT, call: CALL, paginate: PAGINATE, bulk: BULK }

const GUARDS: readonly string[] = ['dryRun', 'access', 'profile']

/**
 * Refuses unknown options: a misspelt `journal` would record nothing.
 *
 * @throws {TypeError} for an unknown option, and for a guard, which only a client can have
 */
export function checkOptionNames(options: CallOptions | WfgOptions, kind: keyof typeof OPTIONS): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(OPTIONS[kind], name)) continue
    if (GUARDS.includes(name))
      throw new TypeError(
        `Cannot use the option ${name} for one call: it belongs to a client; use wfg.extend({ ${name}: … }).`,
      )
    const owner = kind === 'client' || kind === 'call' ? `a ${kind}` : `wfg.${kind}`
    throw new TypeError(
      `Cannot use the option ${JSON.stringify(name)}: ${owner} has no option of that name${didYouMean(name, Object.keys(OPTIONS[kind]))}`,
    )
  }
}

/** The checked options of a call, with defaults. */
export interface CheckedCall {
  readonly retries: number
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly idempotent: boolean
}

/** @throws {RangeError} for a number outside its bounds */
export function checkCall(options: CallOptions, defaultTimeoutMs: number): CheckedCall {
  return {
    retries: checkWholeNumber('retries', options.retries ?? 2, 0, 10),
    timeoutMs: checkWholeNumber('timeoutMs', options.timeoutMs ?? defaultTimeoutMs, 1, 2_147_483_647),
    maxBytes: checkWholeNumber('maxBytes', options.maxBytes ?? MAX_BYTES, 1, Number.MAX_SAFE_INTEGER),
    idempotent: options.idempotent ?? false,
  }
}

/** @throws {RangeError} if `value` is not a whole number from `min` to `max` */
export function checkWholeNumber(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new RangeError(`Cannot use the option ${name}: it is ${value}; expected a whole number from ${min} to ${max}.`)
}
