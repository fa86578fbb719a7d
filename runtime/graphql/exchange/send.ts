/** Sends one operation and reads the response: token, attempts and waits under one deadline. `fate.ts` decides what is sent again. */
import { type Deadline, startDeadline } from '../../core/deadline.ts'
import { TransportFailure, type TransportResponse } from '../../transport/transport.ts'
import { noTokenInTime, type Subject } from '../client/call_errors.ts'
import type { ClientHost, Connection } from '../client/connection.ts'
import { answerOf, type CallState, errorOf, maySendAgain, type Observation } from './call_end.ts'
import { isPassing, isRefusal, judge, type Verdict } from './fate.ts'
import { type GraphQLAnswer, readAnswer } from './read_answer.ts'
import { waitForRetry } from './retry_wait.ts'

export interface OperationRequest extends CallState {
  /** Headers with lower-case names, without those of the transport and the token. */
  readonly headers: Record<string, string>
  readonly signals: readonly (AbortSignal | undefined)[]
  /** Their values are masked in every error. */
  readonly variables?: unknown
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
      const accessToken = await withTokenError(
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
      const arrived = response instanceof TransportFailure ? response : readAnswer(response, host.redactor.text)
      note(request.observed, attempt, response, judge(arrived))
      if (refusedToken === undefined && isRefusal(arrived, request.operation) && arrived.status === 401) {
        refusedToken = accessToken
        token.invalidate(accessToken)
        attempt -= 1
        continue
      }
      const again =
        attempt < maxAttempts && !deadline.signal.aborted && maySendAgain(arrived, request) && retryBudget.take()
      if (!again) {
        const answer = answerOf(arrived, request)
        if (!answer) throw errorOf(subject, arrived, deadline, request)
        if (!isPassing(answer)) retryBudget.refill()
        return { answer, attempts: attempt, durationMs: host.monotonicMs() - startedMs }
      }
      await waitForRetry(host, deadline, attempt, response, (more) =>
        errorOf(subject, arrived, deadline, request, more),
      )
    }
  } finally {
    deadline.clear()
  }
}

// --- internal ---

function note(
  observed: Observation,
  attempts: number,
  response: TransportResponse | TransportFailure,
  { fate, next }: Verdict,
): void {
  const { status, body } = response instanceof TransportFailure ? NO_ANSWER : response
  const wasUnknown = observed.verdict?.fate === 'unknown' && fate !== 'executed'
  Object.assign(observed, {
    attempts,
    status,
    bytes: body.length,
    verdict: { fate: wasUnknown ? 'unknown' : fate, next },
  })
}

const NO_ANSWER = { status: undefined, body: '' }

function asFailure(error: unknown): TransportFailure {
  if (error instanceof TransportFailure) return error
  throw error
}

/** Reports a deadline that passes during the token request as such, and not as a missing response of WorkflowGen. */
async function withTokenError<T>(deadline: Deadline, waiting: Promise<T>): Promise<T> {
  try {
    return await waiting
  } catch (error) {
    throw deadline.expired && error === deadline.signal.reason ? noTokenInTime(deadline.timeoutMs) : error
  }
}
