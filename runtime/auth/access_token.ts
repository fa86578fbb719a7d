/** The access token's life in this process: requested once for all callers, kept in memory, renewed before it expires. */
import { type Deadline, startDeadline } from '../core/deadline.ts'
import { AccessTokenError } from '../core/errors.ts'
import type { Host } from '../host/host.ts'
import { type LivingToken, livingToken, remainingMs } from './living_token.ts'
import type { SharedToken } from './shared_token.ts'
import type { SavedToken } from './token_file.ts'
import type { IssuedToken } from './token_request.ts'

export interface AccessTokenStatus {
  /** Whether there is a token that would be used now. */
  readonly valid: boolean
  /** When it was requested, milliseconds since 1970; undefined where there is none. */
  readonly requestedAtMs: number | undefined
  readonly remainingMs: number | undefined
  /** What it had at first, in milliseconds. */
  readonly lifetimeMs?: number | undefined
  /** `disk`: other processes of this user have it as well. */
  readonly source?: 'memory' | 'disk' | undefined
  /** Tokens requested in this month (UTC) by this user on this computer; undefined where that is not counted. */
  readonly requestedThisMonth?: number | undefined
  /** What the server last said about how many tokens may be requested: header names in lower case, and values. */
  readonly quota?: Readonly<Record<string, string>> | undefined
}

export interface AccessTokenSource {
  /**
   * The token to use now; any number of calls at once make one request.
   *
   * @param options `withinMs`: what the caller has left, which bounds how long another process's request is waited for
   * @throws {AccessTokenError} `WFG_ACCESS_TOKEN`
   */
  get(options?: { signal?: AbortSignal | undefined; withinMs?: number | undefined }): Promise<string>
  /** Requests nothing; looks on the disk where this process has no token yet. */
  status(): AccessTokenStatus
  /**
   * Forgets `value` if it is still the current token: a late refusal of an older one changes nothing. After one that is
   * less than 5 seconds old, the next is requested a second later. The fourth within a minute is kept: a server that
   * refuses all of them must not cost a token a call.
   */
  invalidate(value: string): void
  /**
   * Forgets the token, on the disk too, and what was learnt about failures; a request under way serves only those who
   * wait for it.
   */
  clear(): void
}

export interface ClosableTokenSource extends AccessTokenSource {
  /** For the end of the work: gives a renewal under way 2 seconds to arrive, and ends any other request. */
  close(): Promise<void>
}

export interface AccessTokenOptions {
  host: Pick<Host, 'nowMs' | 'monotonicMs' | 'after' | 'sleep'>
  request(deadline: Deadline): Promise<IssuedToken>
  /** For a token request as a whole; shared by all who wait, so no single caller's deadline ends it. */
  timeoutMs: number
  /** Default: shared with no other process. */
  shared?: SharedToken
  /** Told every token before it is given out. */
  announce?: (value: string) => void
}

/** Between the starts of two renewals in the background. */
const RENEWAL_PAUSE_MS = 30_000
/** For a renewal in the background, which may outlast the work of a short process. */
const RENEWAL_TIMEOUT_MS = 10_000
/** After a fresh token was refused: servers may not know it, or the keys it was signed with, at once. */
const SETTLING_MS = 1000
/** So many refused tokens are replaced in this time; further ones would only be refused as well, and cost. */
const MAX_REPLACED = 3
const REPLACED_WITHIN_MS = 60_000
/** A request that all have left holds the process no longer than this; meanwhile the next caller may want it. */
const LEFT_MS = 5000
/** For a renewal under way when the work ends: cut off, it would be paid for and asked for again. */
const LAST_RENEWAL_MS = 2000

interface Pending {
  readonly token: Promise<LivingToken>
  readonly isRenewal: boolean
  readonly ending: AbortController
}

