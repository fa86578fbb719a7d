/** Fetches a server's schema: the definition served beside its endpoint, or else its introspection. */
import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  printSchema,
} from 'graphql'
import { startDeadline } from '../core/deadline.ts'
import { GraphQLExecutionError, GraphQLRequestError, isWfgError, TransportError } from '../core/errors.ts'
import { describeAnswer } from '../graphql/client/call_errors.ts'
import type { Connection } from '../graphql/client/connection.ts'
import { readAnswer } from '../graphql/exchange/read_answer.ts'
import { checkedSchema, readSchema } from '../graphql/schema/definition.ts'
import { DEFAULT_TIMEOUT_MS } from '../settings/config.ts'
import type { Session } from '../tasks/run/session.ts'
import { transportRemedy } from '../transport/remedy.ts'
import type { NetworkHost } from '../transport/transport.ts'
import { TransportFailure, type TransportResponse } from '../transport/transport.ts'

export interface FetchedSchema {
  readonly schema: GraphQLSchema
  /** Ends with a newline. */
  readonly text: string
  /** Its source, to show to a person. */
  readonly from: string
  readonly isIntrospected: boolean
}

/** The schema at an address, or what the address answered instead. */
export type ServedSchema = Pick<FetchedSchema, 'schema' | 'text'> | { readonly problem: string }

/**
 * @throws {AccessTokenError | AuthorizationError} `WFG_ACCESS_TOKEN`, `WFG_AUTHORIZATION`
 * @throws {TransportError} `WFG_NETWORK`, `WFG_TIMEOUT`, `WFG_HTTP` if neither way gives a schema
 */
export async function fetchSchema(session: Session, signal: AbortSignal): Promise<FetchedSchema> {
  const connection = await session.connect(undefined)
  const { graphqlUrl } = connection.config
  const url = besideEndpoint(graphqlUrl)
  const served = await servedSchema(session.host, url, connection, signal)
  if ('schema' in served) return { ...served, from: JSON.stringify(url.href), isIntrospected: false }
  const schema = await introspected(session, graphqlUrl, `${JSON.stringify(url.href)} answered ${served.problem}`)
  const from = `the introspection of ${JSON.stringify(addressOf(graphqlUrl))}`
  return { schema, text: `${printSchema(schema)}\n`, from, isIntrospected: true }
}

/**
 * Fetches the schema definition at an address, or beside it if it is an endpoint.
 *
 * @param connection gives the access token to send
 * @throws {TransportError} `WFG_NETWORK`, `WFG_TIMEOUT`
 */
export async function fetchDefinition(
  host: NetworkHost,
  url: URL,
  connection: Connection | undefined,
  signal: AbortSignal,
): Promise<ServedSchema> {
  const served = await servedSchema(host, url, connection, signal)
  if ('schema' in served || /\/schema\/?$/i.test(url.pathname)) return served
  const beside = await servedSchema(host, besideEndpoint(url), connection, signal)
  return 'schema' in beside ? beside : served
}

// --- internal ---

/** `<endpoint>/schema`, without the endpoint's query. */
function besideEndpoint({ href }: URL): URL {
  const url = new URL(href)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/schema`
  url.search = ''
  return url
}

function addressOf({ origin, pathname }: URL): string {
  return origin + pathname
}

async function servedSchema(
  host: NetworkHost,
  url: URL,
  connection: Connection | undefined,
  signal: AbortSignal,
): Promise<ServedSchema> {
  const { status, headers, body } = await get(host, url, connection, signal)
  // A server may repeat a secret that it was sent, and the text is written to a file.
  const text = host.redactor.text(new TextDecoder().decode(body)).replaceAll('\r\n', '\n')
  if (status === 200 && !/^\s*[<{[]/.test(text)) {
    try {
      return { schema: readSchema(text), text: `${text.trimEnd()}\n` }
    } catch (error) {
      return { problem: `text that is not a schema definition (${(error as Error).message.replace(/\.$/, '')})` }
    }
  }
  return { problem: describeAnswer(readAnswer({ status, headers, body }, host.redactor.text)) }
}

/** Sends the request, and once more if the token was refused. */
async function get(
  host: NetworkHost,
  url: URL,
  connection: Connection | undefined,
  signal: AbortSignal,
): Promise<TransportResponse> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, impersonate, impersonateHeader = '' } = connection?.config ?? {}
  const deadline = startDeadline(host, timeoutMs, [signal])
  try {
    for (let attempt = 1; ; attempt += 1) {
      const token = await connection?.token.get({ signal: deadline.signal })
      const response = await host.transport.send({
        url,
        method: 'GET',
        headers: {
          accept: 'text/plain, */*',
          ...(impersonate === undefined ? {} : { [impersonateHeader.toLowerCase()]: impersonate }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        once: false,
        signal: deadline.signal,
        maxBytes: MAX_BYTES,
      })
      if (response.status !== 401 || token === undefined || attempt > 1) return response
      connection?.token.invalidate(token)
    }
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error
    if (signal.aborted) throw signal.reason
    const found = deadline.expired ? ` within ${timeoutMs} ms` : `: ${error.message} (${error.reason})`
    const remedy = transportRemedy(error) ?? 'Check the address (WFG_GRAPHQL_URL), the network and the proxy.'
    throw new TransportError(
      `Cannot read the schema: no answer from ${JSON.stringify(addressOf(url))}${found}. ${remedy}`,
      { code: deadline.expired ? 'WFG_TIMEOUT' : 'WFG_NETWORK', remedy },
    )
  } finally {
    deadline.clear()
  }
}

/** Thousands of types take some megabytes. */
const MAX_BYTES = 64 * 1024 * 1024

/** @param before why there is no schema definition */
async function introspected(session: Session, endpoint: URL, before: string): Promise<GraphQLSchema> {
  try {
    const data = await ask(session, true).catch((error) => {
      if (isUnknownToIt(error)) return ask(session, false)
      throw error
    })
    return checkedSchema(buildClientSchema(data))
  } catch (error) {
    const reason = refusal(error)
    if (reason === undefined) throw error
    throw new TransportError(
      `Cannot read the schema: ${before}, and the introspection of ${JSON.stringify(addressOf(endpoint))} ` +
        `failed: ${reason.replace(/\.$/, '')}; expected the schema definition from one of the two. ${REMEDY}`,
      { code: 'WFG_HTTP', remedy: REMEDY },
    )
  }
}

/** @param inputValueDeprecation without it, the response omits deprecated arguments and input fields */
function ask({ wfg }: Session, inputValueDeprecation: boolean): Promise<IntrospectionQuery> {
  return wfg(getIntrospectionQuery({ inputValueDeprecation }), undefined, { operationName: 'IntrospectionQuery' })
}

/** True if the server does not support the deprecation of arguments. */
function isUnknownToIt(error: unknown): boolean {
  return (
    error instanceof GraphQLRequestError && error.errors.some(({ message }) => message.includes('includeDeprecated'))
  )
}

const REMEDY =
  'Ask the administrator of WorkflowGen to allow one of them for the user that the scripts act as. Files pulled before are unchanged.'

/** Why the server gave no schema. Undefined for other failures, whose own message is better. */
function refusal(error: unknown): string | undefined {
  if (error instanceof GraphQLRequestError || error instanceof GraphQLExecutionError) {
    return error.errors[0]?.message ?? 'an answer without data'
  }
  if (error instanceof TransportError && error.code === 'WFG_HTTP') {
    return /answered (.*); expected/s.exec(error.message)?.[1] ?? error.message
  }
  return isWfgError(error) || !(error instanceof Error) || error.name === 'AbortError' ? undefined : error.message
}
