import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createAccessTokenSource } from '../../runtime/auth/access_token.ts'
import { type IssuedToken, requestAccessToken } from '../../runtime/auth/token_request.ts'
import type { Deadline } from '../../runtime/core/deadline.ts'
import { AccessTokenError, AuthorizationError } from '../../runtime/core/errors.ts'
import { networkHost } from '../../runtime/transport/open_transport.ts'
import { rejects } from '../_assert.ts'
import { project } from '../_cli.ts'
import { fakeHost } from '../_host.ts'
import { withServer } from '../_server.ts'
import { withClient } from '../graphql/_client.ts'
import { configOf } from './_config.ts'

const token = suite('auth/access_token')

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const TIMEOUT_MS = 30 * SECOND

const QUOTA = { 'x-ratelimit-limit': '9' }
const NOTHING = {
  valid: false,
  requestedAtMs: undefined,
  remainingMs: undefined,
  lifetimeMs: undefined,
  source: undefined,
  requestedThisMonth: undefined,
  quota: undefined,
}

type Step = number | undefined | Error | Promise<IssuedToken>

/**
 * A source whose requests are answered by `steps`: a lifetime in seconds gives the tokens `t1`, `t2`, … at once, an
 * error fails at once, a promise is awaited. A request too many fails the test that awaits it.
 */
function sourceOf(...steps: Step[]) {
  const host = fakeHost()
  const deadlines: Deadline[] = []
  const source = createAccessTokenSource({
    host,
    timeoutMs: TIMEOUT_MS,
    async request(deadline) {
      deadlines.push(deadline)
      if (deadlines.length > steps.length) throw new Error(`request ${deadlines.length} was not expected`)
      const step = steps[deadlines.length - 1]
      if (step instanceof Error) throw step
      if (step instanceof Promise) return step
      return issued(`t${deadlines.length}`, step)
    },
  })
  return { host, source, deadlines, requests: () => deadlines.length }
}

function issued(value: string, lifetimeSeconds: number | undefined): IssuedToken {
  return { value, lifetimeSeconds, discoveredEndpoint: undefined, quota: QUOTA }
}

function pendingToken() {
  let resolve: (token: IssuedToken) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<IssuedToken>((...both) => {
    ;[resolve, reject] = both
  })
  const issue = (value: string, lifetimeSeconds = 3600) => resolve(issued(value, lifetimeSeconds))
  return { promise, issue, reject }
}

const refused = new AccessTokenError('refused', { status: 401, permanent: true })
const unavailable = new AccessTokenError('unavailable', { status: 503 })

// --- cached ---

token('get() requests a token at first, and then gives the same one', async () => {
  const { source, requests } = sourceOf(3600)
  assert.is(requests(), 0)
  assert.is(await source.get(), 't1')
  assert.is(await source.get(), 't1')
  assert.is(requests(), 1)
})

token('get() shares one request among 200 callers at once', async () => {
  const { source, requests } = sourceOf(3600)
  const values = await Promise.all(Array.from({ length: 200 }, () => source.get()))
  assert.equal([...new Set(values)], ['t1'])
  assert.is(requests(), 1)
})

token('get() makes one HTTP request for 200 callers at once', () =>
  withServer(
    [{ body: { access_token: 'tok-1', token_type: 'Bearer', expires_in: 60 }, delayMs: 50 }],
    async ({ url }) => {
      const host = networkHost()
      const config = configOf({ WFG_TOKEN_ENDPOINT: `${url}/token` })
      const request = (deadline: Deadline) => requestAccessToken(host, config, deadline)
      const source = createAccessTokenSource({ host, timeoutMs: TIMEOUT_MS, request })
      const values = await Promise.all(Array.from({ length: 200 }, () => source.get()))
      assert.equal([...new Set(values)], ['tok-1'])
      host.transport.close()
    },
  ),
)

// --- renewed ---

token('get() gives the token until the last five minutes without any request', async () => {
  const { host, source, requests } = sourceOf(3600)
  await source.get()
  await host.advance(HOUR - 5 * MINUTE - 1)
  assert.is(await source.get(), 't1')
  assert.is(requests(), 1)
})

token('get() renews in the last five minutes in the background, and serves the old token meanwhile', async () => {
  const renewal = pendingToken()
  const { host, source, requests } = sourceOf(3600, renewal.promise)
  await source.get()
  await host.advance(HOUR - 5 * MINUTE)
  assert.is(await source.get(), 't1')
  assert.is(await source.get(), 't1')
  assert.is(requests(), 2)
  renewal.issue('renewed')
  await host.advance(0)
  assert.is(await source.get(), 'renewed')
  assert.is(requests(), 2)
})

