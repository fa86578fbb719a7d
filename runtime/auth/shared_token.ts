/** The access token that the processes of one user share: its file, the lock around its request, and the count. */
import { dirname } from 'node:path'
import type { Deadline } from '../core/deadline.ts'
import { quotedPath } from '../core/visible.ts'
import type { Host } from '../host/host.ts'
import { fileProblem, makePrivateFolder } from '../host/private_file.ts'
import type { LockHost } from '../host/process_lock.ts'
import { planTokenRequest } from '../providers/providers.ts'
import type { Config } from '../settings/config.ts'
import { tokenCacheMode, tokenPath } from './token_cache.ts'
import { createTokenCount } from './token_count.ts'
import { createTokenFile, type SavedToken } from './token_file.ts'
import type { IssuedToken, TokenEndpoint } from './token_request.ts'

export type SharedTokenHost = LockHost & Pick<Host, 'env' | 'platform' | 'userId' | 'monotonicMs' | 'sleep'>

export interface SharedToken {
  /** Returns the token that a process saved. It may have expired. */
  read(): SavedToken | undefined
  /**
   * Runs `work`, or waits for another process that runs it and returns the result that `look` finds.
   *
   * @param patienceMs time that the caller has; default: the deadline's
   */
  singleFlight<T>(
    deadline: Pick<Deadline, 'signal' | 'remainingMs'>,
    look: () => T | undefined,
    work: () => Promise<T>,
    patienceMs?: number,
  ): Promise<T>
  /** Counts the token and saves it. Returns false if other processes cannot use it. */
  save(issued: IssuedToken, requestedAtMs: number): boolean
  remove(): void
  /** Returns how many tokens were requested this month on this computer; undefined if they are not counted. */
  requestedThisMonth(): number | undefined
  /** Returns the token endpoint if it was discovered in the last 24 hours. */
  discoveredEndpoint(): TokenEndpoint | undefined
}

const DISCOVERY_LIFETIME_MS = 24 * 3_600_000

/** @param debug called with the reason if the token is not shared; never with a secret */
export function createSharedToken(host: SharedTokenHost, config: Config, debug: (text: string) => void): SharedToken {
  const mode = tokenCacheMode(host, config)
  const start = tokenPath(host, config)
  const plan = planTokenRequest(config)
  const file = start !== undefined && mode === 'disk' ? createTokenFile(host, `${start}.json`, debug) : undefined
  const count = start === undefined ? undefined : createTokenCount(host, `${start}.`, debug)
  let discovery: SavedToken['discovery']
  return {
    read: () => file?.read(),
    async singleFlight(deadline, look, work, patienceMs) {
      if (start === undefined && mode !== 'off')
        debug('the token is not shared: there is no cache folder; set WFG_CACHE_DIR')
      if (!file || !makeFolder(host, dirname(start!), debug)) return work()
      const { singleFlight } = await import('./single_flight.ts')
      return singleFlight(host, `${start}.lock`, deadline, { look, work, debug, patienceMs })
    },
    save({ value, lifetimeSeconds, quota, discoveredEndpoint }, requestedAtMs) {
      count?.add()
      const found = discoveredEndpoint && { ...discoveredEndpoint, atMs: requestedAtMs }
      discovery = found || discovery || file?.read()?.discovery
      if (lifetimeSeconds === undefined || !file) return false
      return file.write({
        value,
        requestedAtMs,
        lifetimeSeconds,
        provider: plan.provider,
        audience: config.audience ?? config.resource,
        quota,
        discovery,
      })
    },
    remove: () => file?.remove(),
    requestedThisMonth: () => count?.read(),
    discoveredEndpoint() {
      if (plan.tokenEndpoint) return undefined
      const known = discovery ?? file?.read()?.discovery
      const ageMs = known ? host.nowMs() - known.atMs : Number.NaN
      return ageMs >= 0 && ageMs < DISCOVERY_LIFETIME_MS ? known : undefined
    },
  }
}

// --- internal ---

function makeFolder(host: SharedTokenHost, folder: string, debug: (text: string) => void): boolean {
  try {
    makePrivateFolder(folder, host.userId())
    return true
  } catch (error) {
    debug(
      `the token is not shared with other processes: the folder ${quotedPath(folder)} cannot be used (${fileProblem(error)})`,
    )
    return false
  }
}
