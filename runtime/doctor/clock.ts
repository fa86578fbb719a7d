import { NOTICEABLE_SKEW_MS } from '../auth/clock_skew.ts'
import type { Finding, Step } from './step.ts'

/** Whether this computer's clock agrees with the servers'. Wrong ones make tokens expire early, or be refused. */
export const clock: Step = {
  name: 'clock',
  async examine({ skewsMs }) {
    const [furthest] = [...skewsMs].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    if (!furthest) return { status: 'skipped', detail: 'no server said what its clock shows' }
    return clockFinding(...furthest)
  },
}

/** @param skewMs milliseconds by which the server's clock is ahead */
export function clockFinding(origin: string, skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  if (Math.abs(skewMs) <= NOTICEABLE_SKEW_MS)
    return { status: 'ok', detail: `agrees with the servers' to within ${Math.max(1, seconds)} s` }
  return {
    status: 'warning',
    detail: `this computer's clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} that of ${origin}`,
    remedy:
      "Set this computer's clock, best by the system's time synchronisation: by a wrong one tokens are taken for expired, and signatures and certificates are refused.",
  }
}
