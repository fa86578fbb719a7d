/** The server that a journal belongs to. */
import { createHash } from 'node:crypto'
import { startDeadline } from '../../../core/deadline.ts'
import { TransportError } from '../../../core/errors.ts'
import type { Config } from '../../../settings/config.ts'
import { SANDBOX_PROFILE } from '../../../settings/settings.ts'
import { type NetworkHost, TransportFailure } from '../../../transport/transport.ts'

type ServerHost = Pick<NetworkHost, 'transport' | 'after' | 'monotonicMs'>

/**
 * Returns the name of the server as the journal records it.
 *
 * @throws {TransportError} `WFG_NETWORK` if the sandbox that a command keeps running does not answer
 */
export async function journalServer(
  host: ServerHost,
  { profile, provider, graphqlUrl, timeoutMs }: Pick<Config, 'profile' | 'provider' | 'graphqlUrl' | 'timeoutMs'>,
): Promise<string> {
  const address = `${graphqlUrl.origin}${graphqlUrl.pathname}`
  if (profile === SANDBOX_PROFILE) return `${EMBEDDED}${address}`
  return provider === 'sandbox' ? `sandbox ${await sandboxId(host, graphqlUrl, timeoutMs)} at ${address}` : address
}

/** True for a sandbox that ends with its process, and its data with it. */
export function isEmbedded(server: string): boolean {
  return server.startsWith(EMBEDDED)
}

// --- internal ---

const EMBEDDED = 'embedded sandbox at '
const MAX_BYTES = 64 * 1024

/** Identifies a running sandbox by its key set, whose key id is new at each start. */
async function sandboxId(host: ServerHost, { origin }: URL, timeoutMs: number): Promise<string> {
  const { signal, clear } = startDeadline(host, timeoutMs)
  const url = new URL('/.well-known/jwks.json', origin)
  try {
    const { body } = await host.transport.send({
      ...{ url, method: 'GET', headers: { accept: 'application/json' }, once: false, signal, maxBytes: MAX_BYTES },
    })
    return createHash('sha256').update(body).digest('hex').slice(0, 8)
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error
    throw new TransportError(
      `Cannot use a journal: the sandbox at ${JSON.stringify(origin)} does not answer (${error.reason}). Start it with the command sandbox.`,
      { code: 'WFG_NETWORK' },
    )
  } finally {
    clear()
  }
}
