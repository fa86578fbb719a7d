/**
 * GraphiQL, whole in one page: nothing is loaded from elsewhere. The page asks with a token that the sandbox's own
 * identity provider issued for it, so it is given only to a browser that came to a loopback address.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendText } from '../http.ts'

/** After that, loading the page again gives a new token. */
export const PAGE_TOKEN_LIFETIME_SECONDS = 3600

const FIRST_QUERY = `# The sandbox of wfg: invented data, in the shape of the WorkflowGen GraphQL API as far as it is known.
# This page asks as john_smith, with a token for one hour that the sandbox issued; reload it for another.

query PendingActions {
  viewer { userName }
  actions(page: { number: 1, size: 10 }, filter: { status: OPEN }) {
    totalCount
    items { name openedAt assignee { userName } request { number description } }
  }
}
`

/** The page only talks to where it came from; its scripts and styles are inside it. */
const POLICY = "default-src 'self' blob: data: 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'none'"

/** Whether a browser asks for the page, rather than a program for an answer. */
export function wantsGraphiQL({ method, url, headers }: IncomingMessage): boolean {
  const types = headers.accept ?? ''
  const html = types.indexOf('text/html')
  const json = types.indexOf('application/json')
  const raw = new URLSearchParams(url?.split('?')[1]).has('raw')
  return method === 'GET' && !raw && html >= 0 && (json < 0 || html < json)
}

/** Sends the page. `issueToken` is asked only when the page may have one. */
export async function sendGraphiQL(
  request: IncomingMessage,
  response: ServerResponse,
  issueToken: () => Promise<string>,
): Promise<void> {
  // Another name that leads to this address may be a foreign page's trick to read the token.
  if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(request.headers.host ?? '')) {
    return sendText(response, 403, 'GraphiQL of the sandbox is at 127.0.0.1 only.\n')
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
