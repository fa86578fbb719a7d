/** The process that waits for the next job: real processes, which say who they are. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSpare, type Spare } from '../../../runtime/queue/run/spare.ts'
import { type FakeHost, fakeHost } from '../../_host.ts'
import { RUNTIME } from '../../_runtime.ts'
import { until } from '../_office.ts'

const spare = suite('queue/run/spare')

interface Given {
  readonly spare: Spare
  readonly host: FakeHost
  /** All that were started, in order. */
  readonly started: ChildProcess[]
  readonly controller: AbortController
  version: string
}

async function withSpare(source: string, check: (given: Given) => Promise<void>): Promise<void> {
  const host = fakeHost({
    ...{ env: process.env, platform: process.platform, random: () => 1 },
    kill: (pid, signal) => process.kill(pid, signal),
  })
  const controller = new AbortController()
  const started: ChildProcess[] = []
  const start = () => {
    const args = RUNTIME === 'deno' ? ['eval', source] : ['-e', source]
    started.push(spawn(process.execPath, args, { stdio: 'ignore', detached: true, windowsHide: true }))
    return started.at(-1)!
  }
  const given = { host, started, controller, version: '1' }
  try {
    await check(Object.assign(given, { spare: createSpare(host, start, () => given.version, controller.signal) }))
  } finally {
    for (const child of started) child.kill('SIGKILL')
  }
}

const WAITS = 'setInterval(() => {}, 1000)'

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

spare('a job gets the process that was started before it, and the next one is started', () =>
  withSpare(WAITS, async ({ spare, started }) => {
    assert.is(started.length, 1)
    assert.is(spare.take(), started[0])
    assert.is(spare.take(), started[1])
    assert.is(started.length, 3)
  }),
)

spare('one that was started before tasks.ts changed is ended, and not used', () =>
  withSpare(WAITS, async (given) => {
    const { spare, started } = given
    given.version = '2'
    assert.is(spare.take(), started[1])
    if (!hasEnded(started[0]!)) await once(started[0]!, 'exit')
    assert.is(spare.take(), started[2])
  }),
)

spare('one that was killed is replaced', () =>
  withSpare(WAITS, async ({ spare, started, host }) => {
    started[0]!.kill('SIGKILL')
    await until('it is noticed', () => (host.pending > 0 ? true : undefined))
    await host.advance(1200)
    assert.is(started.length, 2)
    assert.is(spare.take(), started[1])
  }),
)

spare('processes that cannot start are tried less and less often', () =>
  withSpare('throw 1', async ({ started, host }) => {
    for (const waitMs of [1200, 1400, 1800]) {
      await until('it is noticed', () => (host.pending > 0 ? true : undefined))
      const before = started.length
      await host.advance(waitMs - 1)
      assert.is(started.length, before)
      await host.advance(1)
      assert.is(started.length, before + 1)
    }
  }),
)

spare('it ends with its worker, and no other is started', () =>
  withSpare(WAITS, async ({ spare, started, controller }) => {
    controller.abort()
    if (!hasEnded(started[0]!)) await once(started[0]!, 'exit')
    const last = spare.take()
    assert.is(last, started[1])
    assert.is(started.length, 2)
  }),
)

spare.run()
