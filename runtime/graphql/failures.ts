/** Answers and failures as errors. One grammar: what could not be done, to what, the state found, the next step. */
import {
  AccessTokenError,
  AuthorizationError,
  type GraphQLErrorEntry,
  GraphQLExecutionError,
  GraphQLRequestError,
  OutcomeUnknownError,
  TransportError,
} from '../errors.ts'
import { wayOut } from '../transport/remedy.ts'
import type { TransportFailure } from '../transport/transport.ts'
import type { Answer, GraphQLAnswer } from './answer.ts'
import type { Operation } from './document.ts'

/** What an error says of the operation. */
export interface Subject {
  readonly operation: Pick<Operation, 'kind' | 'name'>
  readonly url: URL
  /** Whose values no error may show. */
  readonly variables?: unknown
}

export function refusedByWorkflowGen(subject: Subject, answer: Answer): AuthorizationError {
  return new AuthorizationError(
    `${cannot(subject)}: the identity provider accepted the client and WorkflowGen did not; it answered ${said(answer, subject.variables)}. ` +
      'In WorkflowGen, look under Administration > Applications: the application of type "Non-interactive Client" must have ' +
      'this client ID, be active, and name an existing user to impersonate; WFG_AUDIENCE must be the identifier WorkflowGen expects.',
    details(subject, answer),
  )
}

export function foreignAnswer(subject: Subject, answer: Answer, more = ''): TransportError {
  const step = more || ' Check WFG_GRAPHQL_URL, and the server or proxy that answers there.'
  return new TransportError(
    `${cannot(subject)}: ${JSON.stringify(address(subject))} answered ${said(answer, subject.variables)}; expected a GraphQL answer.${step}`,
    { code: 'WFG_HTTP', ...details(subject, answer) },
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
  return new TransportError(
    `${cannot(subject)}: no answer from ${from}: ${failure.message} (${failure.reason}). ${
      wayOut(failure) ?? 'Check WFG_GRAPHQL_URL, the network and the proxy.'
    }`,
    { code: 'WFG_NETWORK', operationName },
  )
}

export function noTokenInTime(timeoutMs: number): AccessTokenError {
  return new AccessTokenError(
    `Cannot get an access token within ${timeoutMs} ms: the identity provider does not answer in time. ` +
      'Check WFG_ISSUER or WFG_TOKEN_ENDPOINT, the network and the proxy.',
  )
}

/** @param failure how far it had come */
export function timedOut(subject: Subject, timeoutMs: number, failure: TransportFailure): TransportError {
  const found = failure.proxyVariable === undefined ? '' : `: ${failure.message}`
  return new TransportError(
    `${cannot(subject)}: no answer from ${JSON.stringify(address(subject))} within ${timeoutMs} ms${found}. ${
      wayOut(failure) ?? 'Give the call more time with timeoutMs or WFG_TIMEOUT_MS, or ask for less at once.'
    }`,
    { code: 'WFG_TIMEOUT', operationName: subject.operation.name },
  )
}

/** @param repeats whether the call allowed to send it again */
export function outcomeUnknown(
  subject: Subject,
  found: string,
  repeats: boolean,
  answer?: Answer,
): OutcomeUnknownError {
  const sent = repeats
    ? 'Each attempt may have been executed.'
    : 'It was not sent again, because it may have been executed.'
  return new OutcomeUnknownError(
    `The outcome of the ${label(subject)} is unknown: it was sent to ${JSON.stringify(address(subject))}, and ${found}. ` +
      `${sent} Look in WorkflowGen, or with a query, whether it was, before you run it again.`,
    details(subject, answer),
  )
}

/** The error of a GraphQL answer with `errors`. */
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
  return new GraphQLExecutionError(`${cannot(subject)} completely: ${found}${partial}`, { ...given, data: answer.data })
}

/**
 * Servers repeat what they were sent; variables may be personal or secret, so their values are taken out again.
 */
export function withoutValues(errors: readonly GraphQLErrorEntry[], variables: unknown): GraphQLErrorEntry[] {
  const mask = masking(variables)
  return errors.map(({ message, extensions, ...error }) => ({
    ...error,
    message: mask(message),
    ...(extensions ? { extensions: masked(extensions, mask) as Record<string, unknown> } : {}),
  }))
}

/** The answer in a few words. */
export function said(answer: Answer, variables?: unknown): string {
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

// --- internal ---

/** Whether anything but null arrived. */
function holdsValue(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return data !== null && data !== undefined
  return Object.values(data).some(holdsValue)
}

const MASK = '[value]'
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

/** What takes the values out of a text: first the known ones, then whatever a server quotes as invalid. */
function masking(variables: unknown): (text: string) => string {
  const values = leaves(variables).sort((a, b) => b.length - a.length)
  return (text) => values.reduce(maskWord, text).replace(/(got invalid value ).*?(; | at "|$)/s, `$1${MASK}$2`)
}

/** Extensions may hold a stack trace with the same message. */
function masked(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map((item) => masked(item, mask))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item, mask)]))
}

/** As they are and as JSON writes them, for servers quote what they were sent. */
function leaves(value: unknown): string[] {
  if (typeof value === 'string') return value.length > 0 ? [value, JSON.stringify(value).slice(1, -1)] : []
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)]
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? [] : [value.toISOString()]
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves)
  return []
}

/** Only where it stands as a word of its own: the value 1 must not take the 1 out of 401. */
function maskWord(text: string, value: string): string {
  let result = ''
  let from = 0
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
    const alone = !/\w/.test(text[at - 1] ?? '') && !/\w/.test(text[at + value.length] ?? '')
    result += text.slice(from, at) + (alone ? MASK : value)
    from = at + value.length
  }
  return result + text.slice(from)
}
