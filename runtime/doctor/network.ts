import type { Config } from '../settings/config.ts'
import { type HttpProxy, proxyFor } from '../transport/proxy.ts'
import { networkRemedy } from './network_remedies.ts'
import { reach, Unreachable } from './reach.ts'
import {
  connectionOf,
  type Finding,
  failed,
  hostAndPort,
  providerUrl,
  type Step,
  type Target,
  withDeadline,
} from './step.ts'

/** Checks that the servers' names resolve and that they accept connections. */
export const network: Step = {
  name: 'network',
  async check(context) {
    const { host, signal } = context
    const { config } = connectionOf(context)
    const reached: string[] = []
    for (const target of targetsOf(config)) {
      const proxy = proxyFor(target.url, host.env)
      const timeoutMs = Math.min(config.timeoutMs, MAX_WAIT_MS)
      try {
        const address = await withDeadline(context, timeoutMs, (deadline) => reach(target.url, proxy, deadline.signal))
        reached.push(
          `${hostAndPort(target.url)} ${proxy ? `through the proxy ${hostAndPort(proxy.url)}` : `(${address})`}`,
        )
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof Unreachable)) throw error
        return unreachable(target, proxy, error.reason)
      }
    }
    return { status: 'ok', detail: `reached ${reached.join(' and ')}` }
  },
}

/** The identity provider's server and WorkflowGen's. One target if they are the same server. */
export function targetsOf(config: Config): Target[] {
  const provider: Target = {
    url: providerUrl(config),
    setting: config.tokenEndpoint ? 'WFG_TOKEN_ENDPOINT' : 'WFG_ISSUER',
  }
  const server: Target = { url: config.graphqlUrl, setting: 'WFG_GRAPHQL_URL' }
  return provider.url.origin === server.url.origin ? [server] : [provider, server]
}

// --- internal ---

/** Time, in ms, for a server to accept a connection. */
const MAX_WAIT_MS = 10_000

function unreachable({ url, setting }: Target, proxy: HttpProxy | undefined, reason: string): Finding {
  const isProxy = proxy !== undefined && !reason.startsWith('PROXY_')
  const place = isProxy ? `the proxy ${hostAndPort(proxy.url)}` : hostAndPort(url)
  const { found, remedy } = networkRemedy(reason, isProxy ? proxy.variable : setting)
  const through = proxy && !isProxy ? ` through the proxy ${hostAndPort(proxy.url)}` : ''
  return failed(4, `cannot connect to ${place}${through}: ${found} (${reason})`, remedy)
}
