/** One operation to its answer: token, attempts, and waits under one deadline. What may be sent again is decided here. */
import { clockSkewMs } from '../auth/clock_skew.ts'
import { backoffMs, retryAfterMs } from '../backoff.ts'
import { type Deadline, startDeadline } from '../deadline.ts'
import { TransportFailure, type TransportRequest, type TransportResponse } from '../transport/transport.ts'
import { type Answer, type GraphQLAnswer, readAnswer } from './answer.ts'
import type { ClientHost, Connection } from './connection.ts'
import type { Operation } from './document.ts'
import {
  foreignAnswer,
  noAnswer,
  noTokenInTime,
  outcomeUnknown,
  refusedByWorkflowGen,
  type Subject,
  said,
  timedOut,
} from './failures.ts'
import type { CheckedCall } from './options.ts'

export interface OperationRequest {
  readonly operation: Operation
  readonly call: CheckedCall
  /** Headers besides those of the transport and the token; names in lower case. */
  readonly headers: Record<string, string>
  readonly body: TransportRequest['body']
  readonly signals: readonly (AbortSignal | undefined)[]
  /** GraphQL errors that came with a passing status are given, once the attempts are used up, and not thrown. */
  readonly givesErrors?: boolean | undefined
  /** Whose values no error may show. */
  readonly variables?: unknown
  /** Told after each exchange, also of a call that fails in the end. */
  readonly seen: Seen
}

/** What can be observed of a call so far. */
export interface Seen {
  attempts: number
  /** Of the last answer; undefined where there was none. */
  status: number | undefined
  /** Of the last answer. */
  bytes: number
}

export interface OperationResult {
  readonly answer: GraphQLAnswer
  readonly attempts: number
  readonly durationMs: number
}

/**
 * @throws {AccessTokenError} `WFG_ACCESS_TOKEN`
 * @throws {AuthorizationError} `WFG_AUTHORIZATION` after a second 401, or a 403
 * @throws {TransportError} `WFG_NETWORK`, `WFG_TIMEOUT`, `WFG_HTTP`
 * @throws {OutcomeUnknownError} `WFG_OUTCOME_UNKNOWN` for a mutation that may have been executed
 */
export async function sendOperation(
  host: ClientHost,
  { config, token, retryBudget }: Connection,
  request: OperationRequest,
): Promise<OperationResult> {
  const subject: Subject = {
    operation: request.operation,
    url: config.graphqlUrl,
    variables: request.variables,
  }
  const deadline = startDeadline(host, request.call.timeoutMs, request.signals)
  const startedMs = host.monotonicMs()
  const maxAttempts = request.call.retries + 1
  let refusedToken: string | undefined
  try {
    for (let attempt = 1; ; attempt += 1) {
      const accessToken = await ended(
        deadline,
        token.get({ signal: deadline.signal, withinMs: deadline.remainingMs() }),
      )
      const response = await host.transport
        .send({
          url: config.graphqlUrl,
          method: 'POST',
          headers: { ...request.headers, authorization: `Bearer ${accessToken}` },
          body: request.body,
          once: request.operation.kind === 'mutation' && !request.call.idempotent,
          signal: deadline.signal,
          maxBytes: request.call.maxBytes,
        })
        .catch(asFailure)
      const outcome = response instanceof TransportFailure ? response : readAnswer(response, host.redactor.text)
      const failed = outcome instanceof TransportFailure
      note(request.seen, attempt, response)
      if (!failed && outcome.status === 401 && isRefusal(outcome, request)) {
        if (refusedToken !== undefined) throw refusedByWorkflowGen(subject, outcome)
        refusedToken = accessToken
        token.invalidate(accessToken)
        attempt -= 1
        continue
      }
      const again =
        attempt < maxAttempts && !deadline.signal.aborted && maySendAgain(outcome, request) && retryBudget.take()
      if (!failed) {
        if (outcome.status === 403 && isRefusal(outcome, request)) throw refusedByWorkflowGen(subject, outcome)
        const isGiven = !isPassing(outcome) || (request.givesErrors === true && !again)
        if (outcome.kind === 'graphql' && isGiven) {
          if (!isPassing(outcome)) retryBudget.refill()
          return { answer: outcome, attempts: attempt, durationMs: host.monotonicMs() - startedMs }
        }
      }
      const error = errorOf(subject, outcome, deadline, request)
      if (!again) throw error
      await pause(host, deadline, attempt, retryAfterOf(host, response), (more) =>
        failed ? error : foreignAnswer(subject, outcome, more),
      )
    }
  } finally {
    deadline.clear()
  }
}

