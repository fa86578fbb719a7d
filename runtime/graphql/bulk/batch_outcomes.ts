/** The outcome of each entry of a batch, from the response. */
import type { GraphQLErrorEntry, WfgError } from '../../core/errors.ts'
import { describeAnswer, graphqlFailure, outcomeUnknown } from '../client/call_errors.ts'
import type { Execution } from '../client/perform.ts'
import type { BulkOutcome } from '../client/wfg.ts'
import type { Entry } from './entries.ts'
import type { JournalEvent } from './journal/journal.ts'
import { type Merger, readAlias } from './merged_document.ts'

export interface Settled {
  readonly entry: Entry
  readonly outcome: BulkOutcome
  readonly event: JournalEvent
  /** The server's data, if the call's schema changed it. */
  readonly answered?: unknown
}

/** Returns `split` if nothing of the batch was executed. Smaller batches then show which entry is wrong. */
export function readBatch(
  entries: readonly Entry[],
  execution: Execution,
  merger: Merger,
  idempotent: boolean,
): readonly Settled[] | 'split' {
  const { answer, operation, url } = execution
  const count = entries.length
  if (!answer.hasData) {
    if (count > 1) return 'split'
    const [entry] = entries
    return [settled(entry!, 'failed', graphqlFailure(execution, answer, entry!.variables))]
  }
  const named = entries.map((): GraphQLErrorEntry[] => [])
  const unnamed: GraphQLErrorEntry[] = []
  for (const { locations: _locations, ...error } of answer.errors ?? []) {
    const [first, ...rest] = error.path ?? []
    const alias = readAlias(first, count)
    if (alias) named[alias.position]!.push({ ...error, path: [alias.name, ...rest] })
    else unnamed.push(error)
  }
  const data = dataOf(answer.data, count)
  const values = entries.map(({ variables }) => variables)
  const unknown = (why: string) => outcomeUnknown({ operation, url, variables: values }, why, idempotent, answer)
  // An error without an entry explains the missing payloads. If none is missing, it concerns all entries.
  const isMissing = (position: number): boolean =>
    data === undefined || Object.values(data[position]!).every((payload) => payload === null)
  const explains = entries.some((_, position) => named[position]!.length === 0 && isMissing(position))
  return entries.map((entry, position) => {
    const errors = named[position]!
    const own = data?.[position]
    if (errors.length > 0) {
      const error = graphqlFailure(execution, { ...answer, errors, data: own ?? null }, entry.variables)
      return settled(entry, isExecuted(errors, own, merger) ? 'executed' : 'failed', error)
    }
    if (own === undefined) {
      return settled(
        entry,
        'unknown',
        unknown(`the answer to its batch came without data: ${describeAnswer(answer, values)}`),
      )
    }
    if (unnamed.length > 0 && (isMissing(position) || !explains)) {
      const why = `the answer to its batch has an error that names no entry: ${describeAnswer({ ...answer, errors: unnamed }, values)}`
      return settled(entry, 'unknown', unknown(why), isMissing(position) ? undefined : own)
    }
    if (merger.rootNames.some((name) => !Object.hasOwn(own, name))) {
      const why = 'the answer to its batch does not say what became of it'
      return settled(entry, 'unknown', unknown(why), Object.keys(own).length > 0 ? own : undefined)
    }
    return settled(entry, 'done', undefined, own)
  })
}

export function settled(entry: Entry, event: JournalEvent, error?: WfgError, data?: unknown): Settled {
  const status = event === 'executed' ? 'failed' : event
  const { index, variables, recorded, isChanged } = entry
  const more = { ...(recorded && { key: recorded.key }), ...(isChanged && status === 'done' && { changed: true }) }
  return {
    entry,
    event,
    outcome: {
      index,
      variables,
      status,
      ...more,
      ...(data === undefined ? {} : { data }),
      ...(error ? { error } : {}),
    },
  }
}

// --- internal ---

/** Returns the data of each entry, under its own names. Undefined if the response has no data. */
function dataOf(data: unknown, count: number): Record<string, unknown>[] | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const members = Array.from({ length: count }, (): [string, unknown][] => [])
  for (const [key, value] of Object.entries(data)) {
    const alias = readAlias(key, count)
    if (alias) members[alias.position]!.push([alias.name, value])
  }
  return members.map((each) => Object.fromEntries(each))
}

/**
 * True if a part of a failed entry was executed: an error inside a payload comes after the mutation itself, and one of
 * several fields may be done. Sending the entry again would do that part twice.
 */
function isExecuted(
  errors: readonly GraphQLErrorEntry[],
  data: Record<string, unknown> | undefined,
  { rootFields }: Merger,
): boolean {
  if (errors.some(({ path }) => (path?.length ?? 0) > 1)) return true
  return data === undefined ? rootFields > 1 : Object.values(data).some((payload) => payload !== null)
}
