/** Decides whether a call is sent again, and otherwise with which answer or error it ends. */
import type { Deadline } from '../../core/deadline.ts'
import { TransportFailure, type TransportRequest } from '../../transport/transport.ts'
import {
  describeAnswer,
  foreignAnswer,
  noAnswer,
  outcomeUnknown,
  refusedByWorkflowGen,
  type Subject,
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
  /** True returns GraphQL errors that came with a temporary status, after the last attempt, instead of throwing. */
  readonly givesErrors?: boolean | undefined
  /** Updated after each exchange, also if the call fails. */
  readonly observed: Observation
}

/** What is known of a call so far. */
export interface Observation {
  attempts: number
  /** Of the last response. Undefined without one. */
  status: number | undefined
  /** Of the last response. */
  bytes: number
  /** Of all attempts: `unknown` if the outcome of one is unknown, and none was answered with data. */
  verdict: Verdict | undefined
}

export function newObservation(): Observation {
  return { attempts: 0, status: undefined, bytes: 0, verdict: undefined }
}

/** Uploads are never repeated. A mutation is repeated only if it provably was not executed. */
export function maySendAgain(arrived: Arrived, { operation, call, body }: CallState): boolean {
  if (typeof body === 'function') return false
  return operation.kind === 'query' || call.idempotent ? isPassing(arrived) : judge(arrived).fate === 'resend'
}

/** Returns the answer for the caller. Undefined if the call ends with an error. */
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
      return outcomeUnknown(
        subject,
        `the answer was ${describeAnswer(arrived, subject.variables)}`,
        idempotent,
        arrived,
      )
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

function isUnknown({ operation, observed }: CallState): boolean {
  return operation.kind === 'mutation' && observed.verdict?.fate === 'unknown'
}
