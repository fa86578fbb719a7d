import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { singleFlight } from '../../runtime/auth/single_flight.ts'
import { takeBriefLock } from '../../runtime/host/process_lock.ts'
import { rejects } from '../_assert.ts'
import { temporaryFolder } from '../_cli.ts'
import { type FakeHost, fakeHost } from '../_host.ts'
import { processHost } from './_sharing.ts'

const one = suite('auth/single_flight')

const FOREVER = { signal: new AbortController().signal, remainingMs: () => 30_000 }

async function withHost(action: (host: FakeHost, path: string) => unknown): Promise<void> {
  const folder = temporaryFolder()
  try {
    await action(fakeHost(processHost()), join(folder, 'x.lock'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function never(): never {
  throw new Error('was not expected')
}

one('singleFlight() does the work under the lock, and releases it', () =>
  withHost(async (host, path) => {
    const work = async () => {
      assert.is(takeBriefLock(host, path, 1), undefined)
      return 'done'
    }
    assert.is(await singleFlight(host, path, FOREVER, { look: () => undefined, work, debug: never }), 'done')
    assert.ok(takeBriefLock(host, path, 1))
  }),
)

one('singleFlight() releases the lock when the work fails', () =>
  withHost(async (host, path) => {
    const work = () => Promise.reject(new Error('failed'))
    const failing = singleFlight(host, path, FOREVER, { look: () => undefined, work, debug: never })
    await rejects(failing, { message: 'failed' })
    assert.ok(takeBriefLock(host, path, 1))
  }),
)

one('singleFlight() looks again under the lock, and does nothing when the work was done meanwhile', () =>
  withHost(async (host, path) => {
    assert.is(await singleFlight(host, path, FOREVER, { look: () => 'there', work: never, debug: never }), 'there')
  }),
)

one('singleFlight() waits for the work of another process, and takes its result while that still holds the lock', () =>
  withHost(async (host, path) => {
    takeBriefLock(host, path, 30_000)
    let result: string | undefined
    const waiting = singleFlight(host, path, FOREVER, { look: () => result, work: never, debug: never })
    await host.advance(5000)
    result = 'done elsewhere'
    await host.advance(100)
    assert.is(await waiting, 'done elsewhere')
    assert.is(host.pending, 0)
  }),
)

one('singleFlight() waits for a part of what its caller has, and holds the lock for as long as the work may take', () =>
  withHost(async (host, path) => {
    const foreign = takeBriefLock(host, path, 30_000)!
    const said: string[] = []
    let working = false
    const work = async () => {
      working = true
      return 'done'
    }
    const shared = { look: () => undefined, work, debug: (text: string) => said.push(text), patienceMs: 3000 }
    const waiting = singleFlight(host, path, FOREVER, shared)
    await host.advance(1900)
    assert.not(working)
    await host.advance(300)
    assert.is(await waiting, 'done')
    assert.match(said[0]!, /taking too long/)
    foreign.release()
  }),
)

one('singleFlight() does the work soon after another process gave up', () =>
  withHost(async (host, path) => {
    const other = takeBriefLock(host, path, 30_000)!
    const waiting = singleFlight(host, path, FOREVER, { look: () => undefined, work: async () => 'done', debug: never })
    await host.advance(5000)
    other.release()
    await host.advance(100)
    assert.is(await waiting, 'done')
  }),
)

one('singleFlight() waits for two thirds of its time, and then does the work without the lock', () =>
  withHost(async (host, path) => {
    takeBriefLock(host, path, 120_000)
    const debug: string[] = []
    let startedMs = 0
    const work = async () => {
      startedMs = host.monotonicMs()
      return 'done'
    }
    const look = () => undefined
    const waiting = singleFlight(host, path, FOREVER, { look, work, debug: (text) => debug.push(text) })
    await host.advance(20_200)
    assert.is(await waiting, 'done')
    assert.ok(startedMs >= 20_000 && startedMs <= 20_100, `started at ${startedMs}`)
    assert.equal(debug, ['another process is taking too long to request one, so this process requests one too'])
    assert.is(takeBriefLock(host, path, 1), undefined)
  }),
)

one('singleFlight() does the work without the lock where none can be written, and says so', () =>
  withHost(async (host, path) => {
    const debug: string[] = []
    const work = async () => 'done'
    const look = () => undefined
    const done = singleFlight(host, join(path, 'no', 'folder'), FOREVER, {
      look,
      work,
      debug: (text) => debug.push(text),
    })
    assert.is(await done, 'done')
    assert.equal(debug, ['the lock between processes cannot be used (ENOENT)'])
  }),
)

one('singleFlight() ends its wait with the signal', () =>
  withHost(async (host, path) => {
    takeBriefLock(host, path, 30_000)
    const controller = new AbortController()
    const deadline = { ...FOREVER, signal: controller.signal }
    const waiting = singleFlight(host, path, deadline, { look: () => undefined, work: never, debug: never })
    controller.abort(new Error('over'))
    await rejects(waiting, { message: 'over' })
  }),
)

one.run()