token('get() serves the token until 30 seconds before its end, and not at that moment', async () => {
  const { host, source, requests } = sourceOf(3600, unavailable, 3600)
  await source.get()
  await host.advance(HOUR - 30 * SECOND - 1)
  assert.is(await source.get(), 't1')
  await host.advance(1)
  assert.is(requests(), 2)
  assert.is(await source.get(), 't3')
})

for (const seconds of [1, 10, 60, 300, 600, 3600]) {
  token(`get() renews a token of ${seconds} s while it still serves`, async () => {
    const { host, source, requests } = sourceOf(seconds, 3600)
    await source.get()
    await host.advance(seconds * 1000 * 0.85)
    assert.is(await source.get(), 't1')
    assert.is(requests(), 1)
    await host.advance(seconds * 1000 * 0.08)
    assert.is(await source.get(), 't1')
    assert.is(requests(), 2)
    await host.advance(0)
    assert.is(await source.get(), 't2')
  })
}

token('get() counts the lifetime from before the request', async () => {
  const first = pendingToken()
  const { host, source, requests } = sourceOf(first.promise, 3600)
  const waiting = source.get()
  await host.advance(20 * SECOND)
  first.issue('slow', 60)
  assert.is(await waiting, 'slow')
  await host.advance(36 * SECOND)
  assert.is(await source.get(), 'slow')
  await host.advance(SECOND)
  assert.is(requests(), 2)
  assert.is(await source.get(), 't2')
})

token(
  'get() gives a token to those who waited, even if it has ended meanwhile, without asking again for them',
  async () => {
    const first = pendingToken()
    const { host, source, requests } = sourceOf(first.promise)
    const waiting = [source.get(), source.get()]
    await host.advance(20 * SECOND)
    first.issue('short', 10)
    assert.equal(await Promise.all(waiting), ['short', 'short'])
    assert.is(requests(), 1)
  },
)

token('get() takes a token of unknown lifetime for one of five minutes', async () => {
  const { host, source, requests } = sourceOf(undefined, 3600)
  await source.get()
  await host.advance(5 * MINUTE - 30 * SECOND - 1)
  assert.is(await source.get(), 't1')
  assert.is(requests(), 1)
  await host.advance(15 * SECOND + 1)
  assert.is(await source.get(), 't2')
})

token('get() believes no lifetime beyond 30 days', async () => {
  const { host, source, requests } = sourceOf(315_360_000, 3600)
  await source.get()
  await host.advance(30 * 24 * HOUR - 30 * SECOND)
  assert.is(await source.get(), 't2')
  assert.is(requests(), 2)
})

token('get() lets nobody notice a renewal that fails, and tries again after half a minute', async () => {
  const { host, source, requests } = sourceOf(3600, unavailable, unavailable, 3600)
  await source.get()
  await host.advance(HOUR - 4 * MINUTE)
  for (let count = 0; count < 3; count += 1) {
    assert.is(await source.get(), 't1')
    await host.advance(0)
  }
  assert.is(requests(), 2)
  await host.advance(30 * SECOND - 1)
  assert.is(await source.get(), 't1')
  assert.is(requests(), 2)
  await host.advance(1)
  assert.is(await source.get(), 't1')
  assert.is(requests(), 3)
  await host.advance(30 * SECOND)
  await source.get()
  await host.advance(0)
  assert.is(await source.get(), 't4')
})

token('get() does not repeat a renewal that failed for good, and fails when the token has ended', async () => {
  const { host, source, requests } = sourceOf(3600, refused)
  await source.get()
  await host.advance(HOUR - 4 * MINUTE)
  assert.is(await source.get(), 't1')
  await host.advance(2 * MINUTE)
  assert.is(await source.get(), 't1')
  assert.is(requests(), 2)
  await host.advance(2 * MINUTE)
  assert.is(await rejects(source.get()), refused)
  assert.is(requests(), 2)
})

token('get() waits for a renewal under way when the token ends before it is there', async () => {
  const renewal = pendingToken()
  const { host, source, requests } = sourceOf(3600, renewal.promise)
  await source.get()
  await host.advance(HOUR - 31 * SECOND)
  await source.get()
  await host.advance(2 * SECOND)
  const waiting = source.get()
  renewal.issue('renewed')
  assert.is(await waiting, 'renewed')
  assert.is(requests(), 2)
})

