/** The differences between the token endpoints of Auth0 and of oidc-provider: requests and error responses. */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { readBody } from '../http.ts'

/** An API identifier can be any text, but a resource indicator (RFC 8707) must be an absolute URI. */
const RESOURCE_PREFIX = 'urn:audience:'
const MAX_BODY_BYTES = 56 * 1024

/** Returns the request as oidc-provider reads it: form-encoded, with `resource` instead of `audience`. */
export async function readTokenRequest(request: IncomingMessage): Promise<IncomingMessage> {
  const body = await readBody(request, MAX_BODY_BYTES)
  const parameters = parseParameters(body.toString('utf8'), request.headers['content-type'] ?? '')
  const audience = parameters.get('audience')
  parameters.delete('audience')
  parameters.delete('resource')
  if (audience) parameters.set('resource', RESOURCE_PREFIX + encodeURIComponent(audience))
  const form = Buffer.from(parameters.toString())
  const { 'transfer-encoding': _, ...headers } = request.headers
  headers['content-type'] = 'application/x-www-form-urlencoded'
  headers['content-length'] = String(form.length)
  const { method, url, socket, httpVersion } = request
  const read = Object.assign(Readable.from([form]), { headers, method, url, socket, httpVersion })
  return read as unknown as IncomingMessage
}

/** The API identifier that `resource` stands for. */
export function audienceOf(resource: string): string {
  return decodeURIComponent(resource.slice(RESOURCE_PREFIX.length))
}

/** The error when a client may not use an API. */
export function refuseTarget(description: string): Error {
  return Object.assign(new Error('access_denied'), {
    statusCode: 403,
    expose: true,
    error: 'access_denied',
    error_description: description,
  })
}

/** Middleware that turns error responses into those of Auth0. */
export async function translateError(context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  const body = context.body as { error?: string; error_description?: string } | undefined
  if (body?.error === 'invalid_client') {
    context.status = 401
    context.body = { error: 'access_denied', error_description: 'Unauthorized' }
  } else if (body?.error_description === 'requested grant type is not allowed for this client') {
    context.status = 403
    context.body = {
      error: 'unauthorized_client',
      error_description: `Grant type '${context.oidc.params?.['grant_type']}' not allowed for the client.`,
      error_uri: 'https://auth0.com/docs/clients/client-grant-types',
    }
  }
}

// --- internal ---

function parseParameters(text: string, contentType: string): URLSearchParams {
  if (!/^application\/json\b/i.test(contentType)) return new URLSearchParams(text)
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(parseObject(text))) {
    if (typeof value === 'string') parameters.set(name, value)
  }
  return parameters
}

/** Other text has no parameters, and oidc-provider names the first that is missing. */
function parseObject(text: string): object {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}
