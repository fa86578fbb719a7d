/** The access token in this process: requested once for all callers, kept in memory, renewed before it expires. */
import { type Deadline, startDeadline } from '../core/deadline.ts'
import { AccessTokenError } from '../core/errors.ts'
import type { Host } from '../host/host.ts'
import type { SharedToken } from './shared_token.ts'
import type { SavedToken } from './token_file.ts'
import { type AccessToken, remainingMs, withLifetime } from './token_lifetime.ts'
import type { IssuedToken } from './token_request.ts'

export interface AccessTokenStatus {
  /** Whether there is a token that can be used now. */
  readonly valid: boolean
  /** Milliseconds since 1970; undefined if there is no token. */
  readonly requestedAtMs: number | undefined
  readonly remainingMs: number | undefined
  readonly lifetimeMs?: number | undefined
  /** `disk`: other processes of this user can use the token too. */
  readonly source?: 'memory' | 'disk' | undefined
  /** Tokens that this user requested on this computer in this month (UTC); undefined if they are not counted. */
  readonly requestedThisMonth?: number | undefined
  /** The last response headers that state how many tokens may be requested; names in lower case. */
  readonly quota?: Readonly<Record<string, string>> | undefined
}

export interface AccessTokenSource {
  /**
   * Returns the token to use now. Calls at the same time share one request.
   *
   * @param options `withinMs`: time that the caller has left, part of which may be spent waiting for another process
   * @throws {AccessTokenError} `WFG_ACCESS_TOKEN`
   */
  get(options?: { signal?: AbortSignal | undefined; withinMs?: number | undefined }): Promise<string>
  /** Requests nothing. Reads the disk if this process has no token yet. */
  status(): AccessTokenStatus
  /**
   * Drops `value`, which a server refused, if it is still the current token. If the token is less than 5 seconds old, the
   * next one is requested a second later. After three dropped tokens within a minute, further ones are kept: a server
   * that refuses every token must not cost a token for each call.
   */
  invalidate(value: string): void
  /**
   * Drops the token, on the disk too, and forgets earlier failures. A request in progress serves only its current
   * callers.
   */
  clear(): void
}

export interface ClosableTokenSource extends AccessTokenSource {
  /** Gives a renewal in progress 2 seconds to finish, and aborts any other request. */
  close(): Promise<void>
}

interface AccessTokenOptions {
  host: Pick<Host, 'nowMs' | 'monotonicMs' | 'after' | 'sleep'>
  request(deadline: Deadline): Promise<IssuedToken>
  /** For the whole token request. Callers share it, so no caller's own deadline ends it. */
  timeoutMs: number
  /** Default: the token is not shared with other processes. */
  shared?: SharedToken
  /** Called with each token before it is returned. */
  announce?: (value: string) => void
}

/** Time between the starts of two renewals in the background. */
const RENEWAL_PAUSE_MS = 30_000
/** Timeout of a renewal in the background, which may outlast a short script. */
const RENEWAL_TIMEOUT_MS = 10_000
/** Pause after a fresh token was refused: servers may not know it, or its signing key, at once. */
const SETTLING_MS = 1000
/** How many refused tokens are replaced within the time below. More would only cost, and be refused too. */
const MAX_REPLACED = 3
const REPLACED_WITHIN_MS = 60_000
/** How long a request goes on after its last caller has left, in case another one comes. */
const ABANDONED_MS = 5000
/** Time for a renewal in progress when the script ends. Aborted, its token would be paid for and not used. */
const LAST_RENEWAL_MS = 2000

interface Pending {
  readonly token: Promise<AccessToken>
  readonly isRenewal: boolean
  readonly ending: AbortController
}

