/** The requests that a fake receives. */
import type { Variables } from '../graphql/client/options.ts'
import { type Operation, readOperation } from '../graphql/document/operation.ts'
import type { TransportRequest } from '../transport/transport.ts'

export interface FakeRequest {
  readonly operation: Operation
  /** As sent in JSON. An upload is a `File` with the sent content. */
  readonly variables: Variables
}

export async function readRequest({ body, headers }: TransportRequest): Promise<FakeRequest> {
  const form = typeof body === 'function' ? await formOf(body(), headers['content-type']!) : undefined
  const {
    query,
    operationName,
    variables = {},
  } = JSON.parse(String(form ? form.get('operations') : body)) as {
    query: string
    operationName?: string
    variables?: Variables
  }
  if (form) placeFiles({ variables }, form)
  return { operation: readOperation(query, operationName), variables }
}

// --- internal ---

async function formOf(body: AsyncIterable<Uint8Array>, type: string): Promise<FormData> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return new Response(Buffer.concat(chunks), { headers: { 'content-type': type } }).formData()
}

/** Puts the files into the variables. The part `map` has their paths, such as `{ "0": ["variables.input.upload"] }`. */
function placeFiles(request: object, form: FormData): void {
  const places = JSON.parse(String(form.get('map'))) as Record<string, string[]>
  for (const [part, paths] of Object.entries(places)) {
    for (const path of paths) {
      const names = path.split('.')
      const last = names.pop()!
      const holder = names.reduce(
        (value, name) => value[name] as Record<string, unknown>,
        request as Record<string, unknown>,
      )
      holder[last] = form.get(part)
    }
  }
}
