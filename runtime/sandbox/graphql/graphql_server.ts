/** The sandbox's WorkflowGen: GraphQL for known callers, and the schema's text. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createStore } from '../data/store.ts'
import { escapeHtml, readBody, sendText } from '../http.ts'
import { identifyCaller, type Trust } from '../identity/bearer.ts'
import { type GraphQLStatuses, workflowGenHttp } from './graphql_http.ts'
import { createSchema, createYoga } from './graphql_library.ts'
import type { Context } from './lookup.ts'
import { createResolvers } from './resolvers.ts'
import { schemaText } from './schema.ts'

/** Largest request body that IIS lets through. */
const MAX_BODY_BYTES = 30_000_000

export const GRAPHQL_PATH = '/wfgen/graphql'

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
  /** Whether the schema's text is for everybody. */
  openSchema: boolean
}

export interface GraphQLServer {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export function createGraphQLServer(trust: Trust, options: GraphQLServerOptions): GraphQLServer {
  const typeDefs = schemaText(options.nonNullPayloads)
  const resolvers = createResolvers(createStore(options.requests), options.maxPageSize)
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
  return {
    async handle(request, response) {
      const asksForSchema = isSchemaPath(request.url ?? '')
      if (asksForSchema && options.openSchema) return sendText(response, 200, typeDefs)
      const caller = await identifyCaller(request.headers, trust)
      if ('refused' in caller)
        return refuse(response, caller.forbidden ? 403 : options.refusal.status, caller.refused, options)
      if (asksForSchema) return sendText(response, 200, typeDefs)
      const search = await searchOf(request)
      request.url = search === '' ? GRAPHQL_PATH : `${GRAPHQL_PATH}?${search}`
      await yoga(request, response, { actor: caller.actor })
    },
  }
}

// --- internal ---

function isSchemaPath(url: string): boolean {
  return /^[^?]*\/schema\/?(?:\?|$)/i.test(url)
}

/** The query string; a GET's JSON body adds what is not in it, as WorkflowGen reads that too. */
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

/** What a real server answers here is not known. The page is like those of IIS, and says the reason as they do not. */
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
