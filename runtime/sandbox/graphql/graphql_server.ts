/** The sandbox's WorkflowGen: GraphQL for known callers, and the text of the schema. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Store } from '../data/store.ts'
import { escapeHtml, readBody, sendText } from '../http.ts'
import { identifyCaller, type Trust } from '../identity/bearer.ts'
import { type GraphQLStatuses, workflowGenHttp } from './graphql_http.ts'
import { createSchema, createYoga } from './graphql_library.ts'
import type { Context } from './lookup.ts'
import { createResolvers } from './resolvers.ts'
import { schemaText } from './schema.ts'

/** The largest request body that IIS accepts. */
const MAX_BODY_BYTES = 30_000_000

const GRAPHQL_PATH = '/wfgen/graphql'

export interface Refusal {
  status: number
  html?: boolean | undefined
}

export interface GraphQLServerOptions {
  requests: number
  maxPageSize: number
  nonNullPayloads: boolean
  statuses: GraphQLStatuses
  refusal: Refusal
  /** Whether the schema's text needs no token. */
  openSchema: boolean
}

/** Returns what answers requests. */
export function createGraphQLServer(trust: Trust, options: GraphQLServerOptions) {
  const typeDefs = schemaText(options.nonNullPayloads)
  const resolvers = createResolvers(new Store(options.requests), options.maxPageSize)
  const yoga = createYoga<Context>({
    schema: createSchema({ typeDefs, resolvers: resolvers as never }),
    graphqlEndpoint: GRAPHQL_PATH,
    plugins: [workflowGenHttp(options.statuses)],
    maxRequestBodySize: MAX_BODY_BYTES,
    maskedErrors: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    cors: false,
  })
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asksForSchema = /^[^?]*\/schema\/?(?:\?|$)/i.test(request.url ?? '')
    if (asksForSchema && options.openSchema) return sendText(response, 200, typeDefs)
    const caller = await identifyCaller(request.headers, trust)
    if ('refused' in caller)
      return refuse(response, caller.forbidden ? 403 : options.refusal.status, caller.refused, options)
    if (asksForSchema) return sendText(response, 200, typeDefs)
    const search = await searchOf(request)
    request.url = search === '' ? GRAPHQL_PATH : `${GRAPHQL_PATH}?${search}`
    await yoga(request, response, { actor: caller.actor })
  }
}

// --- internal ---

/** The query string, completed by the JSON body of a GET, which WorkflowGen reads too. */
async function searchOf(request: IncomingMessage): Promise<string> {
  const search = new URLSearchParams(request.url?.split('?').slice(1).join('?'))
  const { 'content-type': type = '', 'content-length': length = '0' } = request.headers
  if (request.method === 'GET' && Number(length) > 0 && /^application\/json\b/i.test(type)) {
    const body: object = Object(JSON.parse((await readBody(request, MAX_BODY_BYTES)).toString('utf8')))
    for (const [name, value] of Object.entries(body)) {
      if (!search.has(name) && value != null)
        search.set(name, typeof value === 'string' ? value : JSON.stringify(value))
    }
  }
  return search.toString()
}

/** Sends a page like those of IIS, with the reason. What a real server answers is not known. */
function refuse(response: ServerResponse, status: number, reason: string, { refusal }: GraphQLServerOptions): void {
  if (status === 401) response.setHeader('www-authenticate', 'Bearer error="invalid_token"')
  const [body, type] =
    refusal.html === false
      ? [JSON.stringify({ error: reason }), 'application/json']
      : [refusalPage(status, reason), 'text/html']
  sendText(response, status, body, type)
}

function refusalPage(status: number, reason: string): string {
  const title = `${status} - ${status === 403 ? 'Forbidden' : 'Unauthorized'}: Access is denied.`
  return `<!DOCTYPE html>
<html><head><title>${title}</title></head>
<body><h1>${title}</h1><p>${escapeHtml(reason)}</p></body></html>
`
}
