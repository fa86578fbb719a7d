/**
 * GraphQL over HTTP as WorkflowGen does it instead of yoga: parameters of the query string before those of the body, JSON
 * whatever the client accepts, and the statuses of express-graphql.
 */
import type { GraphQLError as ErrorOfGraphQL } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { GraphQLError } from './graphql_library.ts'

/** `always-200` answers syntax, validation and execution errors with 200. */
export type GraphQLStatuses = 'express-graphql' | 'always-200'

export function workflowGenHttp(statuses: GraphQLStatuses): Plugin {
  return {
    onRequestParse({ request, url, requestParser, setRequestParser }) {
      if (request.method !== 'GET' && request.method !== 'POST') return
      setRequestParser(async (received) => {
        const body = received.method === 'POST' ? await readBodyParameters(received, requestParser) : {}
        return mergeParameters(url.searchParams, body)
      })
    },
    onResultProcess({ setResultProcessor }) {
      setResultProcessor(
        (result, fetchAPI) => answer(result as Result, fetchAPI.Response, statuses),
        'application/json',
      )
    },
  }
}

// --- internal ---

interface Result {
  data?: unknown
  errors?: readonly ErrorOfGraphQL[]
}

interface HttpExtension {
  status?: number
  headers?: Record<string, string>
}

type Parameters = Record<string, unknown>
type Parser = (request: Request) => PromiseLike<unknown> | unknown

async function readBodyParameters(request: Request, parse: Parser | undefined): Promise<Parameters> {
  if (/^application\/x-www-form-urlencoded\b/i.test(request.headers.get('content-type') ?? '')) {
    return Object.fromEntries(new URLSearchParams(await request.text()))
  }
  return parse ? ((await parse(request)) as Parameters) : {}
}

function mergeParameters(search: URLSearchParams, body: Parameters): GraphQLParams {
  const read = (name: string) => search.get(name) ?? body[name]
  const query = read('query')
  if (typeof query !== 'string' || query === '') throw badRequest('Must provide query string.')
  const variables = parseVariables(read('variables'))
  // Some clients send an empty name.
  const operationName = read('operationName') || undefined
  return { query, variables, operationName } as GraphQLParams
}

function parseVariables(variables: unknown): unknown {
  if (typeof variables !== 'string') return variables ?? undefined
  try {
    return JSON.parse(variables || '{}')
  } catch {
    throw badRequest('Variables are invalid JSON.')
  }
}

function badRequest(message: string): ErrorOfGraphQL {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } })
}

function answer({ data, errors }: Result, ResponseClass: typeof Response, statuses: GraphQLStatuses): Response {
  const stated = (errors ?? []).map((error) => httpOf(error, statuses)).find((http) => http !== undefined)
  const status = stated?.status ?? (statuses === 'express-graphql' && data == null ? 500 : 200)
  const headers = { 'content-type': 'application/json; charset=utf-8', ...stated?.headers }
  const body = {
    ...(errors?.length ? { errors: errors.map(formatError) } : {}),
    ...(data === undefined ? {} : { data }),
  }
  return new ResponseClass(JSON.stringify(body), { status, headers })
}

/** Codes of errors in a document, as opposed to errors in a request. */
const CODES_OF_DOCUMENTS = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED']

/** Yoga's status for an error. An error in variables has a status too, but no code. */
function httpOf({ extensions }: ErrorOfGraphQL, statuses: GraphQLStatuses): HttpExtension | undefined {
  const code = extensions['code']
  if (code === undefined || (statuses === 'always-200' && CODES_OF_DOCUMENTS.includes(String(code)))) return undefined
  return extensions['http'] as HttpExtension | undefined
}

/** Leaves `extensions` out, because what real servers put there is not known. */
function formatError({ message, locations, path }: ErrorOfGraphQL) {
  return { message, locations, path }
}
