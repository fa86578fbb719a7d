/** The schema of a server: the text that it serves beside its endpoint, else what it says of itself by introspection. */
import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  printSchema,
} from 'graphql'
import type { AccessTokenSource } from '../../auth/access_token.ts'
import type { Config } from '../../config.ts'
import { startDeadline } from '../../deadline.ts'
import { GraphQLExecutionError, GraphQLRequestError, isWfgError, TransportError } from '../../errors.ts'
import { readAnswer } from '../../graphql/answer.ts'
import { said } from '../../graphql/failures.ts'
import type { Host } from '../../host.ts'
import type { Session } from '../../tasks/session.ts'
import { wayOut } from '../../transport/remedy.ts'
import { TransportFailure } from '../../transport/transport.ts'
import { readSchema } from './read_schema.ts'

export interface FetchedSchema {
  readonly schema: GraphQLSchema
  /** Ends with a line end. */
  readonly text: string
  /** Where it came from, for a person. */
  readonly from: string
  readonly isIntrospected: boolean
}

/**
 * @throws {AccessTokenError | AuthorizationError} `WFG_ACCESS_TOKEN`, `WFG_AUTHORIZATION`
 * @throws {TransportError} `WFG_NETWORK`, `WFG_TIMEOUT`, `WFG_HTTP` where neither way leads to a schema
 */
export async function fetchSchema(session: Session, signal: AbortSignal): Promise<FetchedSchema> {
  const { config, token } = await session.connect(undefined)
  const url = schemaUrl(config.graphqlUrl)
  const served = await servedSchema(session.host, config, token, url, signal)
  if ('schema' in served) return { ...served, from: JSON.stringify(url.href), isIntrospected: false }
  const schema = await introspected(session, url, served.problem)
  const from = `the introspection of ${JSON.stringify(addressOf(config.graphqlUrl))}`
  return { schema, text: `${printSchema(schema)}\n`, from, isIntrospected: true }
}

// --- internal ---

/** `<endpoint>/schema`, without what else the endpoint's address holds. */
function schemaUrl({ href }: URL): URL {
  const url = new URL(href)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/schema`
  url.search = ''
  return url
}

function addressOf({ origin, pathname }: URL): string {
  return origin + pathname
}

type Served = Pick<FetchedSchema, 'schema' | 'text'> | { readonly problem: string }

async function servedSchema(
  host: Host,
  config: Config,
  token: AccessTokenSource,
  url: URL,
  signal: AbortSignal,
): Promise<Served> {
  const { status, headers, body } = await get(host, config, token, url, signal)
  // A server may repeat what it was sent, and this goes into a file.
  const text = host.redactor.text(new TextDecoder().decode(body)).replaceAll('\r\n', '\n')
  if (status === 200 && !/^\s*[<{[]/.test(text)) {
    try {
      return { schema: readSchema(text), text: `${text.trimEnd()}\n` }
    } catch (error) {
      return { problem: `text that is no schema definition (${(error as Error).message.replace(/\.$/, '')})` }
    }
  }
  return { problem: said(readAnswer({ status, headers, body }, host.redactor.text)) }
}

/** One exchange, and a second one where the token was refused. */
async function get(host: Host, config: Config, token: AccessTokenSource, url: URL, signal: AbortSignal) {
  const deadline = startDeadline(host, config.timeoutMs, [signal])
  const impersonation = config.impersonate ? { [config.impersonateHeader.toLowerCase()]: config.impersonate } : {}
  try {
    for (let attempt = 1; ; attempt += 1) {
      const accessToken = await token.get({ signal: deadline.signal })
      const response = await host.transport.send({
        url,
        method: 'GET',
        headers: { ...impersonation, accept: 'text/plain, */*', authorization: `Bearer ${accessToken}` },
        once: false,
        signal: deadline.signal,
        maxBytes: MAX_BYTES,
      })
      if (response.status !== 401 || attempt > 1) return response
      token.invalidate(accessToken)
    }
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error
    if (signal.aborted) throw signal.reason
    const found = deadline.expired ? `within ${config.timeoutMs} ms` : `: ${error.message} (${error.reason})`
    const remedy = wayOut(error) ?? 'Check WFG_GRAPHQL_URL, the network and the proxy.'
    throw new TransportError(
      `Cannot pull the schema: no answer from ${JSON.stringify(addressOf(url))}${deadline.expired ? ' ' : ''}${found}. ${remedy}`,
      { code: deadline.expired ? 'WFG_TIMEOUT' : 'WFG_NETWORK', remedy },
    )
  } finally {
    deadline.clear()
  }
}

/** Thousands of types are some megabytes. */
const MAX_BYTES = 64 * 1024 * 1024

async function introspected(session: Session, url: URL, problem: string): Promise<GraphQLSchema> {
  const { config } = await session.connect(undefined)
  try {
    const data: IntrospectionQuery = await session.wfg(getIntrospectionQuery(), undefined, {
      operationName: 'IntrospectionQuery',
    })
    return buildClientSchema(data)
  } catch (error) {
    const reason = refusal(error)
    if (reason === undefined) throw error
    throw new TransportError(
      `Cannot pull the schema: ${JSON.stringify(url.href)} answered ${problem}, and the introspection of ` +
        `${JSON.stringify(addressOf(config.graphqlUrl))} failed: ${reason.replace(/\.$/, '')}; expected the schema definition from one of the two. ${REMEDY}`,
      { code: 'WFG_HTTP', remedy: REMEDY },
    )
  }
}

const REMEDY =
  'Ask who runs WorkflowGen to open one of them to the user that the scripts act as; what was pulled before stays as it is.'

/** Why the server gave no schema; undefined where the failure is not about the schema, and says so itself. */
function refusal(error: unknown): string | undefined {
  if (error instanceof GraphQLRequestError || error instanceof GraphQLExecutionError) {
    return error.errors[0]?.message ?? 'an answer without data'
  }
  if (error instanceof TransportError && error.code === 'WFG_HTTP') {
    return /answered (.*); expected/s.exec(error.message)?.[1] ?? error.message
  }
  return isWfgError(error) || !(error instanceof Error) || error.name === 'AbortError' ? undefined : error.message
}