token('get() gives a renewal in the background 10 seconds, and asks again for a caller who waits for it', async () => {
  const never = pendingToken()
  const { host, source, deadlines, requests } = sourceOf(3600, never.promise, 3600)
  await source.get()
  await host.advance(HOUR - 31 * SECOND)
  await source.get()
  assert.is(deadlines[1]!.remainingMs(), 10 * SECOND)
  await host.advance(2 * SECOND)
  const waiting = source.get()
  never.reject(unavailable)
  assert.is(await waiting, 't3')
  assert.is(requests(), 3)
})

// --- the clocks ---

token('get() asks once more when the wall clock jumps an hour forward, and not again', async () => {
  const { host, source, requests } = sourceOf(3600, 3600)
  await source.get()
  host.jump(HOUR)
  assert.is(await source.get(), 't2')
  assert.is(await source.get(), 't2')
  host.jump(-HOUR)
  assert.is(await source.get(), 't2')
  assert.is(requests(), 2)
})

token('get() does not use a token longer when the wall clock jumps an hour back', async () => {
  const { host, source, requests } = sourceOf(3600, 3600)
  await source.get()
  host.jump(-HOUR)
  assert.is(await source.get(), 't1')
  await host.advance(HOUR - 30 * SECOND)
  assert.is(await source.get(), 't2')
  assert.is(requests(), 2)
})

// --- failures ---

token('get() fails for all who wait, with one request, and asks again the next time', async () => {
  const { source, requests } = sourceOf(unavailable, 3600)
  const outcomes = await Promise.allSettled([source.get(), source.get(), source.get()])
  assert.equal(
    outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason === unavailable),
    [true, true, true],
  )
  assert.is(requests(), 1)
  assert.is(await source.get(), 't2')
})

token('get() does not repeat a request that failed for good, until clear()', async () => {
  const { source, requests } = sourceOf(refused, 3600)
  assert.is(await rejects(source.get()), refused)
  assert.is(await rejects(source.get()), refused)
  assert.is(requests(), 1)
  source.clear()
  assert.is(await source.get(), 't2')
})

token('get() gives the request a deadline of its own', async () => {
  const never = pendingToken()
  const { host, source, deadlines } = sourceOf(never.promise)
  const waiting = source.get()
  assert.is(deadlines[0]!.remainingMs(), TIMEOUT_MS)
  await host.advance(TIMEOUT_MS)
  assert.ok(deadlines[0]!.signal.aborted)
  never.reject(unavailable)
  assert.is(await rejects(waiting), unavailable)
})

token('get() leaves no timer behind, whether it got a token or not', async () => {
  const { host, source } = sourceOf(unavailable, 3600)
  await rejects(source.get())
  assert.is(host.pending, 0)
  await source.get()
  assert.is(host.pending, 0)
})

// --- callers that leave ---

token('get() lets an aborted caller go and serves the others', async () => {
  const first = pendingToken()
  const { source, deadlines, requests } = sourceOf(first.promise)
  const caller = new AbortController()
  const leaving = source.get({ signal: caller.signal })
  const staying = source.get()
  caller.abort(new Error('no longer wanted'))
  await rejects(leaving, { message: 'no longer wanted' })
  assert.not.ok(deadlines[0]!.signal.aborted)
  first.issue('shared')
  assert.is(await staying, 'shared')
  assert.is(await source.get(), 'shared')
  assert.is(requests(), 1)
})

token('get() requests nothing for a caller that has aborted already', async () => {
  const { source, requests } = sourceOf()
  await rejects(source.get({ signal: AbortSignal.abort(new Error('gone')) }), { message: 'gone' })
  assert.is(requests(), 0)
})

token('get() keeps no listener on a signal after it was served', async () => {
  const { source } = sourceOf(3600)
  let listeners = 0
  const { signal } = new AbortController()
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1
    remove(...args)
  }
  await source.get({ signal })
  await source.get({ signal })
  await Promise.resolve()
  assert.is(listeners, 0)
})

