/** The host of this process with the transport that suits its runtime. */
import { credentialsIn } from '../core/redact.ts'
import { type Host, systemHost } from '../host/host.ts'
import type { DenoHttp } from './fetch.ts'
import type { NetworkHost, Transport } from './transport.ts'

let made: NetworkHost | undefined

/**
 * The host with a transport that opens with the first request. Opening it reads the environment, which Deno may not
 * allow, and many processes send no request.
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
 * Node does not use the global `fetch`: loading it takes longer than all the work of a short process. Deno and Bun do not
 * use it through a proxy. Deno's `fetch` sends the proxy's password to the server behind it. Bun's sends requests to this
 * computer through the proxy, and does not tell a refusal of the proxy from one of the server.
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
  // A script may have set them after the start.
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
