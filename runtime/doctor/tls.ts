import { clockSkewMs } from '../auth/clock_skew.ts'
import { startDeadline } from '../core/deadline.ts'
import { TransportFailure } from '../transport/transport.ts'
import { targetsOf } from './network.ts'
import { networkRemedy } from './network_remedies.ts'
import { connectionOf, type Patient, placeOf, type Step, type Target } from './step.ts'

/** Whether the servers' certificates are trusted: any answer shows it. What their clocks show is kept. */
export const tls: Step = {
  name: 'TLS',
  async examine(patient) {
    const { config } = connectionOf(patient)
    const targets = targetsOf(config)
    for (const target of targets) {
      const failure = await firstAnswer(patient, target, config.timeoutMs)
      if (!failure) continue
      const { found, remedy } = networkRemedy(`${failure.reason} ${failure.message}`, target.setting)
      return {
        status: 'failed',
        detail: `no answer from ${placeOf(target.url)}: ${found} (${failure.reason})`,
        remedy,
        exitCode: 4,
      }
    }
    const secured = targets.filter(({ url }) => url.protocol === 'https:').map(({ url }) => placeOf(url))
    if (secured.length === 0) return { status: 'skipped', detail: 'not used: the servers are on this computer' }
    return { status: 'ok', detail: `certificate trusted: ${secured.join(', ')}` }
  },
}

// --- internal ---

async function firstAnswer(
  { host, signal, skewsMs }: Patient,
  { url }: Target,
  timeoutMs: number,
): Promise<TransportFailure | undefined> {
  const deadline = startDeadline(host, timeoutMs, [signal])
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
  } finally {
    deadline.clear()
  }
}

const MAX_BYTES = 1024 * 1024