token('get() ends a request that all have left 5 seconds later, and then asks anew', async () => {
  const first = pendingToken()
  const { host, source, deadlines, requests } = sourceOf(first.promise, 3600)
  const caller = new AbortController()
  const leaving = source.get({ signal: caller.signal })
  caller.abort(new Error('out of time'))
  await rejects(leaving, { message: 'out of time' })
  await host.advance(5 * SECOND - 1)
  assert.not.ok(deadlines[0]!.signal.aborted)
  await host.advance(1)
  assert.ok(deadlines[0]!.signal.aborted)
  assert.is(await source.get(), 't2')
  first.issue('late')
  await host.advance(0)
  assert.is(await source.get(), 't2')
  assert.is(requests(), 2)
})

token('get() goes on with a request that all had left when the next caller comes within 5 seconds', async () => {
  const first = pendingToken()
  const { host, source, requests } = sourceOf(first.promise)
  const caller = new AbortController()
  const leaving = source.get({ signal: caller.signal })
  caller.abort(new Error('out of time'))
  await rejects(leaving, { message: 'out of time' })
  await host.advance(SECOND)
  const staying = source.get()
  await host.advance(10 * SECOND)
  first.issue('slow')
  assert.is(await staying, 'slow')
  assert.is(requests(), 1)
})

token('get() holds a process no longer than 5 seconds for a request that nobody waits for', async () => {
  const folder = project({
    'get.ts': `
      import { createAccessTokenSource } from './runtime/auth/access_token.ts'
      import { networkHost } from './runtime/transport/open_transport.ts'
      const request = (deadline) => new Promise((_, reject) => {
        deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason))
      })
      const source = createAccessTokenSource({ host: networkHost(), timeoutMs: 600_000, request })
      await source.get({ signal: AbortSignal.timeout(50) }).catch((error) => console.log(error.name))`,
  })
  const { status, stdout } = await folder.run([], { entry: 'get.ts', limitMs: 30_000 })
  folder.cleanup()
  assert.is(stdout, 'TimeoutError\n')
  assert.is(status, 0)
})

token('get() leaves no rejection unhandled when every caller has left before the failure', async () => {
  const folder = project({
    'get.ts': `
      import { createAccessTokenSource } from './runtime/auth/access_token.ts'
      import { networkHost } from './runtime/transport/open_transport.ts'
      let fail = () => {}
      const request = () => new Promise<never>((_, reject) => { fail = () => reject(new Error('late')) })
      const source = createAccessTokenSource({ host: networkHost(), timeoutMs: 1000, request })
      const caller = new AbortController()
      const leaving = source.get({ signal: caller.signal })
      caller.abort(new Error('left'))
      await leaving.catch((error) => console.log(error.message))
      fail()
      await new Promise((resolve) => setTimeout(resolve, 20))
      console.log('done')`,
  })
  const { status, stdout } = await folder.run([], { entry: 'get.ts' })
  folder.cleanup()
  assert.is(stdout, 'left\ndone\n')
  assert.is(status, 0)
})

token('get() keeps the process alive while it is pending, and not longer', async () => {
  const folder = project({
    'get.ts': `
      import { createAccessTokenSource } from './runtime/auth/access_token.ts'
      import { networkHost } from './runtime/transport/open_transport.ts'
      const host = networkHost()
      const request = (deadline) => new Promise((resolve) => {
        deadline.signal.addEventListener('abort', () => resolve({ value: 'late', lifetimeSeconds: 3600 }))
      })
      const source = createAccessTokenSource({ host, timeoutMs: 200, request })
      console.log(await source.get())
      const other = createAccessTokenSource({
        host, timeoutMs: 600_000, request: async () => ({ value: 'at once', lifetimeSeconds: 3600 }),
      })
      console.log(await other.get())`,
  })
  const { status, stdout } = await folder.run([], { entry: 'get.ts', limitMs: 30_000 })
  folder.cleanup()
  assert.is(stdout, 'late\nat once\n')
  assert.is(status, 0)
})

// --- invalidate, clear, status ---

token('invalidate() makes the next get() request a new token', async () => {
  const { host, source, requests } = sourceOf(3600, 3600)
  const first = await source.get()
  await host.advance(5 * SECOND)
  source.invalidate(first)
  assert.is(await source.get(), 't2')
  assert.is(requests(), 2)
})

token('invalidate() of an older token changes nothing', async () => {
  const { host, source, requests } = sourceOf(3600, 3600)
  const first = await source.get()
  await host.advance(MINUTE)
  source.invalidate(first)
  await source.get()
  await host.advance(MINUTE)
  source.invalidate(first)
  source.invalidate('never issued')
  assert.is(await source.get(), 't2')
  assert.is(requests(), 2)
})

