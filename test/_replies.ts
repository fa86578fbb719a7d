/** Answers that real servers give instead of the GraphQL one that is expected. */
import { gzipSync } from 'node:zlib'
import type { Reply } from './_server.ts'

/** An error or login page. */
export function htmlPage(status = 502, text = 'Bad Gateway'): Reply {
  const body = `<!DOCTYPE html>\n<html><head><title>${text}</title></head><body><h1>${text}</h1></body></html>\n`
  return { status, headers: { 'content-type': 'text/html' }, body }
}

/** JSON that ends in its middle, with the length that it says. */
export function halfJson(value: unknown): Reply {
  const json = JSON.stringify(value)
  return { headers: { 'content-type': 'application/json' }, body: json.slice(0, json.length >> 1) }
}

export function redirectTo(location: string, status = 302): Reply {
  return { status, headers: { location }, body: '' }
}

/** `value` as JSON, compressed. */
export function gzipped(value: unknown): Reply {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  return { headers, body: gzipSync(JSON.stringify(value)) }
}

/** Valid JSON of at least `bytes` bytes. */
export function hugeBody(bytes: number): Reply {
  return { body: { data: { filler: 'x'.repeat(bytes) } } }
}
