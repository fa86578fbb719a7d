/**
 * Writes uploads as multipart/form-data, as a stream, by the GraphQL multipart request specification.
 *
 * @see https://github.com/jaydenseric/graphql-multipart-request-spec
 */
import { TransportFailure } from '../../transport/transport.ts'
import type { Variables } from '../client/options.ts'
import { isUpload, type Upload } from '../document/file.ts'

export interface FoundUpload {
  /** Its path, such as `variables.input.parameters.0.fileValue.upload`. */
  readonly path: string
  readonly upload: Upload
}

/**
 * Returns the uploads in the variables, and the variables with null in their places.
 *
 * @throws {TypeError} with the path of a value that JSON does not have, or turns into null
 */
export function takeUploads(variables: Variables): { uploads: FoundUpload[]; variables: Variables } {
  const uploads: FoundUpload[] = []
  const take = (value: unknown, path: string, parents: readonly object[]): unknown => {
    if (isUpload(value)) {
      uploads.push({ path, upload: value })
      return null
    }
    checkValue(value, path)
    // A Date, for example, writes itself.
    if (typeof value !== 'object' || value === null || 'toJSON' in value) return value
    if (parents.includes(value)) throw cannotSend(path, 'it contains itself')
    const within = [...parents, value]
    if (Array.isArray(value)) {
      // Array.from, because map would skip the holes of a sparse array.
      return Array.from(value, (item, index) => {
        if (item === undefined) throw cannotSend(`${path}.${index}`, 'it is undefined')
        return take(item, `${path}.${index}`, within)
      })
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, take(item, `${path}.${key}`, within)]))
  }
  return { variables: take(variables, 'variables', []) as Variables, uploads }
}

/**
 * Returns a function that opens the body from its start. All files are opened before the first byte is sent, because a
 * server may execute the mutation before the files have arrived.
 */
export function multipartBody(operations: string, uploads: readonly FoundUpload[], boundary: string) {
  const map = JSON.stringify(Object.fromEntries(uploads.map(({ path }, index) => [String(index), [path]])))
  return async function* body(): AsyncGenerator<Uint8Array> {
    const streams = uploads.map(({ upload }) => upload.stream())
    yield encode(`${field(boundary, 'operations')}${operations}\r\n${field(boundary, 'map')}${map}\r\n`)
    for (const [index, { upload }] of uploads.entries()) {
      yield encode(fileField(boundary, String(index), upload))
      yield* contentOf(upload, streams[index]!)
      yield encode('\r\n')
    }
    yield encode(`--${boundary}--\r\n`)
  }
}

// --- internal ---

function checkValue(value: unknown, path: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw cannotSend(path, 'it is not a finite number')
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') {
    throw cannotSend(path, `it is a ${typeof value}`)
  }
  if (value instanceof Date && Number.isNaN(value.getTime())) throw cannotSend(path, 'it is an invalid Date')
}

function cannotSend(path: string, found: string): TypeError {
  return new TypeError(`Cannot send ${path}: ${found}; expected a JSON value or a file.`)
}

/** @throws {TransportFailure} if the file changes while it is sent, which leaves the request incomplete */
async function* contentOf(upload: Upload, stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sent = 0
  try {
    for await (const chunk of stream) {
      sent += chunk.length
      yield chunk
    }
  } catch (error) {
    const { code } = error as { code?: unknown }
    throw incomplete(upload, `could not be read to its end${typeof code === 'string' ? ` (${code})` : ''}`)
  }
  if (sent < upload.size) throw incomplete(upload, `had only ${sent} of its ${upload.size} bytes`)
}

function incomplete({ name = 'the blob' }: Upload, found: string): TransportFailure {
  const message = `the file ${JSON.stringify(name)} ${found}, so the request was left incomplete`
  return new TransportFailure('exchange', 'UPLOAD_INCOMPLETE', message)
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function field(boundary: string, name: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`
}

function fileField(boundary: string, name: string, { name: fileName = 'blob', type }: Upload): string {
  const disposition = `Content-Disposition: form-data; name="${name}"; filename="${quoted(fileName)}"`
  return `--${boundary}\r\n${disposition}\r\nContent-Type: ${type.replace(/[\r\n]/g, '') || 'application/octet-stream'}\r\n\r\n`
}

/** Escapes the name like browsers do (WHATWG HTML, multipart/form-data encoding algorithm). */
function quoted(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
}
