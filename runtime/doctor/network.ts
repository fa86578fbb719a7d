import { startDeadline } from '../core/deadline.ts'
import type { Config } from '../settings/config.ts'
import { type HttpProxy, proxyFor } from '../transport/proxy.ts'
import { networkRemedy } from './network_remedies.ts'
import { reach, Unreachable } from './reach.ts'
import { connectionOf, type Finding, placeOf, providerUrl, type Step, type Target } from './step.ts'

/** Whether the names are found and the servers can be connected to. */
export const network: Step = {
  name: 'network',
  async examine(patient) {
    const { host, signal } = patient
    const { config } = connectionOf(patient)
    const reached: string[] = []
    for (const target of targetsOf(config)) {
      const proxy = proxyFor(target.url, host.env)
      const deadline = startDeadline(host, Math.min(config.timeoutMs, MAX_WAIT_MS), [signal])
      try {
        const address = await reach(target.url, proxy, deadline.signal)
        reached.push(`${placeOf(target.url)} ${proxy ? `by the proxy ${placeOf(proxy.url)}` : `(${address})`}`)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof Unreachable)) throw error
        return unreachable(target, proxy, error.reason)
      } finally {
        deadline.clear()
      }
    }
    return { status: 'ok', detail: `reached ${reached.join(' and ')}` }
  },
}

/** The identity provider's server and WorkflowGen's; one where they are the same. */
export function targetsOf(config: Config): Target[] {
  const provider: Target = {
    url: providerUrl(config),
    setting: config.tokenEndpoint ? 'WFG_TOKEN_ENDPOINT' : 'WFG_ISSUER',
  }
  const server: Target = { url: config.graphqlUrl, setting: 'WFG_GRAPHQL_URL' }
  return provider.url.origin === server.url.origin ? [server] : [provider, server]
}

// --- internal ---

/** A server that takes longer to accept a connection is as good as none. */
const MAX_WAIT_MS = 10_000

function unreachable({ url, setting }: Target, proxy: HttpProxy | undefined, reason: string): Finding {
  const atProxy = proxy !== undefined && !reason.startsWith('PROXY_')
  const place = atProxy ? `the proxy ${placeOf(proxy.url)}` : placeOf(url)
  const { found, remedy } = networkRemedy(reason, atProxy ? proxy.variable : setting)
  const by = proxy && !atProxy ? ` by the proxy ${placeOf(proxy.url)}` : ''
  return {
    status: 'failed',
    detail: `cannot connect to ${place}${by}: ${found} (${reason})`,
    remedy,
    exitCode: 4,
  }
}
