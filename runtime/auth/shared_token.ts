/** The access token as the processes of one user share it: its file, the lock around its request, and the count. */
import { dirname } from 'node:path'
import type { Deadline } from '../core/deadline.ts'
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
  /** What was saved, by whichever process; it may have ended. */
  read(): SavedToken | undefined
  /**
   * Runs `work` unless another process does meanwhile, whose result `look` then finds.
   *
   * @param patienceMs what the caller has in all; default the deadline's time
   */
  inOneProcess<T>(
    deadline: Pick<Deadline, 'signal' | 'remainingMs'>,
    look: () => T | undefined,
    work: () => Promise<T>,
    patienceMs?: number,
  ): Promise<T>
  /** Counts the token and saves it; false when other processes cannot have it. */
  save(issued: IssuedToken, requestedAtMs: number): boolean
  remove(): void
  /** How many were requested this month on this computer; undefined where that is not kept. */
  requestedThisMonth(): number | undefined
  /** The token endpoint that was discovered in the last 24 hours. */
  discoveredEndpoint(): TokenEndpoint | undefined
}

const DISCOVERY_LIFETIME_MS = 24 * 3_600_000

/** @param debug told what keeps the token from being shared, and nothing that must not be seen */
export function createSharedToken(host: SharedTokenHost, config: Config, debug: (text: string) => void): SharedToken {
  const mode = tokenCacheMode(host, config)
  const start = tokenPath(host, config)
  const plan = planTokenRequest(config)
  const file = start !== undefined && mode === 'disk' ? createTokenFile(host, `${start}.json`, debug) : undefined
  const count = start === undefined ? undefined : createTokenCount(host, `${start}.`, debug)
  let discovery: SavedToken['discovery']
  return {
    read: () => file?.read(),
    async inOneProcess(deadline, look, work, patienceMs) {
      if (start === undefined && mode !== 'off')
        debug('the token is not shared: there is no folder for it; set WFG_CACHE_DIR')
      if (!file || !makeFolder(host, dirname(start!), debug)) return work()
      const { inOneProcess } = await import('./one_process.ts')
      return inOneProcess(host, `${start}.lock`, deadline, {
        look,
        work,
        debug,
        ...(patienceMs === undefined ? {} : { patienceMs }),
      })
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
      `the token is not shared with other processes: the folder ${JSON.stringify(folder)} cannot be used (${fileProblem(error)})`,
    )
    return false
  }
}