export function createAccessTokenSource(options: AccessTokenOptions): ClosableTokenSource {
  const { host, request, timeoutMs, shared, announce = () => {} } = options
  let current: LivingToken | undefined
  let pending: Pending | undefined
  let waiting = 0
  let permanentFailure: AccessTokenError | undefined
  let renewalNotBeforeMs = 0
  let quota: IssuedToken['quota'] | undefined
  let refused: string | undefined
  let settledAtMs = 0
  /** When tokens were refused, on the monotonic clock; the latest only. */
  let refusedAtMs: readonly number[] = []
  /** What was started before a `clear` is not kept. */
  let clears = 0

  const isServable = (token: LivingToken | undefined): token is LivingToken =>
    token !== undefined && remainingMs(host, token) > token.leewayMs

  /** Everything is settled where the request ends, and only if nothing was cleared meanwhile. */
  const requestShared = (isRenewal: boolean, patienceMs = timeoutMs): Promise<LivingToken> => {
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

  const end = (unwanted: Pending): void => {
    unwanted.ending.abort(new Error('nobody waits for it any more'))
    if (pending === unwanted) pending = undefined
  }

  /** What `request` gives, unless the caller leaves; one that all have left is ended after a while. */
  const awaited = async (request: Promise<LivingToken>, signal: AbortSignal | undefined): Promise<LivingToken> => {
    waiting += 1
    try {
      return await unlessAborted(request, signal)
    } finally {
      waiting -= 1
      const abandoned = waiting === 0 ? pending : undefined
      if (abandoned && !abandoned.isRenewal) {
        host.after(LEFT_MS, () => waiting === 0 && end(abandoned), { holds: false })
      }
    }
  }

  const obtain = async (
    { withinMs, patienceMs }: { withinMs: number; patienceMs: number },
    isWanted: () => boolean,
    ended: AbortSignal,
  ): Promise<LivingToken> => {
    const deadline = startDeadline(host, withinMs, [ended])
    const work = async () => {
      const [startedMs, requestedAtMs] = [host.monotonicMs(), host.nowMs()]
      const issued = await request(deadline)
      quota = issued.quota
      const isShared = isWanted() && shared?.save(issued, requestedAtMs) === true
      return livingToken({ ...issued, startedMs, requestedAtMs, arrivedMs: host.monotonicMs(), isShared })
    }
    try {
      return await (shared ? shared.inOneProcess(deadline, left, work, Math.min(withinMs, patienceMs)) : work())
    } finally {
      deadline.clear()
    }
  }

  /** The token that another process left, where it is of more use than ours. */
  const left = (): LivingToken | undefined => {
    const saved = shared?.read()
    if (!saved || saved.value === refused || saved.value === current?.value) return undefined
    const token = fromSaved(host, saved)
    const leastMs = current ? remainingMs(host, current) : 0
    return isServable(token) && remainingMs(host, token) > leastMs ? token : undefined
  }

  const adoptLeft = (): void => {
    const token = left()
    if (!token) return
    announce(token.value)
    current = token
  }

  const renewInBackground = (): void => {
    if (pending || permanentFailure || host.monotonicMs() < renewalNotBeforeMs) return
    renewalNotBeforeMs = host.monotonicMs() + RENEWAL_PAUSE_MS
    // The token still serves, so nobody needs to know.
    requestShared(true).catch(() => {})
  }

  /** A renewal has less time than a caller who needs its token, and then asks again. */
  const requestNow = (withinMs: number | undefined): Promise<LivingToken> => {
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
      if (!isServable(current)) {
        if (permanentFailure) throw permanentFailure
        adoptLeft()
      }
      if (!isServable(current)) return (await awaited(requestNow(withinMs), signal)).value
      if (remainingMs(host, current) <= current.renewalMs) renewInBackground()
      return current.value
    },
    status() {
      const saved = shared?.read()
      const token = current ?? (saved && fromSaved(host, saved))
      return {
        valid: isServable(token) && token.value !== refused,
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
      const cancel = host.after(last.isRenewal ? LAST_RENEWAL_MS : 0, () => end(last))
      await last.token.catch(() => {})
      cancel()
    },
  }
}

// --- internal ---

function fromSaved(host: AccessTokenOptions['host'], saved: SavedToken): LivingToken {
  const startedMs = host.monotonicMs() - (host.nowMs() - saved.requestedAtMs)
  return livingToken({ ...saved, startedMs, arrivedMs: startedMs, isShared: true })
}

function permanentOf(error: unknown): AccessTokenError | undefined {
  return error instanceof AccessTokenError && error.permanent ? error : undefined
}

/** An aborted caller leaves; the request goes on for the others. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
