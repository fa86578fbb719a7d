/** What became of a mutation, judged by what arrived. A proxy's word is no proof: it may speak after the work is done. */
import { TransportFailure } from '../../transport/transport.ts'
import type { Operation } from '../document/operation.ts'
import type { Answer } from './read_answer.ts'

/**
 * `renew`, `resend` and `refused` were provably not executed: sent again once with a new token, sent again, or not.
 * `executed` was answered with data. Everything else is `unknown`.
 */
export type Fate = 'renew' | 'resend' | 'refused' | 'unknown' | 'executed'

/**
 * What a bulk does next. `split`: sends the batch in smaller parts. `wait`: sends nothing until the server answers a query.
 * `end`: sends nothing more.
 */
export type Next = 'go on' | 'split' | 'wait' | 'end'

export interface Verdict {
  readonly fate: Fate
  readonly next: Next
}

export type Arrived = Answer | TransportFailure

export function judge(arrived: Arrived): Verdict {
  const kind = kindOf(arrived)
  const status = arrived instanceof TransportFailure ? '' : String(arrived.status)
  const [, , fate, next] = FATES.find((row) => (row[0] === ANY || row[0] === kind) && row[1].test(status))!
  return { fate, next }
}

/** Whether a query may succeed when it is sent again. The same goes for an idempotent mutation. */
export function isPassing(arrived: Arrived): boolean {
  if (arrived instanceof TransportFailure) return !arrived.isPermanent
  if (arrived.kind === 'foreign' && (arrived.status === 500 || arrived.isCut)) return true
  return kindOf(arrived) !== 'data' && PASSING.has(arrived.status)
}

/** Whether WorkflowGen refused the token before it executed anything. For a query, `data: null` proves that too. */
export function isRefusal(arrived: Arrived, { kind }: Pick<Operation, 'kind'>): arrived is Answer {
  if (arrived instanceof TransportFailure || (arrived.status !== 401 && arrived.status !== 403)) return false
  if (kind === 'query') return arrived.kind === 'foreign' || arrived.data === null
  return ['renew', 'refused'].includes(judge(arrived).fate)
}

// --- internal ---

/** `cut data` is no GraphQL answer, but has the key `data` in it. `foreign` is anything else, also nothing at all. */
type Kind = 'no connection' | 'no way' | 'no answer' | 'data' | 'cut data' | 'errors' | 'foreign'

const ANY = '*'
const EVERY = /^/

/** The first row that fits decides. */
const FATES: readonly (readonly [arrived: Kind | typeof ANY, status: RegExp, fate: Fate, next: Next])[] = [
  ['no connection', EVERY, 'resend', 'wait'],
  ['no way', EVERY, 'refused', 'end'],
  ['no answer', EVERY, 'unknown', 'wait'],
  ['data', EVERY, 'executed', 'go on'],
  ['cut data', EVERY, 'unknown', 'wait'],
  [ANY, /^401$/, 'renew', 'end'],
  [ANY, /^429$/, 'resend', 'wait'],
  ['errors', /^403$/, 'refused', 'end'],
  ['errors', /^[1-4]/, 'refused', 'split'],
  ['foreign', /^413$/, 'refused', 'split'],
  ['foreign', /^(3..|404|405)$/, 'refused', 'end'],
  ['foreign', /^(400|411|414|415|431)$/, 'refused', 'go on'],
  ['foreign', /^403$/, 'unknown', 'end'],
  [ANY, EVERY, 'unknown', 'wait'],
]

/** Statuses that may pass. */
const PASSING = new Set([408, 429, 502, 503, 504])

function kindOf(arrived: Arrived): Kind {
  if (arrived instanceof TransportFailure) {
    if (arrived.stage === 'exchange') return 'no answer'
    return arrived.isPermanent ? 'no way' : 'no connection'
  }
  if (arrived.kind === 'graphql') return arrived.hasData ? 'data' : 'errors'
  return arrived.mentionsData ? 'cut data' : 'foreign'
}
