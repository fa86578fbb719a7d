/** Reads a response by its content, because an HTML page may come with status 200. */
import type { GraphQLErrorEntry } from '../../core/errors.ts'
import type { TransportResponse } from '../../transport/transport.ts'
import { maskTexts } from '../client/masking.ts'

/** An execution result or a request error result (GraphQL spec section 7.1). */
export interface GraphQLAnswer {
  readonly kind: 'graphql'
  readonly status: number
  /** True if the key `data` exists. Without it nothing was executed. */
  readonly hasData: boolean
  readonly data: unknown
  readonly errors: readonly GraphQLErrorEntry[] | undefined
  readonly extensions: Readonly<Record<string, unknown>> | undefined
  readonly requestId: string | undefined
}

/** Any other response: a proxy's page, a login page, cut-off JSON. */
export interface ForeignAnswer {
  readonly kind: 'foreign'
  readonly status: number
  /** Describes the response in a few words. */
  readonly summary: string
  /** True if it is not a page and has the key `data` somewhere, so that something may have been executed. */
  readonly mentionsData: boolean
  /** True for incomplete JSON with status 2xx. */
  readonly isCut: boolean
  readonly requestId: string | undefined
}

export type Answer = GraphQLAnswer | ForeignAnswer

/** @param redact masks secrets outside of `data`, because servers may repeat request headers */
export function readAnswer(response: TransportResponse, redact: (text: string) => string): Answer {
  const { status, headers } = response
  const clean = <T>(value: T): T => maskTexts(value, redact) as T
  const requestId = clean(headers['x-request-id'] ?? headers['request-id'] ?? headers['x-correlation-id'])
  const text = new TextDecoder().decode(response.body)
  const body = parseJson(text)
  const errors = isObject(body) ? clean(readErrors(body)) : undefined
  if (isObject(body) && ('data' in body || errors)) {
    return {
      kind: 'graphql',
      status,
      hasData: 'data' in body,
      data: body['data'] ?? null,
      errors,
      extensions: isObject(body['extensions']) ? clean(body['extensions']) : undefined,
      requestId,
    }
  }
  return {
    kind: 'foreign',
    status,
    summary: redact(summaryOf(response, text, body)),
    mentionsData: !/^\s*</.test(text) && /"data"\s*:/.test(text),
    isCut: status >= 200 && status < 300 && response.body.length > 0 && body === undefined && saysJson(response),
    requestId,
  }
}

// --- internal ---

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Also reads errors in a form that is not in the specification. */
function readErrors(body: Record<string, unknown>): GraphQLErrorEntry[] | undefined {
  const { errors } = body
  if (errors === undefined || errors === null) return undefined
  if (Array.isArray(errors)) return errors.length > 0 ? errors.map(readError) : undefined
  return 'data' in body ? [readError(errors)] : undefined
}

function readError(error: unknown): GraphQLErrorEntry {
  if (isObject(error) && typeof error['message'] === 'string') {
    const { path, message, ...rest } = error
    return { ...rest, message, ...(isPath(path) ? { path } : {}) } as GraphQLErrorEntry
  }
  return { message: typeof error === 'string' ? error : 'an error without a message' }
}

function isPath(path: unknown): path is (string | number)[] {
  return Array.isArray(path) && path.every((step) => typeof step === 'string' || typeof step === 'number')
}

function saysJson({ headers }: TransportResponse): boolean {
  return /\bjson\b/i.test(headers['content-type']?.split(';')[0] ?? '')
}

function summaryOf({ status, headers, body }: TransportResponse, text: string, json: unknown): string {
  if (status >= 300 && status < 400)
    return `${status}, a redirect${originOf(headers['location'])}, which is not followed`
  if (body.length === 0) return `${status} with an empty body`
  if (/^\s*(<!doctype html|<html)/i.test(text) || /\bhtml\b/i.test(headers['content-type'] ?? '')) {
    const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1]?.replace(/\s+/g, ' ').trim().slice(0, 100)
    return `${status} with an HTML page${title ? ` titled ${JSON.stringify(title)}` : ''}`
  }
  if (json !== undefined) return `${status} with JSON that is not a GraphQL response`
  const type = headers['content-type']?.split(';')[0]?.trim()
  if (/\bjson\b/i.test(type ?? ''))
    return `${status} with JSON that cannot be read (${body.length} bytes; it may be cut off)`
  return `${status} with ${type || 'an answer of no stated type'} (${body.length} bytes)`
}

/** Returns only the origin, because the address of a login page may contain secrets. */
function originOf(location: string | undefined): string {
  return location && URL.canParse(location) ? ` to ${new URL(location).origin}` : ''
}
