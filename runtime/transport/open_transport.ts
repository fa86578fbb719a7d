/** The host of this process, with the transport that its runtime does best with. */
import { credentialsIn } from '../core/redact.ts'
import { type Host, systemHost } from '../host/host.ts'
import type { DenoHttp } from './fetch.ts'
import type { NetworkHost, Transport } from './transport.ts'

let made: NetworkHost | undefined

/**
 * The host with a transport that opens with the first request. Many processes send none, and opening it reads the
 * environment, which Deno may not allow.
 */
export function networkHost(): NetworkHost {
  made ??= withTransport(systemHost())
  return made
}

// --- internal ---

function withTransport(host: Host): NetworkHost {
  let opened: Promise<Transport> | undefined
  const transport: Transport = {
    async send(request) {
      opened ??= openTransport(host)
      return (await opened).send(request)
    },
    close: () => void opened?.then((each) => each.close()).catch(() => {}),
  }
  return Object.assign(host, { transport })
}

/**
 * Node's transport avoids the global `fetch`, which takes longer to load than a short process takes for all its work.
 * Deno and Bun use it for proxies too: Deno's `fetch` sends the proxy's password to the server behind the proxy, and
 * Bun's sends requests to this computer through the proxy and does not say that it was the proxy that refused.
 */
async function openTransport({
  env,
  network,
  runtime,
  redactor,
  proxyVariables,
  monotonicMs,
}: Host): Promise<Transport> {
  const proxies = proxyVariables()
  // A script may have set them since.
  for (const name of proxies) for (const value of credentialsIn(env[name] ?? '')) redactor.add(value)
  if (runtime !== 'node' && proxies.length === 0) {
    const { createFetchTransport } = await import('./fetch.ts')
    return createFetchTransport({ fetch: network.fetch, deno: network.deno as DenoHttp | undefined })
  }
  const { createNodeTransport } = await import('./node.ts')
  return createNodeTransport({
    builtin: network.builtin,
    monotonicMs,
    resends: runtime === 'deno',
    // Loaded only if the environment names a proxy.
    proxyFor: proxies.length > 0 ? async (url) => (await import('./proxy.ts')).proxyFor(url, env) : undefined,
  })
}
