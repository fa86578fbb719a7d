/**
 * GraphiQL in one page, which loads nothing from elsewhere. The page contains an access token, so it is sent only to a
 * loopback address.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendText } from '../http.ts'

/** Loading the page again gives a new token. */
export const PAGE_TOKEN_LIFETIME_SECONDS = 3600

const FIRST_QUERY = `# The sandbox of wfg: invented data, served by what is publicly known of the WorkflowGen GraphQL API.
# This page acts as john_smith, with a token that is valid for one hour. Reload the page to get another one.

query PendingActions {
  viewer { userName }
  actions(page: { number: 1, size: 10 }, filter: { status: OPEN }) {
    totalCount
    items { name openedAt assignee { userName } request { number description } }
  }
}
`

/** The page connects only to its own server, and its scripts and styles are inline. */
const POLICY = "default-src 'self' blob: data: 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'none'"

/** True for a browser that asks for a page, false for a program that asks for an answer. */
export function wantsGraphiQL({ method, url, headers }: IncomingMessage): boolean {
  const types = headers.accept ?? ''
  const html = types.indexOf('text/html')
  const json = types.indexOf('application/json')
  const raw = new URLSearchParams(url?.split('?')[1]).has('raw')
  return method === 'GET' && !raw && html >= 0 && (json < 0 || html < json)
}

export async function sendGraphiQL(
  request: IncomingMessage,
  response: ServerResponse,
  issueToken: () => Promise<string>,
): Promise<void> {
  // A foreign page could reach this address by another name (DNS rebinding) and read the token.
  if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(request.headers.host ?? '')) {
    return sendText(response, 403, 'GraphiQL is served only at 127.0.0.1.\n')
  }
  const [{ renderGraphiQL }, token] = await Promise.all([import('@graphql-yoga/render-graphiql'), issueToken()])
  const page = renderGraphiQL({
    title: 'WorkflowGen (sandbox)',
    defaultQuery: FIRST_QUERY,
    additionalHeaders: { authorization: `Bearer ${token}` },
  })
  response.setHeader('cache-control', 'no-store')
  response.setHeader('content-security-policy', POLICY)
  sendText(response, 200, page, 'text/html')
}