export function createAccessTokenSource(options: AccessTokenOptions): ClosableTokenSource {
  const { host, request, timeoutMs, shared, announce = () => {} } = options
  let current: AccessToken | undefined
  let pending: Pending | undefined
  let waiting = 0
  let permanentFailure: AccessTokenError | undefined
  let renewalNotBeforeMs = 0
  let quota: IssuedToken['quota'] | undefined
  let refused: string | undefined
  let settledAtMs = 0
  /** When the latest tokens were refused, on the monotonic clock. */
  let refusedAtMs: readonly number[] = []
  /** The number of `clear` calls: the result of a request that started before one is not kept. */
  let clears = 0

  const isUsable = (token: AccessToken | undefined): token is AccessToken =>
    token !== undefined && remainingMs(host, token) > token.leewayMs

  const requestShared = (isRenewal: boolean, patienceMs = timeoutMs): Promise<AccessToken> => {
    if (pending) return pending.token
    const before = clears
    const ending = new AbortController()
    const isWanted = () => clears === before && !ending.signal.aborted
    const withinMs = isRenewal ? Math.min(timeoutMs, RENEWAL_TIMEOUT_MS) : timeoutMs
    const token = obtain({ withinMs, patienceMs }, isWanted, ending.signal).then(
      (obtained) => {
        announce(obtained.value)
        if (isWanted()) [pending, current] = [undefined, obtained]
        return obtained
      },
      (error) => {
        if (isWanted()) [pending, permanentFailure] = [undefined, permanentOf(error)]
        throw error
      },
    )
    pending = { token, isRenewal, ending }
    return token
  }

  const abort = (unwanted: Pending): void => {
    unwanted.ending.abort(new Error('no caller waits for it any more'))
    if (pending === unwanted) pending = undefined
  }

  /** Waits for the request unless the caller aborts. The request is aborted some time after its last caller has left. */
  const waitFor = async (request: Promise<AccessToken>, signal: AbortSignal | undefined): Promise<AccessToken> => {
    waiting += 1
    try {
      return await unlessAborted(request, signal)
    } finally {
      waiting -= 1
      const abandoned = waiting === 0 ? pending : undefined
      if (abandoned && !abandoned.isRenewal) {
        host.after(ABANDONED_MS, () => waiting === 0 && abort(abandoned), { holds: false })
      }
    }
  }

  const obtain = async (
    { withinMs, patienceMs }: { withinMs: number; patienceMs: number },
    isWanted: () => boolean,
    ended: AbortSignal,
  ): Promise<AccessToken> => {
    const deadline = startDeadline(host, withinMs, [ended])
    const work = async () => {
      const [startedMs, requestedAtMs] = [host.monotonicMs(), host.nowMs()]
      const issued = await request(deadline)
      quota = issued.quota
      const isShared = isWanted() && shared?.save(issued, requestedAtMs) === true
      return withLifetime({ ...issued, startedMs, requestedAtMs, arrivedMs: host.monotonicMs(), isShared })
    }
    try {
      return await (shared ? shared.singleFlight(deadline, savedToken, work, Math.min(withinMs, patienceMs)) : work())
    } finally {
      deadline.clear()
    }
  }

  /** The token that another process saved, if it is better than ours. */
  const savedToken = (): AccessToken | undefined => {
    const saved = shared?.read()
    if (!saved || saved.value === refused || saved.value === current?.value) return undefined
    const token = fromSaved(host, saved)
    const leastMs = current ? remainingMs(host, current) : 0
    return isUsable(token) && remainingMs(host, token) > leastMs ? token : undefined
  }

  const adoptSaved = (): void => {
    const token = savedToken()
    if (!token) return
    announce(token.value)
    current = token
  }

  const renewInBackground = (): void => {
    if (pending || permanentFailure || host.monotonicMs() < renewalNotBeforeMs) return
    renewalNotBeforeMs = host.monotonicMs() + RENEWAL_PAUSE_MS
    // The current token is still usable, so a failure does not matter yet.
    requestShared(true).catch(() => {})
  }

  /** If a renewal fails, requests again: a renewal has less time than a caller that needs the token. */
  const requestNow = (withinMs: number | undefined): Promise<AccessToken> => {
    if (!pending?.isRenewal) return requestShared(false, withinMs)
    return pending.token.catch((error) => {
      if (permanentOf(error)) throw error
      return requestShared(false, withinMs)
    })
  }

  return {
    async get({ signal, withinMs } = {}) {
      signal?.throwIfAborted()
      const waitMs = settledAtMs - host.monotonicMs()
      if (!current && waitMs > 0) await host.sleep(waitMs, signal)
      if (!isUsable(current)) {
        if (permanentFailure) throw permanentFailure
        adoptSaved()
      }
      if (!isUsable(current)) return (await waitFor(requestNow(withinMs), signal)).value
      if (remainingMs(host, current) <= current.renewalMs) renewInBackground()
      return current.value
    },
    status() {
      const saved = shared?.read()
      const token = current ?? (saved && fromSaved(host, saved))
      return {
        valid: isUsable(token) && token.value !== refused,
        requestedAtMs: token?.requestedAtMs,
        remainingMs: token && Math.max(0, Math.floor(remainingMs(host, token))),
        lifetimeMs: token?.lifetimeMs,
        source: token && (token.isShared ? 'disk' : 'memory'),
        requestedThisMonth: shared?.requestedThisMonth(),
        quota: quota ?? saved?.quota,
      }
    },
    invalidate(value) {
      if (current?.value !== value) return
      const nowMs = host.monotonicMs()
      refusedAtMs = refusedAtMs.filter((atMs) => nowMs - atMs < REPLACED_WITHIN_MS)
      if (refusedAtMs.length >= MAX_REPLACED) return
      refusedAtMs = [...refusedAtMs, nowMs]
      if (nowMs < current.freshUntilMs) settledAtMs = nowMs + SETTLING_MS
      refused = value
      current = undefined
    },
    clear() {
      clears += 1
      current = undefined
      pending = undefined
      permanentFailure = undefined
      renewalNotBeforeMs = 0
      refusedAtMs = []
      shared?.remove()
    },
    async close() {
      const last = pending
      if (!last) return
      const cancel = host.after(last.isRenewal ? LAST_RENEWAL_MS : 0, () => abort(last))
      await last.token.catch(() => {})
      cancel()
    },
  }
}

// --- internal ---

function fromSaved(host: AccessTokenOptions['host'], saved: SavedToken): AccessToken {
  const startedMs = host.monotonicMs() - (host.nowMs() - saved.requestedAtMs)
  return withLifetime({ ...saved, startedMs, arrivedMs: startedMs, isShared: true })
}

function permanentOf(error: unknown): AccessTokenError | undefined {
  return error instanceof AccessTokenError && error.permanent ? error : undefined
}

/** Rejects when the signal aborts. The request goes on for the other callers. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
