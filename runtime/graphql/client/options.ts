/** What callers may say about a client and about a call. */
import type * as v from 'valibot'
import { didYouMean } from '../../core/nearest.ts'

/** Options of a client; each is optional. */
export interface WfgOptions {
  /** Which `.env.<profile>`; default: the run's. */
  profile?: string
  /** User to act as, sent in the impersonation header. */
  impersonate?: string
  /** True sends queries only; can be switched on, never off. */
  dryRun?: boolean
  /** One deadline for each call: token, attempts and waits together. Milliseconds, default 30000, at most 2147483647. */
  timeoutMs?: number
  /** Requests in flight at once for paging and bulk. Default 4, from 1 to 100. */
  concurrency?: number
  /** `read` refuses mutations; can be tightened, never loosened. */
  access?: 'read' | 'write'
  /** Further headers of every request. Those that the client itself writes cannot be set, such as `authorization` and `host`. */
  headers?: Record<string, string>
}

/** Any valibot schema, synchronous or not. */
export type DataSchema = v.GenericSchema | v.GenericSchemaAsync

export interface CallOptions {
  /** Ends the call. */
  signal?: AbortSignal
  /** As in {@link WfgOptions}. */
  timeoutMs?: number
  /** Further attempts after a failure that allows one. Default 2, 0 for none, at most 10. */
  retries?: number
  /** Says that executing the mutation twice does no harm, so it may be sent again when its fate is unknown. */
  idempotent?: boolean
  /** Further headers of this request. */
  headers?: Record<string, string>
  /** Which operation of a document that holds several. */
  operationName?: string
  /** Largest answer in bytes. Default 67108864 (64 MiB). */
  maxBytes?: number
  /** As in {@link WfgOptions}, for this call. */
  impersonate?: string
  /** What `data` must satisfy; its output is the result. */
  schema?: DataSchema
}

export interface PaginateOptions extends CallOptions {
  /** Response path of the list, for example `viewer.actions`, where the document holds more than one. */
  path?: string
  /** Pages in flight at once, where `totalCount` is selected. Default 4, from 1 to 100. */
  concurrency?: number
  /** Number of the first page. Default 1. */
  startPage?: number
  /** Called with each page that was read. */
  onPage?(page: { number: number; items: number; totalCount: number | undefined; dropped: number }): void
}

export interface BulkOptions<Vars = Variables> extends CallOptions {
  /** Entries merged into one request. Default 20, from 1 to 100. */
  batchSize?: number
  /** Requests in flight at once. Default 4, from 1 to 100. */
  concurrency?: number
  /** File in which every entry is recorded, so that a second run does not repeat it; relative to the working directory. */
  journal?: string
  /** What names an entry in the journal, one of its own for each. Default: its content. */
  key?(variables: Vars, index: number): string
  /** Sends again what an earlier run with this journal left unknown, which may create it twice. */
  resendUnknown?: boolean
  /** How long to wait for a server that does not answer any more. Milliseconds, default 300000 (5 minutes), 0 for not at all. */
  outageMs?: number
  /** Called as entries end, also those that are skipped; `total` is known for an array. */
  onProgress?(done: number, total?: number): void
}

export type Variables = Record<string, unknown>

const MAX_BYTES = 64 * 1024 * 1024

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
  onProgress: true,
} satisfies Record<keyof BulkOptions, true>

/** The options of each kind of call. */
const OPTION_NAMES = { call: Object.keys(CALL), paginate: Object.keys(PAGINATE), bulk: Object.keys(BULK) }

const GUARDS: readonly string[] = ['dryRun', 'access', 'profile']

/**
 * A misspelt `journal` or `signal` would leave out what it was to do.
 *
 * @throws {TypeError} for an unknown option, and for a guard, which belongs to a client
 */
export function checkNames(options: CallOptions, kind: keyof typeof OPTION_NAMES): void {
  for (const name of Object.keys(options)) {
    if (GUARDS.includes(name))
      throw new TypeError(
        `Cannot use the option ${name} for one call: it belongs to a client; use wfg.extend({ ${name}: … }).`,
      )
    const known = OPTION_NAMES[kind]
    if (known.includes(name)) continue
    const call = kind === 'call' ? 'a call' : `wfg.${kind}`
    throw new TypeError(
      `Cannot use the option ${JSON.stringify(name)}: ${call} has none of that name${didYouMean(name, known)}`,
    )
  }
}

/** A call's options with defaults, checked. */
export interface CheckedCall {
  readonly retries: number
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly idempotent: boolean
}

/** @throws {RangeError} for a number outside its bounds */
export function checkCall(options: CallOptions, defaultTimeoutMs: number): CheckedCall {
  return {
    retries: within('retries', options.retries ?? 2, 0, 10),
    timeoutMs: within('timeoutMs', options.timeoutMs ?? defaultTimeoutMs, 1, 2_147_483_647),
    maxBytes: within('maxBytes', options.maxBytes ?? MAX_BYTES, 1, Number.MAX_SAFE_INTEGER),
    idempotent: options.idempotent ?? false,
  }
}

/**
 * @throws {RangeError} when `value` is no whole number from `min` to `max`
 */
export function within(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new RangeError(`Cannot use the option ${name}: it is ${value}; expected a whole number from ${min} to ${max}.`)
}