token('invalidate() by many who were refused with one token leads to one request', async () => {
  const { host, source, requests } = sourceOf(3600, 3600)
  const first = await source.get()
  await host.advance(MINUTE)
  const renewed = await Promise.all(
    Array.from({ length: 50 }, () => {
      source.invalidate(first)
      return source.get()
    }),
  )
  assert.equal([...new Set(renewed)], ['t2'])
  assert.is(requests(), 2)
})

token('invalidate() of a token younger than 5 s makes get() wait a second before it requests another', async () => {
  const { host, source, requests } = sourceOf(3600, 3600)
  const first = await source.get()
  await host.advance(5 * SECOND - 1)
  source.invalidate(first)
  await host.advance(400)
  source.invalidate(first)
  const waiting = [source.get(), source.get()]
  await host.advance(599)
  assert.is(requests(), 1)
  await host.advance(1)
  assert.equal(await Promise.all(waiting), ['t2', 't2'])
  assert.is(requests(), 2)
})

token('invalidate() of an older token makes get() request another at once', async () => {
  const { host, source, requests } = sourceOf(3600, 3600)
  const first = await source.get()
  await host.advance(5 * SECOND)
  source.invalidate(first)
  assert.is(await source.get(), 't2')
  assert.is(requests(), 2)
})

token('invalidate() keeps the fourth token that is refused within a minute', async () => {
  const { host, source, requests } = sourceOf(3600, 3600, 3600, 3600, 3600)
  for (const value of ['t1', 't2', 't3']) {
    assert.is(await source.get(), value)
    await host.advance(10 * SECOND)
    source.invalidate(value)
  }
  assert.is(await source.get(), 't4')
  await host.advance(40 * SECOND - 1)
  source.invalidate('t4')
  assert.is(await source.get(), 't4')
  assert.is(requests(), 4)
  await host.advance(1)
  source.invalidate('t4')
  assert.is(await source.get(), 't5')
})

token('get() lets a caller leave while a refused token settles', async () => {
  const { source } = sourceOf(3600)
  source.invalidate(await source.get())
  const caller = new AbortController()
  const leaving = source.get({ signal: caller.signal })
  caller.abort(new Error('no longer wanted'))
  await rejects(leaving, { message: 'no longer wanted' })
})

// --- as the client uses it ---

const OK = { body: { data: { ok: true } } }
const REFUSED = { status: 401, body: { errors: [{ message: 'Unauthorized' }] } }

function authorizations(requests: readonly { headers: Readonly<Record<string, string>> }[]): (string | undefined)[] {
  return requests.map(({ headers }) => headers['authorization'])
}

token('get() gives another token when the first ends during the wait that Retry-After asks for', async () => {
  const { host, source, requests } = sourceOf(60, 60)
  const busy = async () => {
    await host.advance(MINUTE)
    return { status: 503, headers: { 'retry-after': '2' } }
  }
  await withClient([busy, OK], { token: source }, async ({ wfg, waits }, server) => {
    await wfg('query { ok }')
    assert.equal(waits, [2 * SECOND])
    assert.equal(authorizations(server.requests), ['Bearer t1', 'Bearer t2'])
    assert.is(requests(), 2)
  })
})

token('get() gives one renewed token to 200 calls that were all refused with 401', async () => {
  const { host, source, requests } = sourceOf(3600, 3600)
  await source.get()
  await host.advance(MINUTE)
  const answer = ({ headers }: { headers: Readonly<Record<string, string>> }) =>
    headers['authorization'] === 'Bearer t2' ? OK : REFUSED
  await withClient(Array(400).fill(answer), { token: source }, async ({ wfg }) => {
    await Promise.all(Array.from({ length: 200 }, () => wfg('query { ok }')))
    assert.is(requests(), 2)
  })
})

token('get() keeps the token for a late 401 that refused the one before it', async () => {
  const { host, source, requests } = sourceOf(3600, 3600)
  const late = async () => {
    await host.advance(MINUTE)
    source.invalidate('t1')
    assert.is(await source.get(), 't2')
    return REFUSED
  }
  await withClient([late, OK], { token: source }, async ({ wfg }, server) => {
    await wfg('query { ok }')
    assert.equal(authorizations(server.requests), ['Bearer t1', 'Bearer t2'])
    assert.is(requests(), 2)
  })
})

