/** Reading and answering HTTP requests, for both servers. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** @throws {RangeError} if the body has more than `maxBytes` */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > maxBytes) throw new RangeError(`Cannot read the request body: it has more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

export function sendText(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  const body = Buffer.from(text)
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'content-length': body.length })
  response.end(body)
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Responds to a request after an error. */
export function sendFailure(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy()
  else if (error instanceof RangeError) sendText(response, 413, 'Request entity too large.')
  else if (error instanceof SyntaxError) sendText(response, 400, 'The body is not JSON.')
  else sendText(response, 500, 'The sandbox could not answer this request.')
}