// --- internal ---

type Outcome = Answer | TransportFailure

function note(seen: Seen, attempts: number, response: TransportResponse | TransportFailure): void {
  const { status, body } = response instanceof TransportFailure ? NO_ANSWER : response
  Object.assign(seen, { attempts, status, bytes: body.length })
}

const NO_ANSWER = { status: undefined, body: '' }

function asFailure(error: unknown): TransportFailure {
  if (error instanceof TransportFailure) return error
  throw error
}

/** Refused before execution; a query with `data: null` was refused as well, of a mutation only no `data` proves it. */
function isRefusal(answer: Answer, { operation }: OperationRequest): boolean {
  const isEmpty = answer.kind === 'graphql' && answer.data === null
  return !hasData(answer) || (operation.kind === 'query' && isEmpty)
}

function hasData(answer: Answer): boolean {
  return answer.kind === 'graphql' ? answer.hasData : answer.mentionsData
}

/** Statuses by which a server or proxy says that it could not serve now. */
const PASSING = new Set([408, 429, 502, 503, 504])

function isPassing(answer: Answer): boolean {
  if (answer.kind === 'foreign' && (answer.status === 500 || answer.isCut)) return true
  return PASSING.has(answer.status) && !hasData(answer)
}

/** A query does no harm; an upload is too much to repeat; a mutation goes out again only when it provably was not executed. */
function maySendAgain(outcome: Outcome, { operation, call, body }: OperationRequest): boolean {
  if (typeof body === 'function') return false
  const passing = outcome instanceof TransportFailure ? !outcome.isPermanent : isPassing(outcome)
  if (!passing) return false
  return operation.kind === 'query' || call.idempotent || isUnexecuted(outcome)
}

function isUnexecuted(outcome: Outcome): boolean {
  if (outcome instanceof TransportFailure) return outcome.stage === 'connect'
  if (hasData(outcome)) return false
  const { status } = outcome
  return status === 429 || status === 503 || (status >= 300 && status < 500 && status !== 408)
}

function errorOf(subject: Subject, outcome: Outcome, deadline: Deadline, request: OperationRequest): unknown {
  const failed = outcome instanceof TransportFailure
  if (request.operation.kind === 'mutation' && !isUnexecuted(outcome)) {
    const { idempotent } = request.call
    if (!failed) {
      return outcomeUnknown(subject, `the answer was ${said(outcome, subject.variables)}`, idempotent, outcome)
    }
    const found = deadline.expired
      ? `no answer came within ${deadline.timeoutMs} ms`
      : `no complete answer came: ${outcome.message}`
    return outcomeUnknown(subject, found, idempotent)
  }
  if (!failed) return foreignAnswer(subject, outcome)
  if (deadline.expired) return timedOut(subject, deadline.timeoutMs, outcome)
  return deadline.signal.aborted ? deadline.signal.reason : noAnswer(subject, outcome)
}

/** The time may end while the token is awaited; then it is not WorkflowGen that did not answer. */
async function ended<T>(deadline: Deadline, waiting: Promise<T>): Promise<T> {
  try {
    return await waiting
  } catch (error) {
    throw deadline.expired && error === deadline.signal.reason ? noTokenInTime(deadline.timeoutMs) : error
  }
}

function retryAfterOf(host: ClientHost, response: TransportResponse | TransportFailure): number | undefined {
  if (response instanceof TransportFailure) return undefined
  const { date, 'retry-after': asked } = response.headers
  // A date means the server's clock, which may not be ours.
  return retryAfterMs(asked, host.nowMs() + (clockSkewMs(date, host.nowMs()) ?? 0))
}

/** `Retry-After` is obeyed to the letter, or the call fails at once: coming back too early helps nobody. */
async function pause(
  host: ClientHost,
  deadline: Deadline,
  attempt: number,
  askedMs: number | undefined,
  tooLong: (more: string) => unknown,
): Promise<void> {
  const waitMs = askedMs ?? backoffMs(attempt, host.random)
  const leftMs = deadline.remainingMs()
  if (waitMs < leftMs) {
    return host.sleep(waitMs, deadline.signal).catch((reason) => {
      throw deadline.expired ? tooLong('') : reason
    })
  }
  const asked = Math.ceil(waitMs / 1000)
  throw tooLong(
    askedMs === undefined
      ? ''
      : ` It asks to wait ${asked} s, and ${Math.floor(leftMs / 1000)} s are left of the call's time.`,
  )
}
