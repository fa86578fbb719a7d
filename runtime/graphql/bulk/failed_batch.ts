/** What happens to the entries and to the run after a batch without data in its response. */
import {
  AuthorizationError,
  GraphQLRequestError,
  isWfgError,
  OperationError,
  OutcomeUnknownError,
  UsageError,
  WfgError,
} from '../../core/errors.ts'
import type { Observation } from '../exchange/call_end.ts'
import type { Next } from '../exchange/fate.ts'
import { type Settled, settled } from './batch_outcomes.ts'
import type { Entry } from './entries.ts'
import type { Ending, Gate, Passage } from './gate.ts'

export interface Result {
  readonly settled: readonly Settled[]
  /** Parts of which nothing was executed. Each is sent again. */
  readonly again: readonly (readonly Entry[])[]
  readonly passage: Passage
}

export function afterFailure(entries: readonly Entry[], error: unknown, observed: Observation, gate: Gate): Result {
  const next = nextOf(entries, error, observed, gate)
  if (next === 'end') gate.end(error)
  const result = { settled: [], again: [], passage: next === 'wait' ? 'lost' : 'neither' } as const
  if (error instanceof OutcomeUnknownError || !isWfgError(error)) {
    const unknown = error instanceof OutcomeUnknownError ? error : unforeseen(error)
    return { ...result, settled: entries.map((entry) => settled(entry, 'unknown', unknown)) }
  }
  if (next === 'split' && entries.length > 1) return { ...result, again: halves(entries) }
  // Uploads are not repeated: they may be large.
  const isRepeated = next === 'wait' && !entries.some(({ hasUploads }) => hasUploads)
  if (isRepeated || next === 'end') return { ...result, again: [entries] }
  return { ...result, settled: entries.map((entry) => settled(entry, 'failed', error)) }
}

export function halves(entries: readonly Entry[]): (readonly Entry[])[] {
  const middle = Math.ceil(entries.length / 2)
  return [entries.slice(0, middle), entries.slice(middle)]
}

/** The outcomes of entries that were never sent. */
export function leftUnsent(entries: readonly Entry[], { error: cause }: Ending): Settled[] {
  const reason = isWfgError(cause) ? ` ${cause.message}` : ''
  return entries.map((entry) => {
    const error = new WfgError(`Entry ${entry.index} was not sent: the run ended before its turn.${reason}`, { cause })
    return settled(entry, 'unsent', error)
  })
}

// --- internal ---

function nextOf(
  entries: readonly Entry[],
  error: unknown,
  { verdict, status }: Observation,
  { wasAnswered }: Gate,
): Next {
  // The variables do not fit the pulled schema, or a file does not exist any more.
  if (error instanceof GraphQLRequestError) return 'go on'
  if (error instanceof UsageError && entries.every(({ hasUploads }) => hasUploads)) return 'go on'
  if (!(error instanceof OperationError)) return 'end'
  if (!verdict) return error instanceof AuthorizationError ? 'end' : 'go on' // from a fake
  // If no request was ever answered, the address is probably wrong.
  return verdict.fate === 'resend' && status === undefined && !wasAnswered ? 'end' : verdict.next
}

function unforeseen(cause: unknown): OutcomeUnknownError {
  return new OutcomeUnknownError(
    'The outcome of the entry is unknown: an unexpected error occurred while it was sent. Check in WorkflowGen what it ' +
      'creates or changes before you run it again.',
    { cause },
  )
}
