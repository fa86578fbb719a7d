/** Decides from the response whether a mutation was executed. A proxy's response proves nothing: it may come after the execution. */
import { TransportFailure } from '../../transport/transport.ts'
import type { Operation } from '../document/operation.ts'
import type { Answer } from './read_answer.ts'

/**
 * `renew`, `resend`, `refused`: provably not executed. `renew` is sent again once with a new token, `resend` is sent again,
 * `refused` is not. `executed`: answered with data. `unknown`: everything else.
 */
export type Fate = 'renew' | 'resend' | 'refused' | 'unknown' | 'executed'

/**
 * What a bulk run does next. `split`: sends the batch in smaller parts. `wait`: sends nothing until the server answers a
 * query. `end`: sends nothing more.
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

/** True if a query, or an idempotent mutation, may succeed when it is sent again. */
export function isPassing(arrived: Arrived): boolean {
  if (arrived instanceof TransportFailure) return !arrived.isPermanent
  if (arrived.kind === 'foreign' && (arrived.status === 500 || arrived.isCut)) return true
  return kindOf(arrived) !== 'data' && PASSING.has(arrived.status)
}

/** True if WorkflowGen refused the token before it executed anything. For a query, `data: null` proves that too. */
export function isRefusal(arrived: Arrived, { kind }: Pick<Operation, 'kind'>): arrived is Answer {
  if (arrived instanceof TransportFailure || (arrived.status !== 401 && arrived.status !== 403)) return false
  if (kind === 'query') return arrived.kind === 'foreign' || arrived.data === null
  return ['renew', 'refused'].includes(judge(arrived).fate)
}

// --- internal ---

/** `cut data`: not a GraphQL response, but it has the key `data`. `foreign`: anything else, or an empty body. */
type Kind = 'no connection' | 'no way' | 'no answer' | 'data' | 'cut data' | 'errors' | 'foreign'

const ANY = '*'
const EVERY = /^/

/** The first matching row applies. */
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

/** Temporary errors. */
const PASSING = new Set([408, 429, 502, 503, 504])

function kindOf(arrived: Arrived): Kind {
  if (arrived instanceof TransportFailure) {
    if (arrived.stage === 'exchange') return 'no answer'
    return arrived.isPermanent ? 'no way' : 'no connection'
  }
  if (arrived.kind === 'graphql') return arrived.hasData ? 'data' : 'errors'
  return arrived.mentionsData ? 'cut data' : 'foreign'
}