token(
  'get() renews a fresh token that was refused, after a second, and the error then suspects WorkflowGen',
  async () => {
    const { host, source, requests } = sourceOf(3600, 3600)
    let refusals = 0
    const refuse = () => {
      refusals += 1
      return REFUSED
    }
    await withClient([refuse, refuse], { token: source }, async ({ wfg }, server) => {
      const failing = rejects(wfg('query { ok }'), {
        instance: AuthorizationError,
        message: /the identity provider accepted the client and WorkflowGen did not/,
      })
      while (host.pending === 0) await host.advance(0)
      assert.is(refusals, 1)
      await host.advance(SECOND)
      await failing
      assert.equal(authorizations(server.requests), ['Bearer t1', 'Bearer t2'])
      assert.is(requests(), 2)
    })
  },
)

token('get() costs four tokens a minute at most, however many calls are refused', async () => {
  const { host, source, requests } = sourceOf(3600, 3600, 3600, 3600)
  await source.get()
  await withClient(Array(20).fill(REFUSED), { token: source }, async ({ wfg }) => {
    for (let call = 0; call < 10; call += 1) {
      await host.advance(5 * SECOND)
      await rejects(wfg('query { ok }'), { instance: AuthorizationError })
    }
    assert.is(requests(), 4)
  })
})

// --- the end ---

token('close() gives a renewal 2 seconds to arrive', async () => {
  for (const arrives of [true, false]) {
    const renewal = pendingToken()
    const { host, source, deadlines } = sourceOf(3600, renewal.promise)
    await source.get()
    await host.advance(HOUR - 4 * MINUTE)
    await source.get()
    let closed = false
    const closing = source.close().then(() => {
      closed = true
    })
    await host.advance(2 * SECOND - 1)
    assert.not.ok(closed)
    if (arrives) renewal.issue('renewed')
    else await host.advance(1)
    assert.is(deadlines[1]!.signal.aborted, !arrives)
    if (!arrives) renewal.reject(unavailable)
    await closing
    assert.is(host.pending, 0)
    if (arrives) assert.is(await source.get(), 'renewed')
  }
})

token('close() ends a request that all have left', async () => {
  const first = pendingToken()
  const { host, source, deadlines } = sourceOf(first.promise)
  const caller = new AbortController()
  const leaving = source.get({ signal: caller.signal })
  caller.abort(new Error('interrupted'))
  await rejects(leaving, { message: 'interrupted' })
  const closing = source.close()
  await host.advance(0)
  assert.ok(deadlines[0]!.signal.aborted)
  first.reject(unavailable)
  await closing
})

token('close() has nothing to wait for where nothing is under way', async () => {
  const { source } = sourceOf(3600)
  await source.close()
  await source.get()
  await source.close()
})

token('clear() forgets the token', async () => {
  const { source } = sourceOf(3600, 3600)
  await source.get()
  source.clear()
  assert.equal(source.status(), { ...NOTHING, quota: QUOTA })
  assert.is(await source.get(), 't2')
})

token('clear() lets a request under way serve those who wait for it, and nobody else', async () => {
  const first = pendingToken()
  const { source, requests } = sourceOf(first.promise, 3600)
  const waiting = source.get()
  source.clear()
  const next = source.get()
  first.issue('old')
  assert.is(await waiting, 'old')
  assert.is(await next, 't2')
  assert.is(await source.get(), 't2')
  assert.is(requests(), 2)
})

token('clear() keeps a permanent failure of a request before it from counting', async () => {
  const first = pendingToken()
  const { source } = sourceOf(first.promise, 3600)
  const waiting = source.get()
  source.clear()
  first.reject(refused)
  await rejects(waiting)
  assert.is(await source.get(), 't2')
})

token('status() tells when the token was requested and how long it lasts, and requests nothing', async () => {
  const { host, source, requests } = sourceOf(3600)
  assert.equal(source.status(), NOTHING)
  assert.is(requests(), 0)
  const requestedAtMs = host.nowMs()
  await source.get()
  await host.advance(10 * MINUTE)
  const told = { ...NOTHING, requestedAtMs, lifetimeMs: HOUR, source: 'memory', quota: QUOTA }
  assert.equal(source.status(), { ...told, valid: true, remainingMs: 50 * MINUTE })
  await host.advance(2 * HOUR)
  assert.equal(source.status(), { ...told, valid: false, remainingMs: 0 })
  assert.is(requests(), 1)
})

token.run()
