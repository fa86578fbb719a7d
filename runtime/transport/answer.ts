import { TransportFailure } from './transport.ts'

/**
 * Reads a body whole.
 *
 * @throws {TransportFailure} reason `TOO_LARGE` when it is longer than `maxBytes`
 */
export async function readAll(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > maxBytes) {
      throw new TransportFailure('exchange', 'TOO_LARGE', `the answer is larger than ${maxBytes} bytes`)
    }
    parts.push(chunk)
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, length)
}
