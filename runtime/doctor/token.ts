import { NOTICEABLE_SKEW_MS } from '../auth/clock_skew.ts'
import { createSharedToken } from '../auth/shared_token.ts'
import { requestAccessToken } from '../auth/token_request.ts'
import { spanText } from '../core/time_text.ts'
import { clockFinding } from './clock.ts'
import { connectionOf, providerUrl, type Step, withDeadline } from './step.ts'

/** Requests a new token: a kept one may be older than a change at the identity provider. */
export const token: Step = {
  name: 'token',
  async check(context) {
    const { host, skewsMs } = context
    const { config } = connectionOf(context)
    const shared = createSharedToken(host, config, () => {})
    const issued = await withDeadline(context, config.timeoutMs, (deadline) =>
      shared.singleFlight(
        deadline,
        () => undefined,
        async () => {
          const requestedAtMs = host.nowMs()
          const fresh = await requestAccessToken(host, config, deadline)
          shared.save(fresh, requestedAtMs)
          return fresh
        },
      ),
    )
    context.token = issued.value
    const { lifetimeSeconds, clockSkewMs = 0 } = issued
    const detail =
      lifetimeSeconds === undefined ? 'issued without a lifetime' : `issued for ${spanText(lifetimeSeconds)}`
    // The step "clock" has reported a difference already.
    const isReported = [...skewsMs.values()].some(isNoticeable)
    if (isReported || !isNoticeable(clockSkewMs)) return { status: 'ok', detail }
    const { origin } = providerUrl(config)
    skewsMs.set(origin, clockSkewMs)
    const finding = clockFinding(origin, clockSkewMs)
    return { ...finding, detail: `${detail}; ${finding.detail}` }
  },
}

function isNoticeable(skewMs: number): boolean {
  return Math.abs(skewMs) > NOTICEABLE_SKEW_MS
}
