import { NOTICEABLE_SKEW_MS } from '../auth/clock_skew.ts'
import { type Finding, type Step, warning } from './step.ts'

/** Checks that this computer's clock agrees with the servers'. With a wrong clock, tokens expire early or are refused. */
export const clock: Step = {
  name: 'clock',
  async check({ skewsMs }) {
    const [furthest] = [...skewsMs].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    if (!furthest) return { status: 'skipped', detail: 'no server sent the time' }
    return clockFinding(...furthest)
  },
}

/** @param skewMs milliseconds by which the server's clock is ahead */
export function clockFinding(origin: string, skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  if (Math.abs(skewMs) <= NOTICEABLE_SKEW_MS)
    return { status: 'ok', detail: `agrees with the servers' to within ${Math.max(1, seconds)} s` }
  return warning(
    `this computer's clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} that of ${origin}`,
    "Set this computer's clock, best by turning on the system's time synchronisation. With a wrong clock, tokens count as expired, and signatures and certificates are refused.",
  )
}
