/** Reads the body of a request to the broker: JSON, or multipart/form-data with files. */
import type { IncomingMessage } from 'node:http'
import { RefusedError } from '../core/errors.ts'
import type { Variables } from '../graphql/client/options.ts'
import type { Host } from '../host/host.ts'

export interface ReadRequest {
  readonly query: unknown
  readonly operationName: unknown
  readonly variables: Variables | undefined
}

const MAX_JSON = 64 * 1024 * 1024
/** Files are kept in memory until they are sent. */
const MAX_FILES = 512 * 1024 * 1024
/** Of all requests at once. */
const MAX_TOGETHER = 1024 * 1024 * 1024
/** Time for a body without files, and for each part of one with files. */
const READ_MS = 30_000

/** @throws {RefusedError} from the returned function, for a body that is too large, too slow, or no single request */
export function createBodyReader(host: Pick<Host, 'after'>): (request: IncomingMessage) => Promise<ReadRequest> {
  let together = 0
  /** Uses events, which cost less than iterating. */
  const bytesOf = (request: IncomingMessage, most: number): Promise<Buffer> => {
    const chunks: Buffer[] = []
    let length = 0
    const expire = () => request.destroy()
    let cancel = host.after(READ_MS, expire, { holds: false })
    const reading = new Promise<void>((resolve, reject) => {
      request.on('data', (chunk: Buffer) => {
        length += chunk.length
        together += chunk.length
        if (length > most || together > MAX_TOGETHER) {
          reject(cannot('its body is too large'))
          return void request.destroy()
        }
        chunks.push(chunk)
        if (most !== MAX_FILES) return
        cancel()
        cancel = host.after(READ_MS, expire, { holds: false })
      })
      request.on('end', resolve)
      request.on('error', reject)
      request.on('close', () => request.complete || reject(cannot('its connection was closed')))
    })
    return reading
      .then(() => Buffer.concat(chunks))
      .finally(() => {
        cancel()
        together -= length
      })
  }
  return async (request) => {
    const type = request.headers['content-type'] ?? ''
    if (/^application\/json\s*(;|$)/i.test(type)) {
      return checked(parse((await bytesOf(request, MAX_JSON)).toString('utf8')))
    }
    if (/^multipart\/form-data\s*;/i.test(type)) return withFiles(await bytesOf(request, MAX_FILES), type)
    throw cannot('its body is neither JSON nor multipart/form-data')
  }
}

// --- internal ---

function cannot(found: string): RefusedError {
  return new RefusedError(`Refused a request of the isolated script: ${found}. Nothing was sent.`)
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    throw cannot('its body is not JSON')
  }
}

/** A list of requests is refused. Members that are not named here are not sent. */
function checked(body: unknown): ReadRequest {
  if (!isRecord(body)) throw cannot('its body is not one request')
  const { query, operationName, variables } = body
  if (variables !== undefined && variables !== null && !isRecord(variables)) throw cannot('its variables are no object')
  return { query, operationName: operationName ?? undefined, variables: variables ?? undefined }
}

/** Puts the files in the places of the variables that the part `map` names. */
async function withFiles(bytes: Buffer, type: string): Promise<ReadRequest> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData().catch(() => {
    throw cannot('its form cannot be read')
  })
  const [operations, ...more] = form.getAll('operations')
  if (more.length > 0) throw cannot('its form has several requests')
  const request = checked(parse(operations))
  const map = parse(form.get('map'))
  if (!isRecord(map)) throw cannot('its form has no map of the files')
  for (const [name, paths] of Object.entries(map)) {
    const file = form.get(name)
    if (!(file instanceof Blob) || !Array.isArray(paths)) throw cannot('its form lacks a file')
    for (const path of paths) place(request, String(path).split('.'), file)
  }
  return request
}

function place(root: object, steps: readonly string[], file: Blob): void {
  const [last, ...before] = [...steps].reverse()
  let at: unknown = root
  for (const step of before.reverse()) at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined
  if (steps[0] !== 'variables' || !isObject(at) || last === undefined || !Object.hasOwn(at, last))
    throw cannot('its map of the files names a place that does not exist')
  at[last] = file
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value)
}
