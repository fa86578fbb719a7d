/** How a call ends: whether it is sent again, and if not, with which answer or error. */
import type { Deadline } from '../../core/deadline.ts'
import { TransportFailure, type TransportRequest } from '../../transport/transport.ts'
import {
  foreignAnswer,
  noAnswer,
  outcomeUnknown,
  refusedByWorkflowGen,
  type Subject,
  said,
  timedOut,
} from '../client/call_errors.ts'
import type { CheckedCall } from '../client/options.ts'
import type { Operation } from '../document/operation.ts'
import { type Arrived, isPassing, isRefusal, judge, type Verdict } from './fate.ts'
import type { GraphQLAnswer } from './read_answer.ts'

export interface CallState {
  readonly operation: Operation
  readonly call: CheckedCall
  readonly body: TransportRequest['body']
  /** GraphQL errors that came with a passing status are given, once the attempts are used up, and not thrown. */
  readonly givesErrors?: boolean | undefined
  /** Filled in after each exchange, also of a call that fails in the end. */
  readonly seen: Seen
}

/** What can be observed of a call so far. */
export interface Seen {
  attempts: number
  /** Of the last answer; undefined where there was none. */
  status: number | undefined
  /** Of the last answer. */
  bytes: number
  /** Of all attempts: `unknown` when one of them is, and none was answered with data. */
  verdict: Verdict | undefined
}

export function nothingSeen(): Seen {
  return { attempts: 0, status: undefined, bytes: 0, verdict: undefined }
}

/** An upload is too much to repeat. A mutation is repeated only if it provably was not executed. */
export function maySendAgain(arrived: Arrived, { operation, call, body }: CallState): boolean {
  if (typeof body === 'function') return false
  return operation.kind === 'query' || call.idempotent ? isPassing(arrived) : judge(arrived).fate === 'resend'
}

/** The answer that the caller gets; undefined for what is an error. */
export function answerOf(arrived: Arrived, request: CallState): GraphQLAnswer | undefined {
  if (arrived instanceof TransportFailure || arrived.kind === 'foreign') return undefined
  if (isRefusal(arrived, request.operation) || isUnknown(request)) return undefined
  return !maySendAgain(arrived, request) || request.givesErrors ? arrived : undefined
}

export function errorOf(
  subject: Subject,
  arrived: Arrived,
  deadline: Deadline,
  request: CallState,
  more?: string,
): unknown {
  const failed = arrived instanceof TransportFailure
  if (isUnknown(request)) {
    const { idempotent } = request.call
    if (!failed)
      return outcomeUnknown(subject, `the answer was ${said(arrived, subject.variables)}`, idempotent, arrived)
    const found = deadline.expired
      ? `no answer came within ${deadline.timeoutMs} ms`
      : `no complete answer came: ${arrived.message}`
    return outcomeUnknown(subject, found, idempotent)
  }
  if (!failed) {
    return isRefusal(arrived, request.operation)
      ? refusedByWorkflowGen(subject, arrived)
      : foreignAnswer(subject, arrived, more)
  }
  if (deadline.expired) return timedOut(subject, deadline.timeoutMs, arrived)
  return deadline.signal.aborted ? deadline.signal.reason : noAnswer(subject, arrived)
}

// --- internal ---

function isUnknown({ operation, seen }: CallState): boolean {
  return operation.kind === 'mutation' && seen.verdict?.fate === 'unknown'
}
