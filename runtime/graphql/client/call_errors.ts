/** Makes errors from responses and failures. Each message says what failed, what was found, and what to do. */
import {
  AccessTokenError,
  AuthorizationError,
  GraphQLExecutionError,
  GraphQLRequestError,
  OutcomeUnknownError,
  TransportError,
} from '../../core/errors.ts'
import { transportRemedy } from '../../transport/remedy.ts'
import type { TransportFailure } from '../../transport/transport.ts'
import type { Operation } from '../document/operation.ts'
import type { Answer, GraphQLAnswer } from '../exchange/read_answer.ts'
import { masking, withoutValues } from './masking.ts'

/** The operation that an error is about. */
export interface Subject {
  readonly operation: Pick<Operation, 'kind' | 'name'>
  readonly url: URL
  /** Their values are masked in every error. */
  readonly variables?: unknown
}

export function refusedByWorkflowGen(subject: Subject, answer: Answer): AuthorizationError {
  const remedy =
    'In WorkflowGen, look under Administration > Applications: the application of type "Non-interactive Client" must have ' +
    'this client ID, be active, and name an existing user to impersonate; WFG_AUDIENCE must be the identifier WorkflowGen expects.'
  return new AuthorizationError(
    `${cannot(subject)}: the identity provider accepted the client and WorkflowGen did not; it answered ${describeAnswer(answer, subject.variables)}. ${remedy}`,
    { remedy, ...details(subject, answer) },
  )
}

/** @param remedy the next step */
export function foreignAnswer(
  subject: Subject,
  answer: Answer,
  remedy = 'Check WFG_GRAPHQL_URL, and the server or proxy that answers there.',
): TransportError {
  return new TransportError(
    `${cannot(subject)}: ${JSON.stringify(address(subject))} answered ${describeAnswer(answer, subject.variables)}; expected a GraphQL answer. ${remedy}`,
    { code: 'WFG_HTTP', remedy, ...details(subject, answer) },
  )
}

export function noAnswer(subject: Subject, failure: TransportFailure): TransportError {
  const { name: operationName } = subject.operation
  const from = JSON.stringify(address(subject))
  if (failure.reason === 'TOO_LARGE') {
    return new TransportError(
      `${cannot(subject)}: ${from} answered, but ${failure.message}. Ask for less at once, or allow more with maxBytes.`,
      { code: 'WFG_HTTP', operationName },
    )
  }
  const remedy = transportRemedy(failure) ?? 'Check WFG_GRAPHQL_URL, the network and the proxy.'
  return new TransportError(
    `${cannot(subject)}: no answer from ${from}: ${failure.message} (${failure.reason}). ${remedy}`,
    { code: 'WFG_NETWORK', remedy, operationName },
  )
}

export function noTokenInTime(timeoutMs: number): AccessTokenError {
  return new AccessTokenError(
    `Cannot get an access token within ${timeoutMs} ms: the identity provider does not answer in time. ` +
      'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT, the network and the proxy.',
  )
}

/** @param failure how far the request got */
export function timedOut(subject: Subject, timeoutMs: number, failure: TransportFailure): TransportError {
  const found = failure.proxyVariable === undefined ? '' : `: ${failure.message}`
  const remedy =
    transportRemedy(failure) ?? 'Give the call more time with timeoutMs or WFG_TIMEOUT_MS, or ask for less at once.'
  return new TransportError(
    `${cannot(subject)}: no answer from ${JSON.stringify(address(subject))} within ${timeoutMs} ms${found}. ${remedy}`,
    { code: 'WFG_TIMEOUT', remedy, operationName: subject.operation.name },
  )
}

/**
 * @param found what arrived
 * @param repeats whether the call allowed to send it again
 */
