/** As much of HTTP/1.1 as a test server needs to read requests from a socket: lengths, chunks, and kept connections. */

export interface ParsedRequest {
  method: string
  path: string
  headers: Record<string, string>
  body: string
  bytes: Uint8Array
}

export interface ParserEvents {
  /** The headers of a request are complete; false to read nothing more. */
  head(): boolean
  /** A whole request was read. */
  request(request: ParsedRequest): void
}

export function createParser(events: ParserEvents): { push(chunk: Uint8Array): void } {
  let buffer: Buffer = Buffer.alloc(0)
  let head: { method: string; path: string; headers: Record<string, string>; end: number } | undefined
  return {
    push(chunk) {
      buffer = Buffer.concat([buffer, chunk])
      for (;;) {
        if (!head) {
          const end = buffer.indexOf('\r\n\r\n')
          if (end < 0) return
          head = { ...parseHead(buffer.toString('latin1', 0, end)), end: end + 4 }
          if (!events.head()) return
        }
        const body = readBody(buffer.subarray(head.end), head.headers)
        if (!body) return
        const { method, path, headers, end } = head
        head = undefined
        buffer = buffer.subarray(end + body.length)
        events.request({ method, path, headers, body: body.bytes.toString('utf8'), bytes: body.bytes })
      }
    },
  }
}

/** The gist of a request's or an answer's first lines. */
function parseHead(text: string): { method: string; path: string; headers: Record<string, string> } {
  const [first = '', ...lines] = text.split('\r\n')
  const [method = '', path = ''] = first.split(' ')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  return { method, path, headers }
}

/** The body and how many bytes it took; undefined while it is incomplete. */
function readBody(bytes: Buffer, headers: Record<string, string>): { bytes: Buffer; length: number } | undefined {
  if (headers['transfer-encoding']?.toLowerCase() === 'chunked') return readChunks(bytes)
  const length = Number(headers['content-length'] ?? 0)
  return bytes.length < length ? undefined : { bytes: bytes.subarray(0, length), length }
}

function readChunks(bytes: Buffer): { bytes: Buffer; length: number } | undefined {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const start = lineEnd + 2
    if (bytes.length < start + size + 2) return undefined
    if (size === 0) return { bytes: Buffer.concat(parts), length: start + 2 }
    parts.push(bytes.subarray(start, start + size))
    at = start + size + 2
  }
}
