/** Collects the body of a response, up to a limit. */
import { TransportFailure } from './transport.ts'

/** The chunks received so far. */
export interface Parts {
  /** @throws {TransportFailure} reason `TOO_LARGE` if the body is larger than allowed */
  add(chunk: Uint8Array): void
  joined(): Uint8Array
}

export function createParts(maxBytes: number): Parts {
  const parts: Uint8Array[] = []
  let length = 0
  return {
    add(chunk) {
      length += chunk.length
      if (length > maxBytes) {
        throw new TransportFailure('exchange', 'TOO_LARGE', `the answer is larger than ${maxBytes} bytes`)
      }
      parts.push(chunk)
    },
    joined: () => (parts.length === 1 ? parts[0]! : Buffer.concat(parts, length)),
  }
}

/**
 * Reads the whole body.
 *
 * @throws {TransportFailure} reason `TOO_LARGE` if it is larger than `maxBytes`
 */
export async function readAll(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const parts = createParts(maxBytes)
  for await (const chunk of chunks) parts.add(chunk)
  return parts.joined()
}