export function outcomeUnknown(
  subject: Subject,
  found: string,
  repeats: boolean,
  answer?: Answer,
): OutcomeUnknownError {
  const sent = repeats ? 'Each attempt may have been executed.' : 'It may have been executed, so it was not sent again.'
  return new OutcomeUnknownError(
    `The outcome of the ${label(subject)} is unknown: it was sent to ${JSON.stringify(address(subject))}, and ${found}. ` +
      `${sent} Look in WorkflowGen, or with a query, for what it creates or changes, before you run it again.`,
    details(subject, answer),
  )
}

/** The notice that a bulk run waits for the server. */
export function outageNotice(subject: Subject, outageMs: number): string {
  const seconds = Math.round(outageMs / 1000)
  return `${JSON.stringify(address(subject))} does not answer correctly. Nothing more is sent until it does, for at most ${seconds} s.\n`
}

export function outageTooLong(subject: Subject, outageMs: number): TransportError {
  const seconds = Math.round(outageMs / 1000)
  return new TransportError(
    `Cannot go on with the ${label(subject)} in bulk: ${JSON.stringify(address(subject))} answered no query for ${seconds} s. ` +
      'Run it again with the same journal when the server is back.',
    { code: 'WFG_NETWORK', operationName: subject.operation.name },
  )
}

/** The notice about mutations whose process ended before the response. Empty without one. */
export function inFlightNotice(operations: Iterable<Subject['operation']>): string {
  const labels = [...operations].map((operation) => `the ${label({ operation })}`)
  if (labels.length === 0) return ''
  const [outcome, it] = labels.length === 1 ? ['outcome is', 'it was'] : ['outcomes are', 'they were']
  return (
    `The answer to ${labels.join(', ')} was not waited for, so the ${outcome} unknown. ` +
    `Look in WorkflowGen, or with a query, whether ${it} executed, before you run it again.\n`
  )
}

/** The error for a GraphQL response with `errors`. */
export function graphqlFailure(
  subject: Subject,
  answer: GraphQLAnswer,
  variables: unknown,
): GraphQLRequestError | GraphQLExecutionError {
  const errors = withoutValues(answer.errors ?? [], variables)
  const lines = errors.map(({ message, path }) => (path?.length ? `${path.join('.')}: ${message}` : message))
  const found = lines.length > 1 ? `${lines.length} errors:\n  ${lines.join('\n  ')}` : (lines[0] ?? NO_REASON)
  const given = { errors, ...details(subject, answer) }
  if (!answer.hasData) return new GraphQLRequestError(`${cannot(subject)}: ${found}`, given)
  const partial = !holdsValue(answer.data) ? '' : ' Some data arrived; it is in the error\'s property "data".'
  return new GraphQLExecutionError(`${cannot(subject)} completely: ${partial ? asSentence(found) : found}${partial}`, {
    ...given,
    data: answer.data,
  })
}

/** Describes the response in a few words. */
export function describeAnswer(answer: Answer, variables?: unknown): string {
  const mask = masking(variables)
  if (answer.kind === 'foreign') return mask(answer.summary)
  const message = answer.errors?.[0]?.message
  return message === undefined ? String(answer.status) : `${answer.status}: ${mask(message)}`
}

export function label({ operation }: Pick<Subject, 'operation'>): string {
  return operation.name === undefined
    ? `${operation.kind} without a name`
    : `${operation.kind} ${JSON.stringify(operation.name)}`
}

/** Adds a full stop if the text has none. */
export function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

// --- internal ---

/** True if the data has a value other than null. */
function holdsValue(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return data !== null && data !== undefined
  return Object.values(data).some(holdsValue)
}

const NO_REASON = 'the answer has no data, and no errors that say why'

function cannot(subject: Subject): string {
  return `Cannot execute the ${label(subject)}`
}

function address({ url }: Subject): string {
  return `${url.origin}${url.pathname}`
}

function details({ operation }: Subject, answer: Answer | undefined) {
  return { operationName: operation.name, status: answer?.status, requestId: answer?.requestId }
}
