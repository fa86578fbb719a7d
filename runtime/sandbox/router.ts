/** Passes each request to the server of its path. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { frontPage } from './front_page.ts'
import { PAGE_TOKEN_LIFETIME_SECONDS, sendGraphiQL, wantsGraphiQL } from './graphql/graphiql.ts'
import type { GraphQLServerOptions } from './graphql/graphql_server.ts'
import { sendText } from './http.ts'
import { APPLICATIONS } from './identity/applications.ts'
import { createAuthorizationServer } from './identity/authorization_server.ts'
import { JWKS_PATH, TOKEN_ENDPOINT } from './identity/provider_configuration.ts'

const DISCOVERY_PATH = '/.well-known/openid-configuration'
/** The path of RFC 8414, with the same document. */
const METADATA_PATH = '/.well-known/oauth-authorization-server'

export type Router = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

/**
 * Creates both servers, and loads their packages.
 *
 * @param issuer with a slash at the end
 * @param settings what the front page shows
 */
export async function createRouter(
  issuer: string,
  tokenLifetimeSeconds: number,
  settings: Readonly<Record<string, string>>,
  graphql: GraphQLServerOptions,
): Promise<Router> {
  const [authorizationServer, { createGraphQLServer }] = await Promise.all([
    createAuthorizationServer(issuer, tokenLifetimeSeconds),
    import('./graphql/graphql_server.ts'),
  ])
  const answerGraphQL = createGraphQLServer(authorizationServer.trust, graphql)
  const issueToken = () =>
    authorizationServer.issueToken(APPLICATIONS.scripts, Math.min(PAGE_TOKEN_LIFETIME_SECONDS, tokenLifetimeSeconds))

  return (request, response) => {
    const { method } = request
    if (request.url === METADATA_PATH) request.url = DISCOVERY_PATH
    const path = (request.url ?? '/').split('?')[0]!
    if (method === 'POST' ? path === TOKEN_ENDPOINT : path === DISCOVERY_PATH || path === JWKS_PATH) {
      return authorizationServer.handle(request, response)
    }
    // IIS ignores the case of paths.
    if (/^\/wfgen\/graphql\/?$/i.test(path) && wantsGraphiQL(request)) {
      return sendGraphiQL(request, response, issueToken)
    }
    if (/^\/wfgen\/graphql(?:\/schema)?\/?$/i.test(path)) return answerGraphQL(request, response)
    if (path === '/') return sendText(response, 200, frontPage(settings, graphql.requests), 'text/html')
    sendText(response, 404, 'Not found.')
  }
}
