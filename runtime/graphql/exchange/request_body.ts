/** Encodes an operation as the body of an HTTP request (GraphQL over HTTP). */
import { randomUUID } from 'node:crypto'
import type { TransportRequest } from '../../transport/transport.ts'
import type { Variables } from '../client/options.ts'
import type { Operation } from '../document/operation.ts'
import { multipartBody, takeUploads } from './multipart.ts'

export interface EncodedRequest {
  readonly headers: Record<string, string>
  readonly body: TransportRequest['body']
}

/** Both media types, because some servers know only the older one. */
const ACCEPT = 'application/graphql-response+json, application/json;q=0.9'

export function encodeRequest(operation: Operation, given: Variables | undefined): EncodedRequest {
  const { uploads, variables } = takeUploads(given ?? {})
  const request = JSON.stringify({
    query: operation.source,
    ...(Object.keys(variables).length > 0 ? { variables } : {}),
    ...(operation.name === undefined ? {} : { operationName: operation.name }),
  })
  const common = { accept: ACCEPT, 'user-agent': 'wfg-scripts' }
  if (uploads.length === 0) return { headers: { ...common, 'content-type': 'application/json' }, body: request }
  const boundary = `wfg-${randomUUID()}`
  return {
    headers: {
      ...common,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      // Servers with protection against cross-site requests refuse multipart without it.
      'apollo-require-preflight': 'true',
    },
    body: multipartBody(request, uploads, boundary),
  }
}
