import { NOTICEABLE_SKEW_MS } from '../auth/clock_skew.ts'
import { createSharedToken } from '../auth/shared_token.ts'
import { requestAccessToken } from '../auth/token_request.ts'
import { startDeadline } from '../core/deadline.ts'
import { clockFinding } from './clock.ts'
import { connectionOf, providerUrl, type Step } from './step.ts'

/** Whether the identity provider gives a token now; one that is kept may be older than what was changed there. */
export const token: Step = {
  name: 'token',
  async examine(patient) {
    const { host, signal, skewsMs } = patient
    const { config } = connectionOf(patient)
    const shared = createSharedToken(host, config, () => {})
    const deadline = startDeadline(host, config.timeoutMs, [signal])
    try {
      const issued = await shared.singleFlight(
        deadline,
        () => undefined,
        async () => {
          const requestedAtMs = host.nowMs()
          const fresh = await requestAccessToken(host, config, deadline)
          shared.save(fresh, requestedAtMs)
          return fresh
        },
      )
      patient.token = issued.value
      const { lifetimeSeconds, clockSkewMs = 0 } = issued
      const life =
        lifetimeSeconds === undefined ? 'without saying for how long' : `for ${durationText(lifetimeSeconds)}`
      const detail = `issued ${life}`
      const isTold = [...skewsMs.values()].some(isNoticeable)
      if (isTold || !isNoticeable(clockSkewMs)) return { status: 'ok', detail }
      const { origin } = providerUrl(config)
      skewsMs.set(origin, clockSkewMs)
      const warning = clockFinding(origin, clockSkewMs)
      return { ...warning, detail: `${detail}; ${warning.detail}` }
    } finally {
      deadline.clear()
    }
  },
}

/** Such a one was told by the step "clock". */
function isNoticeable(skewMs: number): boolean {
  return Math.abs(skewMs) > NOTICEABLE_SKEW_MS
}

export function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 360) / 10} h`
}
