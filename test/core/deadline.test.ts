import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { link, startDeadline } from '../../runtime/core/deadline.ts'
import { fakeHost } from '../_host.ts'

const deadline = suite('deadline')

deadline('startDeadline() aborts when the time is over, and not before', async () => {
  const host = fakeHost()
  const { signal, timeoutMs } = startDeadline(host, 1000)
  assert.is(timeoutMs, 1000)
  await host.advance(999)
  assert.not.ok(signal.aborted)
  await host.advance(1)
  assert.ok(signal.aborted)
  assert.is(signal.reason.name, 'TimeoutError')
  assert.is(signal.reason.message, 'no answer within 1000 ms')
})

deadline('startDeadline() tells how much time is left, never less than nothing', async () => {
  const host = fakeHost()
  const started = startDeadline(host, 1000)
  assert.is(started.remainingMs(), 1000)
  await host.advance(400)
  assert.is(started.remainingMs(), 600)
  host.jump(3_600_000)
  assert.is(started.remainingMs(), 600)
  await host.advance(5000)
  assert.is(started.remainingMs(), 0)
})

deadline('startDeadline() aborts with the reason of the caller when that aborts, and has not expired then', () => {
  const caller = new AbortController()
  const started = startDeadline(fakeHost(), 1000, [undefined, caller.signal])
  const reason = new Error('no longer wanted')
  caller.abort(reason)
  assert.is(started.signal.reason, reason)
  assert.not.ok(started.expired)
})

deadline('link() takes as many listeners on one signal as there are calls, without a warning', async () => {
  const warnings: string[] = []
  const note = (warning: Error): void => {
    warnings.push(warning.message)
  }
  process.on('warning', note)
  const { signal } = new AbortController()
  const undo = Array.from({ length: 20 }, () => link(new AbortController(), [signal]))
  // A warning comes on a later turn.
  await setTimeout(1)
  process.off('warning', note)
  for (const each of undo) each()
  assert.equal(warnings, [])
})

deadline('link() follows one signal for several, each until it is undone', () => {
  const caller = new AbortController()
  const [early, twice, late] = [new AbortController(), new AbortController(), new AbortController()]
  const undoEarly = link(early, [caller.signal])
  const undoTwice = link(twice, [caller.signal])
  undoEarly()
  undoTwice()
  link(late, [caller.signal])
  undoTwice()
  link(twice, [caller.signal])
  caller.abort('gone')
  assert.not.ok(early.signal.aborted)
  assert.is(twice.signal.reason, 'gone')
  assert.is(late.signal.reason, 'gone')
})

deadline('startDeadline() has aborted at once when the caller had', () => {
  const started = startDeadline(fakeHost(), 1000, [AbortSignal.abort('gone')])
  assert.is(started.signal.reason, 'gone')
  assert.not.ok(started.expired)
})

deadline('startDeadline() has expired when the time ended the call', async () => {
  const host = fakeHost()
  const caller = new AbortController()
  const started = startDeadline(host, 1000, [caller.signal])
  await host.advance(1000)
  caller.abort()
  assert.ok(started.expired)
  assert.is(started.signal.reason.name, 'TimeoutError')
})

deadline('startDeadline() has not expired when the time is over after the caller aborted', async () => {
  const host = fakeHost()
  const caller = new AbortController()
  const started = startDeadline(host, 1000, [caller.signal])
  caller.abort('no longer wanted')
  await host.advance(1000)
  assert.not.ok(started.expired)
  assert.is(started.signal.reason, 'no longer wanted')
})

deadline('clear() leaves no timer, and lets go of the caller', async () => {
  const host = fakeHost()
  const caller = new AbortController()
  const started = startDeadline(host, 1000, [caller.signal])
  assert.is(host.pending, 1)
  started.clear()
  assert.is(host.pending, 0)
  caller.abort()
  await host.advance(2000)
  assert.not.ok(started.signal.aborted)
  assert.not.ok(started.expired)
})

deadline('link() aborts with the first signal that does, until it is undone', () => {
  const [a, b, target] = [new AbortController(), new AbortController(), new AbortController()]
  link(target, [a.signal, undefined, b.signal])
  b.abort('b')
  a.abort('a')
  assert.is(target.signal.reason, 'b')
})

deadline.run()
