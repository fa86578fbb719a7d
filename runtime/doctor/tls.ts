import { clockSkewMs } from '../auth/clock_skew.ts'
import { TransportFailure } from '../transport/transport.ts'
import { targetsOf } from './network.ts'
import { networkRemedy } from './network_remedies.ts'
import { connectionOf, type DoctorContext, failed, hostAndPort, type Step, withDeadline } from './step.ts'

/** Checks that the servers' certificates are trusted, by any response. Records the servers' clocks. */
export const tls: Step = {
  name: 'TLS',
  async check(context) {
    const { config } = connectionOf(context)
    const targets = targetsOf(config)
    for (const { url, setting } of targets) {
      const failure = await request(context, url, config.timeoutMs)
      if (!failure) continue
      const { found, remedy } = networkRemedy(`${failure.reason} ${failure.message}`, setting)
      return failed(4, `no answer from ${hostAndPort(url)}: ${found} (${failure.reason})`, remedy)
    }
    const secured = targets.filter(({ url }) => url.protocol === 'https:').map(({ url }) => hostAndPort(url))
    if (secured.length === 0) return { status: 'skipped', detail: 'not used: the servers are on this computer' }
    return { status: 'ok', detail: `certificate trusted: ${secured.join(', ')}` }
  },
}

// --- internal ---

const MAX_BYTES = 1024 * 1024

/** Returns the failure, if any. */
function request(context: DoctorContext, url: URL, timeoutMs: number): Promise<TransportFailure | undefined> {
  const { host, signal, skewsMs } = context
  return withDeadline(context, timeoutMs, async (deadline) => {
    try {
      const { headers } = await host.transport.send({
        url,
        method: 'GET',
        headers: { accept: '*/*' },
        once: false,
        signal: deadline.signal,
        maxBytes: MAX_BYTES,
      })
      const skewMs = clockSkewMs(headers['date'], host.nowMs())
      if (skewMs !== undefined) skewsMs.set(url.origin, skewMs)
      return undefined
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof TransportFailure)) throw error
      return error.reason === 'TOO_LARGE' ? undefined : error
    }
  })
}
